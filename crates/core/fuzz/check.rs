//! What must hold for every log of an editor; shared by the fuzz target and the replay on stable.

use drawbridge_core::audit::{Evidence, HostFile, HostFileKind, Input, audit, log_folder};
use drawbridge_core::project::Snapshot;

/// Characters of what a finding quotes.
const MAX_QUOTE: usize = 120;
/// Findings of one rule.
const MAX_OF_RULE: usize = 16;
const PORTS: &str = "port-forwarded-by-editor";
const SECRET: &str = "hunter2";

/// A log of the dev container extension, in which a container may have written every line.
pub(crate) fn editor_log(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(folder) = log_folder(text) {
        assert!(text.contains(folder) && !folder.contains('\n'));
    }
    let said = said(text);
    for (rule, what) in &said {
        assert!(what.chars().count() <= MAX_QUOTE && !what.contains('\n'), "{rule}: {what}");
        let of_rule = said.iter().filter(|(other, _)| other == rule).count();
        assert!(of_rule <= MAX_OF_RULE, "{rule}: {of_rule}");
    }
    let other = |text: &str| {
        let mut other = self::said(text);
        other.retain(|(rule, _)| rule != PORTS);
        other
    };
    let flood = |port| format!("Port forwarding connection from 1 > 1 > {port} in the container.\n");
    let flood: String = (1..=100).map(flood).collect();
    assert_eq!(other(&format!("{flood}{text}")), other(text), "a flood before it hides nothing");
    assert_eq!(other(&format!("{text}\n{flood}")), other(text), "a flood after it hides nothing");
    if !text.contains(SECRET) {
        let with_secret = |line: &str| {
            let end = if line.starts_with("Start: Run") { SECRET } else { "" };
            format!("{}{end}\n", line.trim_end())
        };
        let text: String = text.lines().map(with_secret).collect();
        assert!(self::said(&text).iter().all(|(_, what)| !what.contains(SECRET)), "no command is quoted");
    }
}

/// Rule and quote of each finding about the log, sorted.
fn said(text: &str) -> Vec<(String, String)> {
    let log = HostFile {
        kind: HostFileKind::Log,
        product: "VS Code".to_owned(),
        path: "log".to_owned(),
        text: text.to_owned(),
    };
    let snapshot = Snapshot::default();
    let report = audit(&Input { host: &[log], ..Input::of(&snapshot, 0) });
    let mut said = Vec::new();
    for finding in report.findings {
        let quotes = finding.evidence.iter().filter_map(|evidence| match evidence {
            Evidence::Host { what, .. } => Some((finding.rule.id.to_owned(), what.clone())),
            _ => None,
        });
        said.extend(quotes);
    }
    said.sort();
    said
}
