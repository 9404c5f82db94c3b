//! Every real project of the corpus through the audit: no panic, twice the same, and counts that
//! change only on purpose.

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use drawbridge_core::audit::{Input, audit};
use support::corpus;

const NOW: i64 = 1_795_000_000;

#[test]
fn counts_of_every_rule() {
    let Some(projects) = corpus() else { return };
    let mut findings: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for project in &projects {
        let input = Input::of(&project.snapshot, NOW);
        let report = audit(&input);
        assert_eq!(report, audit(&input), "{}", project.name);
        assert!(!report.configs.is_empty(), "{}: no configuration", project.name);
        let mut seen: Vec<&str> = report.findings.iter().map(|found| found.rule.id).collect();
        for id in &seen {
            findings.entry(id).or_default().0 += 1;
        }
        seen.sort_unstable();
        seen.dedup();
        for id in seen {
            findings.entry(id).or_default().1 += 1;
        }
    }
    let mut table = format!("{} projects: findings, projects\n", projects.len());
    for (id, (count, projects)) in findings {
        let _ = writeln!(table, "{id}: {count}, {projects}");
    }
    insta::assert_snapshot!(table);
}
