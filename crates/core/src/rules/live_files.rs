//! Files that the bridge brought into the container, and those that feed it: one rule for each sort.

use drawbridge_bridge::facts::FileFact;

use super::editor_log;
use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

const fn rule(
    id: &'static str,
    code: &'static str,
    severity: Severity,
    strength: Strength,
    title: &'static str,
    docs: &'static str,
) -> Rule {
    Rule { id, code, title, severity, fix: FixKind::None, strength, since: "0.1.0", docs, check }
}

use Severity::{High, Info, Low};
use Strength::{ContainerProof, Cosmetic};

pub(super) static HELPER: Rule = rule(
    "git-credential-helper-wired",
    "DB508",
    High,
    Cosmetic,
    "git in the container is wired to the host's passwords",
    include_str!("git_credential_helper_wired.md"),
);
pub(super) static DOCKER: Rule = rule(
    "registry-credentials-bridged",
    "DB509",
    High,
    Cosmetic,
    "docker in the container is wired to the host's registry passwords",
    include_str!("registry_credentials_bridged.md"),
);
pub(super) static GITCONFIG: Rule = rule(
    "gitconfig-in-container",
    "DB510",
    Low,
    Cosmetic,
    "a git configuration with a person's settings is in the container",
    include_str!("gitconfig_in_container.md"),
);
pub(super) static KNOWN: Rule = rule(
    "known-hosts-in-container",
    "DB511",
    Low,
    ContainerProof,
    "the servers that you sign in to are listed in the container",
    include_str!("known_hosts_in_container.md"),
);
pub(super) static SERVER: Rule = rule(
    "server-folder-writable",
    "DB810",
    High,
    ContainerProof,
    "a process can change the code of the editor's server and extensions",
    include_str!("server_folder_writable.md"),
);
pub(super) static ALIAS: Rule = rule(
    "shell-alias-in-container",
    "DB813",
    Low,
    Cosmetic,
    "a git alias in the container runs a shell command",
    include_str!("shell_alias_in_container.md"),
);
pub(super) static JETBRAINS: Rule = rule(
    "jetbrains-bridge-unknown",
    "DB814",
    Info,
    ContainerProof,
    "a JetBrains back end runs here, and its bridge is not documented",
    include_str!("jetbrains_bridge_unknown.md"),
);

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(live) = cx.live else { return editor_log::report(rule, cx, sink) };
    let (kind, what) = match rule.id {
        "git-credential-helper-wired" => ("git-credential-helper", "asks the host for passwords"),
        "registry-credentials-bridged" => {
            ("docker-credential-helper", "asks the host for registry passwords")
        }
        "gitconfig-in-container" => ("git-identity", "has a person's name and settings"),
        "known-hosts-in-container" => ("known-hosts", "lists servers"),
        "server-folder-writable" => (
            "editor-server",
            "is writable: code that is put there runs in the editor's server at the next start",
        ),
        "shell-alias-in-container" => ("git-shell-alias", "has an alias that is a shell command"),
        _ => (
            "jetbrains-backend",
            "is the back end's folder: agent, credential and port requests to its client are not documented",
        ),
    };
    let counts = |file: &&FileFact| kind != "editor-server" || file.writable;
    for file in live.files_of(kind).filter(counts) {
        let detail = if file.detail.is_empty() { String::new() } else { format!(": {}", file.detail) };
        sink.live(rule, format!("{}{detail}", file.path), format!("`{}` {what}", file.path));
    }
}
