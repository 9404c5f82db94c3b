//! Sockets of the bridge that a process in the container can connect to: one rule for each family.

use drawbridge_bridge::facts::{Facts, SocketFact};
use drawbridge_bridge::sockets::SOCKETS;

use super::editor_log;
use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

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

use Severity::{Critical, High};

pub(super) static ENGINE: Rule = rule(
    "engine-socket-reachable",
    "DB115",
    Critical,
    "a process in the container reaches a container engine",
    include_str!("engine_socket_reachable.md"),
);
pub(super) static BUS: Rule = rule(
    "session-bus-reachable",
    "DB116",
    High,
    "a process in the container reaches the desktop's session bus",
    include_str!("session_bus_reachable.md"),
);
pub(super) static SSH: Rule = rule(
    "ssh-agent-reachable",
    "DB501",
    High,
    "a process in the container signs with your ssh keys",
    include_str!("ssh_agent_reachable.md"),
);
pub(super) static GPG: Rule = rule(
    "gpg-agent-reachable",
    "DB502",
    High,
    "a process in the container signs and decrypts with your GnuPG keys",
    include_str!("gpg_agent_reachable.md"),
);
pub(super) static ASKPASS: Rule = rule(
    "git-askpass-reachable",
    "DB503",
    Critical,
    "a process in the container gets the token of your GitHub session",
    include_str!("git_askpass_reachable.md"),
);
pub(super) static CREDENTIALS: Rule = rule(
    "credential-ipc-reachable",
    "DB505",
    Critical,
    "a process in the container gets git and registry passwords of the host",
    include_str!("credential_ipc_reachable.md"),
);
pub(super) static X11: Rule = rule(
    "x11-reachable",
    "DB506",
    High,
    "a process in the container reads and injects keys of the host's windows",
    include_str!("x11_reachable.md"),
);
pub(super) static WAYLAND: Rule = rule(
    "wayland-reachable",
    "DB507",
    High,
    "a process in the container opens windows on the host and reads its clipboard",
    include_str!("wayland_reachable.md"),
);
pub(super) static CLI: Rule = rule(
    "cli-ipc-reachable",
    "DB601",
    Critical,
    "a process in the container opens links, programs and folders on the host",
    include_str!("cli_ipc_reachable.md"),
);

/// Family and the variables that point to it.
fn family(id: &str) -> (&'static str, &'static [&'static str]) {
    match id {
        "engine-socket-reachable" => ("docker", &["DOCKER_HOST"]),
        "session-bus-reachable" => ("session-bus", &["DBUS_SESSION_BUS_ADDRESS"]),
        "ssh-agent-reachable" => ("ssh-agent", &["SSH_AUTH_SOCK"]),
        "gpg-agent-reachable" => ("gpg-agent", &[]),
        "git-askpass-reachable" => ("git-askpass", &["VSCODE_GIT_IPC_HANDLE"]),
        "credential-ipc-reachable" => ("credentials", &["REMOTE_CONTAINERS_IPC"]),
        "x11-reachable" => ("x11", &["DISPLAY"]),
        "wayland-reachable" => ("wayland", &["WAYLAND_DISPLAY"]),
        _ => ("cli-ipc", &["VSCODE_IPC_HOOK_CLI"]),
    }
}

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(live) = cx.live else { return editor_log::report(rule, cx, sink) };
    let (family, variables) = family(rule.id);
    let gives = SOCKETS.iter().find(|known| known.id == family).map_or("", |known| known.gives);
    for socket in live.open_sockets(family) {
        let hidden = if !variables.is_empty() && !is_pointed_to(live, variables) {
            "; no variable points to it, which is cosmetic"
        } else {
            ""
        };
        let message = format!("`{}` answers: {gives}{hidden}", socket.path);
        sink.live(rule, fact(live, socket), message);
    }
}

fn is_pointed_to(live: &Facts, variables: &[&str]) -> bool {
    live.variables.iter().any(|variable| {
        variables.contains(&variable.name.as_str())
            && variable.value.as_deref().is_some_and(|value| !value.is_empty())
    })
}

fn fact(live: &Facts, socket: &SocketFact) -> String {
    let keys = socket.identities.map_or_else(String::new, |count| format!(", {count} keys"));
    format!("user {} connected to {}{keys}", live.uid, socket.path)
}
