//! Ways of the editor's bridge that are open unless the configuration closes them.

use drawbridge_jsonc::{Edit, Pointer};
use serde_json::{Value, json};

use crate::audit::{Cx, FixKind, Rule, Safety, Severity, Sink, Strength, View};

/// What one rule wants to see.
struct Row {
    id: &'static str,
    /// Settings with their closing value; all of them.
    settings: &'static [(&'static str, Closed)],
    /// Variables of `remoteEnv` that must be blank.
    blank: &'static [&'static str],
    open: &'static str,
}

/// The value that closes.
#[derive(Clone, Copy)]
enum Closed {
    Off,
    Text(&'static str),
}

impl Closed {
    fn json(self) -> Value {
        match self {
            Self::Off => json!(false),
            Self::Text(text) => json!(text),
        }
    }
}

const fn rule(id: &'static str, code: &'static str, title: &'static str, docs: &'static str) -> Rule {
    Rule {
        id,
        code,
        title,
        severity: Severity::Low,
        fix: FixKind::Unsafe,
        strength: Strength::Cosmetic,
        since: "0.1.0",
        docs,
        check,
    }
}

pub(super) static AUTO_FORWARD: Rule = rule(
    "auto-port-forwarding",
    "DB404",
    "every port that a process opens is forwarded to your machine",
    include_str!("auto_port_forwarding.md"),
);
pub(super) static RESTORE: Rule = rule(
    "restore-forwarded-ports",
    "DB405",
    "forwarded ports come back with the window",
    include_str!("restore_forwarded_ports.md"),
);
pub(super) static SSH_POINTER: Rule = rule(
    "ssh-agent-pointer",
    "DB514",
    "every process of the container is pointed to your ssh agent",
    include_str!("ssh_agent_pointer.md"),
);
pub(super) static GITCONFIG: Rule = rule(
    "gitconfig-copied-by-default",
    "DB515",
    "your .gitconfig is copied into the container",
    include_str!("gitconfig_copied_by_default.md"),
);
pub(super) static GIT: Rule = rule(
    "git-credentials-by-default",
    "DB516",
    "git in the container gets passwords from the host",
    include_str!("git_credentials_by_default.md"),
);
pub(super) static GITHUB: Rule = rule(
    "github-session-by-default",
    "DB519",
    "git in the container gets the token of your GitHub session",
    include_str!("github_session_by_default.md"),
);
pub(super) static DOCKER: Rule = rule(
    "registry-credentials-by-default",
    "DB520",
    "the container gets the host's registry passwords",
    include_str!("registry_credentials_by_default.md"),
);

use Closed::{Off, Text};

const ROWS: [Row; 7] = [
    Row {
        id: "auto-port-forwarding",
        settings: &[("remote.autoForwardPorts", Off)],
        blank: &[],
        open: "a process in the container makes itself reachable on your localhost",
    },
    Row {
        id: "restore-forwarded-ports",
        settings: &[("remote.restoreForwardedPorts", Off)],
        blank: &[],
        open: "ports that were forwarded once are forwarded again",
    },
    Row {
        id: "ssh-agent-pointer",
        settings: &[],
        blank: &["SSH_AUTH_SOCK"],
        open: "`SSH_AUTH_SOCK` points every process to your ssh agent",
    },
    Row {
        id: "gitconfig-copied-by-default",
        settings: &[("dev.containers.copyGitConfig", Off), ("remote.containers.copyGitConfig", Off)],
        blank: &[],
        open: "VS Code copies your .gitconfig, with helpers and aliases, into the container",
    },
    Row {
        id: "git-credentials-by-default",
        settings: &[("dev.containers.gitCredentialHelperConfigLocation", Text("none"))],
        blank: &[],
        open: "git in the container asks the host's credential helper and gets your passwords",
    },
    Row {
        id: "github-session-by-default",
        settings: &[("github.gitAuthentication", Off)],
        blank: &[],
        open: "git in the container gets the token of your GitHub session, with access to every repository",
    },
    Row {
        id: "registry-credentials-by-default",
        settings: &[("dev.containers.dockerCredentialHelper", Off)],
        blank: &[],
        open: "the host's registry passwords are lent to the container",
    },
];

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(row) = ROWS.iter().find(|row| row.id == rule.id) else { return };
    for view in cx.configs.iter().filter(|view| view.config.is_some() && has_vscode(cx, view)) {
        if rule.id == AUTO_FORWARD.id && ignores_ports(view) {
            continue;
        }
        let settings = Pointer::root().key("customizations").key("vscode").key("settings");
        let mut edits = Vec::new();
        for (key, closed) in row.settings {
            let written = view.setting(key).map(|setting| &setting.value);
            if written != Some(&closed.json()) {
                edits.push(Edit::Set { at: settings.key(*key), value: closed.json() });
            }
        }
        // One of two twins is the business of `copy-git-config-half-set`.
        if edits.is_empty() && row.blank.is_empty() || (row.settings.len() > 1 && edits.len() == 1) {
            continue;
        }
        for name in row.blank {
            if !is_blank(view, name) {
                let at = Pointer::root().key("remoteEnv").key(*name);
                edits.push(Edit::Set { at, value: json!("") });
            }
        }
        if edits.is_empty() {
            continue;
        }
        let fix = format!("Close it: {}", names(row));
        sink.at(rule, &view.top(), row.open).inferred().about(&view.path).fix(
            Safety::Unsafe,
            fix,
            &view.path,
            edits,
        );
    }
}

/// Ports that nobody listed are not forwarded by themselves.
fn ignores_ports(view: &View<'_>) -> bool {
    let others = view.config.as_ref().and_then(|config| config.other_ports_attributes);
    others.and_then(|node| node.get("onAutoForward")?.as_str()) == Some("ignore")
}

/// Configurations of JetBrains alone are not VS Code's business.
fn has_vscode(cx: &Cx<'_>, view: &View<'_>) -> bool {
    let customizations = view.config.as_ref().and_then(|config| config.customizations);
    let only_jetbrains =
        customizations.is_some_and(|node| node.get("jetbrains").is_some() && node.get("vscode").is_none());
    !only_jetbrains || cx.exists(".vscode")
}

/// Written as nothing in `remoteEnv`.
pub(super) fn is_blank(view: &View<'_>, name: &str) -> bool {
    let config = view.config.as_ref();
    let written = config.and_then(|config| config.remote_env.iter().rfind(|(known, _)| known == name));
    written.is_some_and(|(_, value)| value.value.as_deref().is_none_or(str::is_empty))
}

fn names(row: &Row) -> String {
    let settings = row.settings.iter().map(|(key, closed)| format!("`\"{key}\": {}`", closed.json()));
    let blank = row.blank.iter().map(|name| format!("`remoteEnv.{name}` blank"));
    settings.chain(blank).collect::<Vec<_>>().join(", ")
}
