//! `protect` and the audit are of one mind: nothing that `protect` writes is a finding that was not there before.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use drawbridge_core::audit::{Input, Severity, audit};
use drawbridge_core::project::Snapshot;
use drawbridge_core::protect::{Ground, Hardening, Options, plan};
use support::{applied, corpus, workspace};

const NOW: i64 = 1_795_000_000;

/// Rules with a finding of weight, for each how many.
fn found(snapshot: &Snapshot) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for finding in audit(&Input::of(snapshot, NOW)).findings {
        if finding.severity != Severity::Info {
            *counts.entry(finding.rule.id).or_default() += 1;
        }
    }
    counts
}

fn options() -> Vec<Options> {
    let words = |list: &[&str]| Some(list.iter().map(|word| (*word).to_owned()).collect());
    let mut all = Vec::new();
    for hardening in [Hardening::Off, Hardening::Balanced, Hardening::Strict] {
        for ground in [Ground::Off, Ground::Config, Ground::Editor, Ground::Strict] {
            for ides in [None, words(&["vscode"]), words(&["jetbrains"])] {
                all.push(Options {
                    hardening,
                    ground,
                    ides,
                    agents: words(&["claude-code", "jetbrains-ai"]),
                    feature: Some("r.example/own/drawbridge@sha256:00".to_owned()),
                    trust_host_cas: true,
                    ..Options::default()
                });
            }
        }
    }
    all
}

/// What the protection of `before` brings; `None` when it is refused.
fn brought(before: &Snapshot, options: &Options) -> Option<BTreeSet<&'static str>> {
    let plan = plan(before, options).ok()?;
    let (then, now) = (found(before), found(&applied(before, &plan)));
    let more =
        |(id, count): (&'static str, usize)| (count > then.get(id).copied().unwrap_or(0)).then_some(id);
    Some(now.into_iter().filter_map(more).collect())
}

#[test]
fn nothing_that_protect_writes_is_a_finding() {
    let kinds: [&[(&str, &str)]; 3] = [
        &[(".devcontainer/devcontainer.json", r#"{"image": "debian:12"}"#), ("pom.xml", "")],
        &[
            (
                ".devcontainer/devcontainer.json",
                r#"{"build": {"dockerfile": "Dockerfile"}, "features": {"./a": {}}}"#,
            ),
            (".devcontainer/Dockerfile", "FROM debian:12\n"),
        ],
        &[
            (".devcontainer/devcontainer.json", r#"{"dockerComposeFile": "compose.yaml", "service": "app"}"#),
            (".devcontainer/compose.yaml", "services: {app: {image: debian, volumes: [\"..:/work\"]}}\n"),
        ],
    ];
    for files in kinds {
        let before = workspace(files);
        for options in options() {
            let brought = brought(&before, &options).expect("it can be protected");
            assert!(brought.is_empty(), "{files:?} with {options:?}: {brought:?}");
        }
    }
}

#[test]
fn nothing_that_protect_writes_into_real_projects_is_a_finding() {
    let Some(projects) = corpus() else { return };
    let mut protected = 0;
    let mut seen: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for project in &projects {
        for hardening in [Hardening::Balanced, Hardening::Strict] {
            let config = Some(project.config.clone());
            let options = Options { config, hardening, ground: Ground::Strict, ..Options::default() };
            let Some(brought) = brought(&project.snapshot, &options) else { continue };
            protected += 1;
            for rule in brought {
                seen.entry(rule).or_default().push(project.name.clone());
            }
        }
    }
    assert!(protected > projects.len(), "{protected} of {} could be protected", 2 * projects.len());
    assert!(seen.is_empty(), "{seen:#?}");
}
