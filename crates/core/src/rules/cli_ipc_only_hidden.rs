//! `cli-ipc-only-hidden`: the variable is gone, the socket is not.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "cli-ipc-only-hidden",
    code: "DB602",
    title: "taking a variable away hides a socket and does not close it",
    severity: Severity::Info,
    fix: FixKind::None,
    strength: Strength::Cosmetic,
    since: "0.1.0",
    docs: include_str!("cli_ipc_only_hidden.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(live) = cx.live else { return };
    let named = live.variables.iter().any(|variable| variable.name == "VSCODE_IPC_HOOK_CLI");
    let open = live.open_sockets("cli-ipc").count();
    if open > 0 && !named {
        let fact = format!("{open} sockets answer, no process has VSCODE_IPC_HOOK_CLI");
        sink.live(
            rule,
            fact,
            "`VSCODE_IPC_HOOK_CLI` is unset and the socket answers all the same: that stops accidents only",
        );
    }
}
