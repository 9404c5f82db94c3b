//! Every fix of a Compose file and of a policy of the corpus: the finding goes, everything else stays, in files with
//! other line ends too.

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use drawbridge_core::audit::{Edits, Finding, Input, audit, fixed};
use drawbridge_core::compose::{Edit, Node, Place, parse, patch};
use drawbridge_core::project::{Entry, Snapshot};
use drawbridge_core::rules::RULES;
use proptest::prelude::*;
use support::corpus;

const NOW: i64 = 1_795_000_000;

fn findings(snapshot: &Snapshot) -> Vec<Finding> {
    audit(&Input::of(snapshot, NOW)).findings
}

/// Findings as people see them, without their places.
fn said(findings: &[Finding]) -> Vec<String> {
    let mut said: Vec<String> = findings
        .iter()
        .map(|found| {
            let file = found.location().map(|at| at.file.to_string()).unwrap_or_default();
            format!("{file}: {} {}", found.rule.id, found.message)
        })
        .collect();
    said.sort();
    said
}

/// Comments of a text in order, up to the ends of their lines.
fn comments<'t>(text: &'t str, edits: &Edits) -> Vec<&'t str> {
    let (mark, behind) = match edits {
        Edits::Jsonc(_) => ("//", " //"),
        Edits::Compose(_) => ("#", " #"),
    };
    let comment = |line: &'t str| match line.trim_start() {
        line if line.starts_with(mark) => Some(line),
        line => line.find(behind).map(|at| line[at..].trim_start()),
    };
    text.lines().filter_map(comment).collect()
}

/// Panics when the text is not what its tools read.
#[track_caller]
fn assert_readable(text: &str, edits: &Edits, what: &str) {
    match edits {
        Edits::Jsonc(_) => assert_eq!(drawbridge_jsonc::parse(text).errors, [], "{what}"),
        Edits::Compose(_) => drop(parse(text).unwrap_or_else(|error| panic!("{error}: {what}"))),
    }
}

#[test]
fn of_each_project() {
    let Some(projects) = corpus() else { return };
    let mut counts: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for project in &projects {
        let before = findings(&project.snapshot);
        for finding in &before {
            let (all, made, of_compose) = counts.entry(finding.rule.id).or_default();
            *all += 1;
            let Some(fix) = &finding.fix else { continue };
            *made += 1;
            *of_compose += usize::from(matches!(fix.edits, Edits::Compose(_)));
            let text = project.snapshot.text(&fix.file).expect("what has a finding has a text");
            let after = fix.text_edit(text).expect("only fixes that can be made").apply(text);
            let what = format!("{} {}: {}\n{after}", project.name, fix.file, finding.message);
            assert_readable(&after, &fix.edits, &what);
            assert_eq!(comments(text, &fix.edits), comments(&after, &fix.edits), "{what}");

            let mut snapshot = project.snapshot.clone();
            snapshot.files.insert(fix.file.clone(), Entry::Text(after.clone()));
            let (before, left) = (said(&before), said(&findings(&snapshot)));
            let gone: Vec<_> = before.iter().filter(|one| !left.contains(one)).collect();
            let own = said(std::slice::from_ref(finding)).remove(0);
            assert!(gone.contains(&&own), "{what}");
            // Messages name the port or the list that is gone; nothing new may be said about the rest.
            assert!(left.iter().all(|one| before.contains(one)), "{what}\n{left:#?}");

            if !text.contains('\r') {
                let windows = text.replace('\n', "\r\n");
                let change = fix.text_edit(&windows).unwrap_or_else(|| panic!("not with CRLF: {what}"));
                assert_eq!(change.apply(&windows), after.replace('\n', "\r\n"), "{what}");
            }
            let marked = format!("\u{feff}{text}");
            let change = fix.text_edit(&marked).unwrap_or_else(|| panic!("not with a mark: {what}"));
            assert_eq!(change.apply(&marked), format!("\u{feff}{after}"), "{what}");
        }
    }
    let mut table = String::from("rule: findings, fixes, of Compose files\n");
    for (id, (all, made, of_compose)) in counts {
        let _ = writeln!(table, "{id}: {all}, {made}, {of_compose}");
    }
    insta::assert_snapshot!(table);
}

/// Places of every value in a text.
fn places(node: &Node, found: &mut Vec<Place>) {
    found.push(node.place);
    let members = node.members().iter().map(|(_, value)| value);
    for child in members.chain(node.items()) {
        places(child, found);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// What YAML allows and nobody writes is edited or refused, and never breaks.
    #[test]
    fn of_any_text(words in prop::collection::vec(prop::sample::select(WORDS), 0..40)) {
        let text = words.concat();
        let Ok(documents) = parse(&text) else { return Ok(()) };
        let mut at = Vec::new();
        for root in &documents {
            places(root, &mut at);
        }
        for at in at {
            for edit in [Edit::Remove { at }, Edit::Loopback { at }] {
                let Some(change) = patch(&text, &edit) else { continue };
                prop_assert!(parse(&change.apply(&text)).is_ok());
            }
        }
    }
}

const WORDS: &[&str] = &[
    "a", "b: ", "c:", "\n", "\n  ", "\n    ", "\n- ", "\n  - ", "- ", " #c", "#", "'x'", "\"y\"", "'", "[",
    "]", "{", "}", ", ", "&a ", "*a", "!t ", "|\n", ">-\n", "é😀", "\r\n", "\r", ": ", " ", "\t", "? ",
    "<<: ", "80:80", "---\n", "\u{feff}", "\\",
];

#[test]
fn all_at_once_leave_nothing_to_fix() {
    let Some(projects) = corpus() else { return };
    let every: Vec<String> = RULES.iter().map(|rule| rule.id.to_owned()).collect();
    for project in &projects {
        let mut snapshot = project.snapshot.clone();
        for change in fixed(&Input::of(&snapshot, NOW), true, &every) {
            snapshot.files.insert(change.change.path, Entry::Text(change.change.after.expect("a text")));
        }
        assert_eq!(fixed(&Input::of(&snapshot, NOW), true, &every), [], "{}", project.name);
    }
}
