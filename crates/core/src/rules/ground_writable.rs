//! Files that the host executes or the next launch follows, writable from the container: one rule
//! for each sort of file.

use drawbridge_bridge::ground::{self, Sort};

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength, View};
use crate::devcontainer::Kind;
use crate::project::RelPath;

const fn rule(
    id: &'static str,
    code: &'static str,
    severity: Severity,
    title: &'static str,
    docs: &'static str,
) -> Rule {
    Rule {
        id,
        code,
        title,
        severity,
        fix: FixKind::None,
        strength: Strength::ContainerProof,
        since: "0.1.0",
        docs,
        check,
    }
}

pub(super) static CONFIGURATION: Rule = rule(
    "configuration-writable",
    "DB801",
    Severity::High,
    "the container can rewrite the configuration that starts it, and with it what runs on the host",
    include_str!("configuration_writable.md"),
);
pub(super) static GIT: Rule = rule(
    "git-metadata-writable",
    "DB802",
    Severity::High,
    "the container can write git hooks and configuration that the host runs",
    include_str!("git_metadata_writable.md"),
);
pub(super) static EDITOR: Rule = rule(
    "editor-settings-writable",
    "DB805",
    Severity::Medium,
    "the container can write tasks and settings of the editor",
    include_str!("editor_settings_writable.md"),
);
pub(super) static AGENT: Rule = rule(
    "agent-configuration-writable",
    "DB807",
    Severity::Medium,
    "the container can write hooks and MCP servers of an agent that also runs on the host",
    include_str!("agent_configuration_writable.md"),
);

/// Paths of a rule; the first is named in the message.
fn paths(id: &str) -> impl Iterator<Item = &'static str> {
    ground::paths(match id {
        "configuration-writable" => Sort::Configuration,
        "git-metadata-writable" => Sort::Git,
        "editor-settings-writable" => Sort::Editor,
        _ => Sort::Agent,
    })
}

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if let Some(live) = cx.live {
        let of_rule = |path: &str| paths(rule.id).any(|known| path.ends_with(&format!("/{known}")));
        for file in live.files_of("ground").filter(|file| of_rule(&file.path)) {
            if file.writable {
                let message = format!("`{}` is writable in the container", file.path);
                sink.live(rule, format!("{} is writable by user {}", file.path, live.uid), message);
            }
        }
        // What was seen outranks what follows from a file.
        if live.files_of("ground").next().is_some() {
            return;
        }
    }
    for view in cx.configs.iter().filter(|view| view.config.is_some()) {
        let exposed: Vec<&str> =
            paths(rule.id).filter(|path| cx.exists(path) && is_writable(view, path)).collect();
        if exposed.is_empty() {
            continue;
        }
        let named: Vec<String> = exposed.iter().map(|path| format!("`{path}`")).collect();
        let message =
            format!("the container can write {}; `drawbridge protect` binds it read-only", named.join(", "));
        sink.at(rule, &view.top(), message).inferred().about(&view.path);
    }
}

/// A writable mount shows the path and no read-only one covers it.
fn is_writable(view: &View<'_>, path: &str) -> bool {
    let Some(path) = RelPath::new(path) else { return false };
    let (writable, read_only) = parts(view);
    writable.iter().any(|part| path.is_within(part)) && !read_only.iter().any(|part| path.is_within(part))
}

/// Parts of the workspace that are mounted writable and read-only.
fn parts(view: &View<'_>) -> (Vec<RelPath>, Vec<RelPath>) {
    let (mut writable, mut read_only) = (Vec::new(), Vec::new());
    let Some(config) = &view.config else { return (writable, read_only) };
    if config.kind != Kind::Compose && config.workspace_mount.is_none() {
        writable.push(RelPath::root());
    }
    for used in &view.mounts {
        // In Compose configurations the CLI drops `readonly` of `mounts`.
        let dropped = config.kind == Kind::Compose && used.service.is_none();
        let list = if used.mount.read_only && !dropped { &mut read_only } else { &mut writable };
        list.extend(used.part.clone());
    }
    read_only.extend(view.own_read_only());
    writable.retain(|part| !read_only.contains(part));
    (writable, read_only)
}
