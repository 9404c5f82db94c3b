//! Variables that were blanked where it does nothing: one rule for each.

use drawbridge_jsonc::{Edit, Pointer};
use serde_json::json;

use super::defaults::is_blank;
use crate::audit::{Cx, FixKind, Rule, Safety, Severity, Sink, Strength};

const fn rule(
    id: &'static str,
    code: &'static str,
    fix: FixKind,
    severity: Severity,
    title: &'static str,
    docs: &'static str,
) -> Rule {
    Rule { id, code, title, severity, fix, strength: Strength::Cosmetic, since: "0.1.0", docs, check }
}

pub(super) static ASKPASS: Rule = rule(
    "askpass-blanked",
    "DB706",
    FixKind::Safe,
    Severity::Low,
    "a blank `GIT_ASKPASS` is overwritten in every terminal",
    include_str!("askpass_blanked.md"),
);
pub(super) static X11: Rule = rule(
    "x11-blanked-in-remote-env",
    "DB707",
    FixKind::Unsafe,
    Severity::Medium,
    "a blank `DISPLAY` in `remoteEnv` leaves X11 forwarded",
    include_str!("x11_blanked_in_remote_env.md"),
);
pub(super) static OBSOLETE: Rule = rule(
    "obsolete-variable-blanked",
    "DB708",
    FixKind::Safe,
    Severity::Low,
    "a variable that nothing reads was blanked to harden the container",
    include_str!("obsolete_variable_blanked.md"),
);

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let (names, why): (&[&str], &str) = match rule.id {
        "askpass-blanked" => (
            &["GIT_ASKPASS", "VSCODE_GIT_ASKPASS_NODE", "VSCODE_GIT_ASKPASS_MAIN", "VSCODE_GIT_IPC_HANDLE"],
            "the git extension sets it again in every terminal; set `git.terminalAuthentication` and `git.useIntegratedAskPass` to false",
        ),
        "x11-blanked-in-remote-env" => (
            &["DISPLAY"],
            "the display is forwarded all the same; a value in `containerEnv` makes Dev Containers skip it",
        ),
        _ => (&["GPG_AGENT_INFO"], "GnuPG has not read it since version 2.1; the agent's socket stays"),
    };
    let env = Pointer::root().key("remoteEnv");
    for view in &cx.configs {
        let Some(config) = &view.config else { continue };
        let has_display =
            config.container_env.iter().any(|(name, value)| name == "DISPLAY" && !value.value.is_empty());
        for (name, value) in config.remote_env.iter().filter(|(name, _)| names.contains(&name.as_str())) {
            if !is_blank(view, name) || (name == "DISPLAY" && has_display) {
                continue;
            }
            if name == "DISPLAY" && view.protected {
                // `protect` chose it: Java and test runners take a placeholder for a screen.
                let message = "`DISPLAY` is blank in terminals, which stops accidents; the display is forwarded all the \
                               same, `drawbridge protect --harden strict` closes it";
                sink.at(rule, &view.spot(value.span), message).about(&view.path).severity(Severity::Info);
                continue;
            }
            let mut edits = vec![Edit::Remove { at: env.key(name.as_str()) }];
            if name == "DISPLAY" {
                edits.push(Edit::Set {
                    at: Pointer::root().key("containerEnv").key("DISPLAY"),
                    value: json!(":99"),
                });
            }
            // With a display that does not exist a program stops being headless, and fails.
            let (title, safety) = if name == "DISPLAY" {
                ("Move it to `containerEnv` with a placeholder", Safety::Unsafe)
            } else {
                ("Remove it", Safety::Safe)
            };
            sink.at(rule, &view.spot(value.span), format!("`{name}` blank in `remoteEnv`: {why}"))
                .about(&view.path)
                .fix(safety, title, &view.path, edits);
        }
    }
}
