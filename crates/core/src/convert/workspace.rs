//! Where the workspace is in the container. `docker run` got it from the CLI; Compose must be told.

use crate::devcontainer::variable::{Piece, Variable, pieces};
use crate::devcontainer::{Config, Mount, MountKind, Text};
use crate::project::{HostFacts, RelPath};
use crate::yaml::{Yaml, literal};

use super::state::State;
use super::value::{Scope, Untranslatable, Value};
use super::{Context, ItemKind, volume};

/// Where the workspace is in the container. Paths are Compose text: `$` is doubled and a user's
/// `${localEnv:…}` is an interpolation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// The value of `workspaceFolder`.
    pub folder: String,
    /// The bind that holds the workspace or a part of it; `None` when nothing of the host's
    /// folder is mounted.
    pub bound: Option<Bound>,
}

/// A bind of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// Path in the container.
    pub target: String,
    /// The way from the mounted folder down to the workspace, empty when they are the same.
    pub down: String,
    /// The mounted subfolder of the workspace, the root when all of it is mounted.
    pub part: RelPath,
    /// Mounted read-only as a whole.
    pub read_only: bool,
}

impl Workspace {
    /// Where a path of the workspace is in the container, as Compose text; `None` when it is not
    /// mounted.
    pub fn in_container(&self, path: &RelPath) -> Option<String> {
        let bound = self.bound.as_ref()?;
        if !path.is_within(&bound.part) {
            return None;
        }
        let rest = path.as_str()[bound.part.as_str().len()..].trim_start_matches('/');
        let mut out = bound.target.trim_end_matches('/').to_owned();
        for part in [bound.down.as_str(), rest] {
            if !part.is_empty() {
                out.push('/');
                out.push_str(&literal(part));
            }
        }
        Some(out)
    }
}

/// The workspace, and how it got there.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) workspace: Workspace,
    /// `workspaceFolder` for devcontainer.json, when it has to be written.
    folder: Option<String>,
    mounted: Mounted,
    /// `workspaceFolder` or `workspaceMount` had to be given up.
    lost: Vec<(Text, Untranslatable)>,
    /// The folder's name was written into one of them.
    fixed_basename: bool,
}

#[derive(Debug, Clone)]
enum Mounted {
    Default { source: String },
    Nothing,
    Written(Box<Mount>),
}

/// Decides folder and mount; `convert` writes them.
pub(super) fn plan(config: &Config<'_>, context: &Context<'_>) -> Plan {
    let facts = context.facts;
    let mut plan = Plan {
        workspace: Workspace { folder: literal(&default_folder(facts)), bound: None },
        folder: None,
        mounted: Mounted::Nothing,
        lost: Vec::new(),
        fixed_basename: false,
    };
    plan_folder(&mut plan, config, facts);
    let scope = scope(&plan, context);
    let written = config.workspace_mount.as_ref().map(|text| (text, Mount::parse(&text.value)));
    match written {
        Some((text, _)) if text.value.is_empty() => {}
        Some((text, mount)) => match bound(&mount, &scope, facts) {
            Ok((bound, fixed)) => {
                plan.workspace.bound = bound;
                plan.fixed_basename |= fixed;
                plan.mounted = Mounted::Written(Box::new(mount));
            }
            Err(why) => {
                plan.lost.push((text.clone(), why));
                mount_default(&mut plan, context);
            }
        },
        None => mount_default(&mut plan, context),
    }
    plan
}

fn plan_folder(plan: &mut Plan, config: &Config<'_>, facts: &HostFacts) {
    let Some(text) = &config.workspace_folder else {
        plan.folder = Some(default_folder(facts));
        return;
    };
    let scope = Scope {
        compose_dir: RelPath::root(),
        basename: facts.workspace_name.clone(),
        container_folder: plan.workspace.folder.clone(),
    };
    match scope.text(&text.value) {
        Ok(value) => {
            plan.workspace.folder = value.text;
            if value.fixed_basename {
                // The mount gets the name as it is now, so the folder must not follow a rename.
                plan.folder = Some(with_basename(&text.value, &facts.workspace_name));
                plan.fixed_basename = true;
            }
        }
        Err(why) => {
            plan.folder = Some(default_folder(facts));
            plan.lost.push((text.clone(), why));
        }
    }
}

fn scope(plan: &Plan, context: &Context<'_>) -> Scope {
    Scope {
        compose_dir: context.compose.parent(),
        basename: context.facts.workspace_name.clone(),
        container_folder: plan.workspace.folder.clone(),
    }
}

/// The CLI mounts the git root, so that commits work in a subfolder of a repository.
fn mount_default(plan: &mut Plan, context: &Context<'_>) {
    let facts = context.facts;
    let down = facts.git_root_prefix.clone().unwrap_or_default();
    let up = vec![".."; RelPath::new(&down).map_or(0, |path| path.parts().count())].join("/");
    let target = literal(&format!("/workspaces/{}", root_name(facts)));
    plan.workspace.bound = Some(Bound { target, down, part: RelPath::root(), read_only: false });
    let compose_dir = context.compose.parent();
    let source = super::paths::rebase(&up, &RelPath::root(), &compose_dir);
    plan.mounted = Mounted::Default { source };
}

