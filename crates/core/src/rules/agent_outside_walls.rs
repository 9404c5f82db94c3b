//! A coding agent that runs without the walls of `drawbridge run`.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "agent-outside-walls",
    code: "DB211",
    title: "a coding agent runs where every socket of the bridge is in its reach",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("agent_outside_walls.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(live) = cx.live else { return };
    let mut named: Vec<&str> = Vec::new();
    for fact in live.agents.iter().filter(|fact| !fact.walls) {
        // Its helpers carry the same name.
        if named.contains(&fact.agent.as_str()) {
            continue;
        }
        named.push(&fact.agent);
        let message = format!("`{}` runs without the walls of `drawbridge run`", fact.agent);
        sink.live(rule, format!("process {}, user {}", fact.pid, live.uid), message);
    }
}
