//! The edits of devcontainer.json, gathered first so that their order is right whatever order the
//! parts of the conversion come in.

use drawbridge_jsonc::{Edit, Pointer};
use serde_json::Value as Json;

use super::paths;
use super::state::State;
use super::{Context, ItemKind};
use crate::devcontainer::{Config, Kind, Located};

/// What has to change in the file.
#[derive(Debug, Default)]
pub(super) struct Edits {
    /// Variables that are written into `containerEnv`.
    pub(super) container_env: Vec<(String, String)>,
    /// What `containerUser` becomes, when it has to change.
    pub(super) container_user: Option<String>,
    /// Members that go away.
    pub(super) remove: Vec<Pointer>,
    /// Elements of `mounts` that are rewritten.
    pub(super) mounts_set: Vec<(usize, Json)>,
    /// Elements of `mounts` that go away.
    pub(super) mounts_remove: Vec<usize>,
    /// New elements of `mounts`.
    pub(super) mounts_add: Vec<Json>,
    /// Elements of `securityOpt` that go away.
    pub(super) security_remove: Vec<usize>,
    /// What `workspaceFolder` becomes, when it has to change.
    pub(super) workspace_folder: Option<String>,
}

/// Properties that Compose configurations ignore, or that would make the CLI choose another kind.
const OBSOLETE: [&str; 7] =
    ["image", "dockerFile", "context", "build", "runArgs", "appPort", "workspaceMount"];

/// Properties that the CLI applies to a Compose container as to any other, for the report.
const SAME: [&str; 10] = [
    "containerEnv",
    "containerUser",
    "remoteUser",
    "remoteEnv",
    "init",
    "privileged",
    "capAdd",
    "securityOpt",
    "features",
    "hostRequirements",
];

impl Edits {
    pub(super) fn finish(self, config: &Config<'_>, context: &Context<'_>) -> Vec<Edit> {
        let root = Pointer::root();
        let mut edits = Vec::new();
        edits.extend(place_compose_file(config, context));
        edits.push(Edit::Set { at: root.key("service"), value: Json::from(context.service) });
        if let Some(folder) = self.workspace_folder {
            edits.push(Edit::Set { at: root.key("workspaceFolder"), value: Json::from(folder) });
        }
        if config.override_command.is_none() && image_says_nothing(context) {
            // Compose configurations run the image's own command unless told otherwise.
            edits.push(Edit::Set { at: root.key("overrideCommand"), value: Json::Bool(true) });
        }
        if config.shutdown_action.as_ref().is_some_and(|action| action.value == "stopContainer") {
            let at = root.key("shutdownAction");
            edits.push(Edit::Set { at, value: Json::from("stopCompose") });
        }
        for (name, value) in self.container_env {
            let at = root.key("containerEnv").key(name);
            edits.push(Edit::Set { at, value: Json::from(value) });
        }
        if let Some(user) = self.container_user {
            edits.push(Edit::Set { at: root.key("containerUser"), value: Json::from(user) });
        }
        let mounts = root.key("mounts");
        for (index, value) in self.mounts_set {
            edits.push(Edit::Set { at: mounts.index(index), value });
        }
        for value in &self.mounts_add {
            edits.push(Edit::Append { at: mounts.clone(), value: value.clone() });
        }
        let all = config.mounts.len() == self.mounts_remove.len() && self.mounts_add.is_empty();
        edits.extend(remove_elements(&mounts, self.mounts_remove, all));
        let all = config.security_opt.len() == self.security_remove.len();
        edits.extend(remove_elements(&root.key("securityOpt"), self.security_remove, all));
        edits.extend(self.remove.into_iter().map(|at| Edit::Remove { at }));
        edits
    }
}