/// What of the workspace a written mount holds.
fn bound(mount: &Mount, scope: &Scope, facts: &HostFacts) -> Result<(Option<Bound>, bool), Untranslatable> {
    let target = scope.text(&mount.target)?;
    let source = mount.source.as_deref().unwrap_or_default();
    let is_bind = mount.kind == MountKind::Bind || !mount.typed && super::paths::is_path(source);
    if !is_bind {
        return Ok((None, target.fixed_basename));
    }
    let value = scope.path(source, &RelPath::root())?;
    let fixed = target.fixed_basename || value.fixed_basename;
    let bound = |down: String, part: RelPath| Bound {
        target: target.text.clone(),
        down,
        part,
        read_only: mount.read_only,
    };
    if !value.text.starts_with('.') {
        return Ok((None, fixed));
    }
    let from_root = scope_root_path(&value.text, &scope.compose_dir);
    if let Some(part) = RelPath::new(&from_root) {
        return Ok((Some(bound(String::new(), part)), fixed));
    }
    // Above the workspace: its own name is known, and those up to the git root.
    let up = from_root.split('/').filter(|part| *part == "..").count();
    let names = names_above(facts);
    let above = from_root.split('/').all(|part| part == "..") && up <= names.len();
    let down = above.then(|| names[names.len() - up..].join("/"));
    Ok((down.map(|down| bound(down, RelPath::root())), fixed))
}

/// A path that is written for the Compose file's folder, written for the workspace instead.
fn scope_root_path(path: &str, compose_dir: &RelPath) -> String {
    super::paths::rebase(path, compose_dir, &RelPath::root())
}

/// Writes folder and mount into the service and devcontainer.json.
pub(super) fn convert(state: &mut State<'_>) {
    let plan = state.plan.clone();
    for (text, why) in &plan.lost {
        let code = text.at.segments().next().unwrap_or_default().to_owned();
        let fallback = format!("{why}; it would be `{}`", plan.workspace.folder);
        state.item(ItemKind::Lost, &code, text, format!("{code} {}", text.value), fallback);
    }
    state.edits.workspace_folder.clone_from(&plan.folder);
    if let (Some(text), Some(folder), true) =
        (&state.config.workspace_folder, &plan.folder, plan.fixed_basename)
    {
        let why = format!("`{folder}`: Compose does not know the folder's name, so it is written in");
        state.item(ItemKind::Moved, "workspaceFolder", text, "workspaceFolder", why);
    }
    match &plan.mounted {
        Mounted::Nothing => {}
        Mounted::Default { source } => {
            let target = plan.workspace.bound.as_ref().map(|bound| bound.target.clone());
            state.service.push(
                "volumes",
                Yaml::from([
                    ("type", "bind".into()),
                    ("source", source.as_str().into()),
                    ("target", target.unwrap_or_default().into()),
                ]),
            );
        }
        Mounted::Written(mount) => convert_mount(state, mount),
    }
}

fn convert_mount(state: &mut State<'_>, mount: &Mount) {
    let Some(text) = &state.config.workspace_mount else { return };
    let mut mount = mount.clone();
    if !mount.typed && mount.source.as_deref().is_some_and(super::paths::is_path) {
        mount.kind = MountKind::Bind;
    }
    match volume::long(state, &mount) {
        Ok(entry) => {
            let fixed_basename = entry.fixed_basename;
            state.service.push("volumes", entry.yaml);
            let value = Value { text: String::new(), fixed_basename };
            state.moved("workspaceMount", text, "workspaceMount", "volumes", &value);
        }
        Err(why) => {
            state.item(ItemKind::Lost, "workspaceMount", text, &text.value, why.to_string());
        }
    }
}

fn root_name(facts: &HostFacts) -> &str {
    facts.git_root_name.as_deref().unwrap_or(&facts.workspace_name)
}

/// The known names from a folder above the workspace down to it: its own, or those from the git root.
pub(super) fn names_above(facts: &HostFacts) -> Vec<&str> {
    match facts.git_root_prefix.as_deref() {
        None | Some("") => vec![facts.workspace_name.as_str()],
        Some(prefix) => prefix.split('/').collect(),
    }
}

/// The CLI's default: `/workspaces/<git root>/<way down>`.
fn default_folder(facts: &HostFacts) -> String {
    let down = facts.git_root_prefix.as_deref().unwrap_or_default();
    let slash = if down.is_empty() { "" } else { "/" };
    format!("/workspaces/{}{slash}{down}", root_name(facts))
}

/// `text` with `${localWorkspaceFolderBasename}` replaced and everything else as it is.
fn with_basename(text: &str, name: &str) -> String {
    if !pieces(text).contains(&Piece::Variable(Variable::LocalWorkspaceFolderBasename)) {
        return text.to_owned();
    }
    text.replace("${localWorkspaceFolderBasename}", name)
}
