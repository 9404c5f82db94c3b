//! `allowed-endpoints` of step-security/harden-runner: `host:port` by white space.

use super::{Draft, Imported, MAX_ENTRIES, split_port};
use crate::rule::Action;

/// Imports the value of `allowed-endpoints`.
pub fn harden_runner(list: &str) -> Imported {
    let mut draft = Draft::default();
    let entries = list
        .lines()
        .enumerate()
        .flat_map(|(index, line)| line.split_whitespace().map(move |entry| (index + 1, entry)));
    for (line, entry) in entries.take(MAX_ENTRIES) {
        let (host, port) = split_port(entry);
        draft.endpoint(Action::Allow, host, port, &format!("line {line}"));
    }
    draft.finish()
}
