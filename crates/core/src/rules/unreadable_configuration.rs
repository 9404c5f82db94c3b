//! `unreadable-configuration`: tools read something else than what is meant, or nothing.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Spot, Strength};
use crate::project::{Entry, discover};

pub(super) static RULE: Rule = Rule {
    id: "unreadable-configuration",
    code: "DB908",
    title: "the configuration cannot be read as it is meant, so nothing else about it is certain",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("unreadable_configuration.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        if let Some(error) = view.parsed.errors.first() {
            let message = format!(
                "{}: the Dev Containers CLI may read the file differently than it looks",
                error.message
            );
            sink.at(rule, &view.spot(error.span), message).about(&view.path);
            continue;
        }
        for error in view.errors.iter().take(3) {
            sink.at(rule, &view.spot(error.span()), error.to_string()).about(&view.path);
        }
        if let Some(Err(error)) = &view.compose {
            let place = error.place.unwrap_or_default();
            let at = crate::compose::Located { value: (), file: error.file.clone(), place };
            sink.at(rule, &view.compose_spot(&at), format!("{}: {}", error.file, error.message))
                .about(&view.path);
        }
    }
    for candidate in discover(cx.snapshot) {
        let why = match cx.snapshot.get(&candidate.path) {
            Some(Entry::Symlink) => "a symbolic link: tools follow it to wherever it points",
            Some(Entry::Unreadable(_) | Entry::Present) => "not a text file that can be read",
            _ => continue,
        };
        let spot = Spot { file: candidate.path.clone(), span: drawbridge_text::Span::at(0) };
        sink.at(rule, &spot, why);
    }
}
