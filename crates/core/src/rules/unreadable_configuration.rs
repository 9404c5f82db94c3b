//! `unreadable-configuration`: tools read something else than what is meant, or nothing.

use std::collections::BTreeSet;

use drawbridge_text::Span;

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Spot, Strength, has_text};
use crate::project::{Entry, NoText, RelPath, discover};

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
            Some(Entry::Symlink) => "a symbolic link: tools follow it to wherever it points".to_owned(),
            Some(Entry::Unreadable(why)) => format!("not checked, since it cannot be read: {why}"),
            Some(Entry::Present(why)) => format!("not checked: {why}"),
            _ => continue,
        };
        sink.at(rule, &start(&candidate.path), why);
    }
    let named: BTreeSet<&RelPath> =
        cx.configs.iter().flat_map(|view| view.dockerfiles.iter().chain([&view.layout.policy])).collect();
    for (path, entry) in &cx.snapshot.files {
        if let Entry::Present(why @ (NoText::TooLarge { .. } | NoText::NotUtf8 { .. })) = entry
            && (named.contains(path) || has_text(path))
        {
            sink.at(rule, &start(path), format!("not checked: {why}"));
        }
    }
}

fn start(file: &RelPath) -> Spot {
    Spot { file: file.clone(), span: Span::at(0) }
}

#[cfg(test)]
mod tests {
    use crate::audit::{Input, audit};
    use crate::project::{MAX_FILE, Snapshot};

    use super::*;

    #[test]
    fn what_is_too_large_or_no_text_is_said_with_its_size_and_the_limit() {
        let mut snapshot = Snapshot::default();
        let mut put = |path: &str, entry| {
            snapshot.files.insert(RelPath::new(path).expect("a path"), entry);
        };
        put(".devcontainer", Entry::Dir(vec!["devcontainer.json".to_owned(), "large".to_owned()]));
        put(".devcontainer/devcontainer.json", "{ \"image\": \"debian:12\" }".to_owned().into());
        put(".devcontainer/large/devcontainer.json", " ".repeat(MAX_FILE + 1).into());
        put(".devcontainer/drawbridge/policy.jsonc", Entry::Present(NoText::NotUtf8 { at: 16 }));
        put(".vscode/tasks.json", Entry::Present(NoText::TooLarge { size: 5 << 20 }));
        put("photo.jpg", Entry::Present(NoText::NotUtf8 { at: 0 }));
        let report = audit(&Input::of(&snapshot, 0));
        let found = report.findings.iter().filter(|found| found.rule.id == RULE.id);
        let mut said: Vec<_> =
            found.map(|found| format!("{}: {}", found.location().unwrap().file, found.message)).collect();
        said.sort();
        assert_eq!(
            said,
            [
                ".devcontainer/drawbridge/policy.jsonc: not checked: not UTF-8 from byte 17 on",
                ".devcontainer/large/devcontainer.json: not checked: 4194305 bytes, and at most 4194304 (4 MiB) are read",
                ".vscode/tasks.json: not checked: 5242880 bytes, and at most 4194304 (4 MiB) are read",
            ]
        );
    }
}