/// Puts `dockerComposeFile` where the image or the build was, and takes the obsolete members away.
fn place_compose_file(config: &Config<'_>, context: &Context<'_>) -> Vec<Edit> {
    let root = Pointer::root();
    let dir = context.config.parent();
    let path = paths::rebase(context.compose.as_str(), &crate::project::RelPath::root(), &dir);
    let value = Json::from(path.strip_prefix("./").unwrap_or(&path));
    let to = root.key("dockerComposeFile");
    let old = match config.kind {
        Kind::Image => "image",
        _ if config.has("build") => "build",
        _ => "dockerFile",
    };
    let mut edits = Vec::new();
    let renamed = !config.has("dockerComposeFile") && config.has(old);
    if renamed {
        edits.push(Edit::Move { from: root.key(old), to: to.clone() });
    }
    edits.push(Edit::Set { at: to, value });
    for name in OBSOLETE {
        if config.has(name) && !(renamed && name == old) {
            edits.push(Edit::Remove { at: root.key(name) });
        }
    }
    edits
}

/// Removes from the back, so that the indices before stay right.
fn remove_elements(array: &Pointer, mut indices: Vec<usize>, all: bool) -> Vec<Edit> {
    if indices.is_empty() {
        return Vec::new();
    }
    if all {
        return vec![Edit::Remove { at: array.clone() }];
    }
    indices.sort_unstable();
    indices.iter().rev().map(|index| Edit::Remove { at: array.index(*index) }).collect()
}

/// Whether the image's label leaves the question open, so that the kind's default counts.
fn image_says_nothing(context: &Context<'_>) -> bool {
    context.image.is_none_or(|image| image.override_command.is_none())
}

/// Reports what stays, and rewrites what means something else for a Compose configuration.
pub(super) fn keep_rest(state: &mut State<'_>) {
    let config = state.config;
    for name in SAME {
        if let Some(span) = config.span(name) {
            let place = Located { value: (), span, at: Pointer::root().key(name) };
            state.item(ItemKind::Kept, name, &place, name, "applied to Compose containers too");
        }
    }
    keep_container_env(state);
    keep_security_opt(state);
    if let Some(files) = config.span("dockerComposeFile") {
        let place = Located { value: (), span: files, at: Pointer::root() };
        let why = "the official CLI ignored it beside the image; now it names Drawbridge's file";
        state.item(ItemKind::Lost, "dockerComposeFile", &place, "dockerComposeFile", why);
    }
    if config.kind == Kind::Image && config.has("build") {
        let place =
            Located { value: (), span: config.span("build").unwrap_or_default(), at: Pointer::root() };
        let why = "had no effect without a Dockerfile";
        state.item(ItemKind::Note, "build", &place, "build", why);
    }
    if config.kind == Kind::Dockerfile
        && let Some(image) = &config.image
    {
        let why = "had no effect beside the Dockerfile";
        state.item(ItemKind::Note, "image", image, "image", why);
    }
}

/// The CLI writes the environment into a Compose file of its own, where a line break turns into
/// the two characters `\n` and an escape character makes the file invalid.
fn keep_container_env(state: &mut State<'_>) {
    let config = state.config;
    for (name, text) in &config.container_env {
        if text.value.chars().all(survives_quotes) {
            continue;
        }
        let what = format!("containerEnv {name}");
        if let Some(value) = state.text("containerEnv", text, &what) {
            state.moved("containerEnv", text, &what, "environment", &value);
            state.service.put("environment", name, value.text);
            state.edits.remove.push(text.at.clone());
        }
    }
}

/// Whether a character stays what it is in YAML's single quotes, which the CLI puts around it.
fn survives_quotes(c: char) -> bool {
    const BREAKS: [char; 5] = ['\u{2028}', '\u{2029}', '\u{feff}', '\u{fffe}', '\u{ffff}'];
    c == '\t' || !c.is_control() && !BREAKS.contains(&c)
}

/// The engine's client reads a seccomp profile relative to where it runs, Compose relative to its
/// file.
fn keep_security_opt(state: &mut State<'_>) {
    let config = state.config;
    for (index, option) in config.security_opt.iter().enumerate() {
        if let Some(value) = super::run_special::rebased_profile(state, option) {
            state.moved("securityOpt", option, &option.value, "security_opt", &value);
            state.service.push("security_opt", value.text);
            state.edits.security_remove.push(index);
        }
    }
}
