//! Variables in the environments of running processes: one rule for each sort.

use std::collections::BTreeMap;

use drawbridge_bridge::facts::VariableFact;

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
        strength: Strength::Cosmetic,
        since: "0.1.0",
        docs,
        check,
    }
}

pub(super) static ASKPASS: Rule = rule(
    "askpass-variables",
    "DB504",
    Severity::High,
    "git in every terminal asks the editor for passwords",
    include_str!("askpass_variables.md"),
);
pub(super) static SECRET: Rule = rule(
    "secret-in-environment",
    "DB513",
    Severity::Medium,
    "a secret is in the environment of processes",
    include_str!("secret_in_environment.md"),
);
pub(super) static TRUST: Rule = rule(
    "jetbrains-auto-trust",
    "DB614",
    Severity::High,
    "the JetBrains back end trusts every project without asking",
    include_str!("jetbrains_auto_trust.md"),
);

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let matches: fn(&VariableFact) -> bool = match rule.id {
        "askpass-variables" => |variable| {
            variable.name.starts_with("VSCODE_GIT_ASKPASS")
                || (variable.name == "GIT_ASKPASS"
                    && variable.value.as_deref().is_some_and(|value| value.contains("git/dist/askpass")))
        },
        "secret-in-environment" => |variable| variable.value.is_none(),
        _ => |variable| {
            variable.name == "REMOTE_DEV_TRUST_PROJECTS"
                && variable.value.as_deref().is_some_and(|value| !matches!(value, "" | "0" | "false"))
        },
    };
    let why = match rule.id {
        "askpass-variables" => "git asks the editor, which answers with your account's token",
        "secret-in-environment" => "every process of this user reads it",
        _ => "startup tasks and build scripts of any project run without a question",
    };
    let mut seen: BTreeMap<&str, Vec<&VariableFact>> = BTreeMap::new();
    for variable in cx.live.iter().flat_map(|live| &live.variables).filter(|variable| matches(variable)) {
        seen.entry(&variable.name).or_default().push(variable);
    }
    for (name, holders) in seen {
        let first = holders[0];
        let fact =
            format!("{name} in process {} ({}), and {} more", first.pid, first.process, holders.len() - 1);
        sink.live(rule, fact, format!("`{name}` is set: {why}"));
    }
    // The configuration says it too.
    for view in cx.configs.iter().filter(|_| rule.id == TRUST.id) {
        let Some(config) = &view.config else { continue };
        let remote = config.remote_env.iter().map(|(name, value)| (name, value.span, value.value.as_deref()));
        let container =
            config.container_env.iter().map(|(name, value)| (name, value.span, Some(value.value.as_str())));
        for (name, span, value) in remote.chain(container) {
            if name == "REMOTE_DEV_TRUST_PROJECTS" && !matches!(value, None | Some("" | "0" | "false")) {
                sink.at(rule, &view.spot(span), format!("`{name}` is set: {why}")).about(&view.path);
            }
        }
    }
}
