//! `agent-hooks`: the workspace names commands that run at events of an agent.

use drawbridge_jsonc::parse;

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Spot, Strength};

pub(super) static RULE: Rule = Rule {
    id: "agent-hooks",
    code: "DB612",
    title: "the workspace names commands that run at events of an agent, on the host too",
    severity: Severity::High,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("agent_hooks.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let github = cx.names(".github/hooks").into_iter().filter(|name| name.strip_suffix(".json").is_some());
    let files = github.map(|name| format!(".github/hooks/{name}"));
    let fixed = [".claude/settings.json", ".claude/settings.local.json", ".gemini/settings.json"];
    for file in files.chain(fixed.map(str::to_owned)) {
        let Some((path, text)) = cx.text(&file) else { continue };
        let Some(root) = parse(text).root else { continue };
        let Some(hooks) = root.member("hooks").filter(|hooks| !hooks.value.members().is_empty()) else {
            continue;
        };
        let events: Vec<&str> = hooks.value.members().iter().map(|event| event.key.as_str()).collect();
        let message = format!("commands at `{}` run wherever the agent runs", events.join("`, `"));
        sink.at(rule, &Spot { file: path, span: hooks.key_span }, message);
    }
}
