//! What rules find in the log of an editor's dev container extension: one act for each rule.

use crate::audit::{Act, Cx, EditorLog, FixKind, HostFileKind, Rule, Severity, Sink, Strength};

pub(super) static PORT: Rule = Rule {
    id: "port-forwarded-by-editor",
    code: "DB409",
    title: "the editor carried connections of this machine to a port of the container",
    severity: Severity::Low,
    fix: FixKind::None,
    strength: Strength::Cosmetic,
    since: "0.1.0",
    docs: include_str!("port_forwarded_by_editor.md"),
    check: report,
};

/// The act that a rule asks the log for, and what it means.
fn of_rule(id: &str) -> Option<(Act, &'static str)> {
    Some(match id {
        "port-forwarded-by-editor" => (Act::Port, "forwarded a port of the container to this machine"),
        "ssh-agent-reachable" => (Act::SshAgent, "forwarded your ssh agent into the container"),
        "gpg-agent-reachable" => (Act::GpgAgent, "forwarded your GnuPG agent into the container"),
        "x11-reachable" => (Act::X11, "forwarded your display into the container"),
        "wayland-reachable" => (Act::Wayland, "mounted your Wayland socket into the container"),
        "git-credential-helper-wired" => (Act::GitHelper, "wired git in the container to your passwords"),
        "registry-credentials-bridged" => {
            (Act::DockerHelper, "wired docker in the container to your registry passwords")
        }
        "gitconfig-in-container" => (Act::GitConfig, "copied your git configuration into the container"),
        "known-hosts-in-container" => (Act::KnownHosts, "copied your list of servers into the container"),
        "gh-login-with-token" => (Act::GitHubLogin, "signed `gh` in the container in with your token"),
        "initialize-command" => (Act::InitializeCommand, "ran a command of the workspace on this machine"),
        _ => return None,
    })
}

/// Reports what the logs say of this rule's act. Rules that can look into the container themselves ask only
/// when nobody did: what is there now outranks what a log says was done.
pub(super) fn report(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some((wanted, means)) = of_rule(rule.id) else { return };
    for file in cx.host.iter().filter(|file| file.kind == HostFileKind::Log) {
        let log = EditorLog::read(&file.text);
        for (_, what) in log.acts.into_iter().filter(|(act, _)| *act == wanted) {
            let message = format!("{}: {means}, its log says: `{what}`", file.product);
            sink.host(rule, &file.path, what, message).observed();
        }
    }
}
