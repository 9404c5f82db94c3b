//! `idea-executes`: project files of a JetBrains IDE start programs.

use drawbridge_text::Span;

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Spot, Strength};

pub(super) static RULE: Rule = Rule {
    id: "idea-executes",
    code: "DB806",
    title: "project files of a JetBrains IDE start programs when the project is opened or a file saved",
    severity: Severity::High,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("idea_executes.md"),
    check,
};

/// File, what must be in it, what happens.
const SIGNS: [(&str, &[&str], &str); 4] = [
    (
        ".idea/startup.xml",
        &["ProjectStartupSharedConfiguration", "<configuration "],
        "run configurations start when the project opens",
    ),
    (
        ".idea/workspace.xml",
        &["ProjectStartupLocalConfiguration", "<configuration "],
        "run configurations start when the project opens",
    ),
    (".idea/watcherTasks.xml", &["isEnabled=\"true\""], "a program runs whenever a file is saved"),
    (".idea/workspace.xml", &["PATH_TO_GIT"], "the project chooses the git program"),
];

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (file, signs, what) in SIGNS {
        let Some((path, text)) = cx.text(file) else { continue };
        if !signs.iter().all(|sign| text.contains(sign)) {
            continue;
        }
        let start = text.find(signs[0]).unwrap_or_default();
        let spot = Spot { file: path, span: Span::new(start, start + signs[0].len()) };
        sink.at(rule, &spot, format!("{what}, once the project is trusted; locally that is on this machine"));
    }
}
