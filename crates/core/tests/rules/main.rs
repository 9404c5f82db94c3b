//! One walk over the registry, its pages and their fences: nothing is missing, unsorted or untrue.
//!
//! The fences of a rule's page are its fixtures. `bad` must find, `good` must not, and a safe fix
//! leads from the one to the other. `and` adds a file to the fence before it, `file=` names another
//! file than the language's own, `mode=644` behind it takes the execute permission away, `live`, `brought` (of `file=`) and `host=KIND` are
//! facts instead of a file.

#![allow(clippy::disallowed_methods, reason = "tests list the rules' folder; the crate itself does no I/O")]

mod fences;

use std::collections::BTreeSet;
use std::path::Path;

use drawbridge_core::audit::{Finding, FixKind, IgnoredBy, Input, Safety, audit, fixed};
use drawbridge_core::rules::RULES;
use drawbridge_policy::{Layer, LayerKind};
use fences::{Case, cases};

const NOW: i64 = 1_795_000_000;

fn found(case: &Case, id: &str) -> Vec<Finding> {
    let input = case.input(NOW);
    audit(&input).findings.into_iter().filter(|finding| finding.rule.id == id).collect()
}

#[test]
fn the_registry_is_sorted_and_complete() {
    let codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
    let mut sorted = codes.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(codes, sorted, "by code, each once");
    let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), RULES.len(), "each id once");
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let pages: BTreeSet<String> = std::fs::read_dir(pages)
        .expect("the rules' folder")
        .filter_map(|item| item.expect("an entry").file_name().to_str().map(str::to_owned))
        .filter_map(|name| name.strip_suffix(".md").map(|name| name.replace('_', "-")))
        .collect();
    assert_eq!(pages, ids.iter().map(|id| (*id).to_owned()).collect(), "a page for each rule");
}

#[test]
fn pages_say_what_a_reader_asks() {
    for rule in RULES {
        assert!(rule.docs.starts_with("Finds "), "{}: starts with what it finds", rule.id);
        for part in ["**Why it matters.**", "**Fix.**", "**What remains.**"] {
            assert!(rule.docs.contains(part), "{}: {part}", rule.id);
        }
        let starts: Vec<bool> = rule.title.chars().take(2).map(char::is_uppercase).collect();
        assert!(!rule.title.ends_with('.') && starts != [true, false], "{}: {}", rule.id, rule.title);
    }
}

#[test]
fn fences_are_true() {
    for rule in RULES {
        let cases = cases(rule.docs);
        for (kind, want) in [("bad", true), ("good", false)] {
            let of_kind: Vec<&Case> = cases.iter().filter(|case| case.bad == want).collect();
            assert!(!of_kind.is_empty(), "{}: no `{kind}` fence", rule.id);
            for case in of_kind {
                let found = found(case, rule.id);
                assert_eq!(!found.is_empty(), want, "{}: `{kind}`:\n{case}\n{found:#?}", rule.id);
            }
        }
    }
}

#[test]
fn fixes_lead_to_good_and_are_idempotent() {
    for rule in RULES {
        let mut fixes = 0;
        for case in cases(rule.docs).iter().filter(|case| case.bad) {
            for finding in found(case, rule.id) {
                let Some(fix) = &finding.fix else { continue };
                fixes += 1;
                let kind = if fix.safety == Safety::Safe { FixKind::Safe } else { FixKind::Unsafe };
                assert_eq!(rule.fix, kind, "{}: declares another kind of fix", rule.id);
            }
            let all = found(case, rule.id);
            if all.is_empty() || all.iter().any(|finding| finding.fix.is_none()) {
                continue;
            }
            let wanted = [rule.id.to_owned()];
            let changed = fixed(&case.input(NOW), false, &wanted);
            assert!(!changed.is_empty(), "{}: the fix changes nothing:\n{case}", rule.id);
            let after = case.with(&changed);
            let left = found(&after, rule.id);
            assert_eq!(left, [], "{}: still there after the fix:\n{after}", rule.id);
            assert_eq!(fixed(&after.input(NOW), false, &wanted), [], "{}: not idempotent:\n{after}", rule.id);
        }
        assert_eq!(fixes > 0, rule.fix != FixKind::None, "{}: fix kind {:?}", rule.id, rule.fix);
    }
}

#[test]
fn of_several_configurations_each_has_its_own_image() {
    let page = r#"```json bad file=.devcontainer/b/devcontainer.json brought
{ "image": [{ "capAdd": ["SYS_ADMIN"] }] }
```
```json bad and file=.devcontainer/a/devcontainer.json brought
{ "image": [{ "privileged": true }] }
```
```jsonc bad and file=.devcontainer/a/devcontainer.json
{ "image": "docker.example/a:1" }
```
```jsonc bad and file=.devcontainer/b/devcontainer.json
{ "image": "docker.example/b:1" }
```
```jsonc bad and file=.devcontainer/c/devcontainer.json
{ "image": "docker.example/c:1" }
```
"#;
    let found = found(&cases(page)[0], "brought-privileges");
    let shown: Vec<(&str, &str)> = found
        .iter()
        .map(|found| (found.config.as_ref().map_or("", |path| path.as_str()), found.message.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            (".devcontainer/a/devcontainer.json", "`the image` makes the container privileged"),
            (".devcontainer/b/devcontainer.json", "`the image` adds the capability `SYS_ADMIN`"),
        ]
    );
}

#[test]
fn a_fix_of_a_compose_file_is_offered_where_it_is_certain() {
    let fixes = |compose: &str| {
        let case = &cases(&format!("```yaml bad\n{compose}\n```\n"))[0];
        found(case, "privileged-container").iter().map(|one| one.fix.is_some()).collect::<Vec<_>>()
    };
    let own = "services:\n  dev:\n    image: x\n    privileged: true";
    assert_eq!(fixes(own), [true]);
    let shared = "x-a: &a\n  privileged: true\n  tty: true\nservices:\n  dev:\n    image: x\n    <<: *a";
    assert_eq!(fixes(shared), [false], "other services may have it too");
    let services = |count: usize| {
        let names: Vec<String> = (0..count).map(|n| format!("s{n}")).collect();
        let one = |name: &String| format!("  {name}:\n    image: x\n    privileged: true\n");
        let others: Vec<String> = names.iter().map(one).collect();
        let dev = format!("  dev:\n    image: x\n    depends_on: [{}]\n", names.join(", "));
        format!("services:\n{dev}{}", others.concat())
    };
    let many = fixes(&services(400));
    let offered = many.iter().filter(|offered| **offered).count();
    assert!(many.len() == 400 && (30..100).contains(&offered), "{offered} of {}", many.len());
}

#[test]
fn fixes_of_run_args_name_and_take_the_whole_flag() {
    let case = &cases(
        r#"```jsonc bad
{ "image": "debian:12", "runArgs": [
  "--init", "--privileged=true", // for kvm
  "--cap-add", "cap_sys_admin", "--security-opt=seccomp:unconfined", "--pid", "host", "--net=host",
  "--device=/dev/kvm:/dev/kvm", "--add-host", "h:host-gateway", "-v/run/docker.sock:/s",
  "-p", "5432:5432", "-p=[::]:80:80", "-p", "target=90,published=90", "-e", "API_TOKEN=${localEnv:API_TOKEN}"
] }
```
"#,
    )[0];
    let mut findings = audit(&case.input(NOW)).findings;
    findings.retain(|found| found.location().is_some_and(|at| at.line > 1));
    let title = |found: &Finding| found.fix.as_ref().map_or("none", |fix| fix.title.as_str()).to_owned();
    let titles: BTreeSet<String> =
        findings.iter().map(|found| format!("{}: {}", found.rule.code, title(found))).collect();
    insta::assert_snapshot!(titles.into_iter().collect::<Vec<_>>().join("\n"), @r"
    DB101: Remove the mount
    DB201: Remove `--privileged`
    DB202: Remove `--cap-add cap_sys_admin`
    DB203: Remove `--security-opt=seccomp:unconfined`
    DB204: Remove `--pid host`
    DB209: Remove `--device=/dev/kvm:/dev/kvm`
    DB302: Remove `--net=host`
    DB305: Remove `--add-host h:host-gateway`
    DB401: Publish for this machine only
    DB401: none
    DB517: Remove `--env`
    ");
    let every: Vec<String> = findings.iter().map(|found| found.rule.id.to_owned()).collect();
    let changed = fixed(&case.input(NOW), false, &every);
    insta::assert_snapshot!(changed[0].change.after.as_deref().unwrap_or_default(), @r#"
    { "image": "debian:12", "runArgs": [
      "--init",
      // for kvm
      "-p", "127.0.0.1:5432:5432", "-p=[::1]:80:80", "-p", "target=90,published=90"
    ] }
    "#);
}

#[test]
fn a_byte_order_mark_takes_no_column() {
    let text = "{ x-note: 😀, services: { dev: { image: x, privileged: true, cap_add: [ALL] } } }";
    for mark in ["", "\u{feff}"] {
        let case = &cases(&format!("```yaml bad\n{mark}{text}\n```\n"))[0];
        for (rule, value) in [("privileged-container", "true, "), ("dangerous-capability", "ALL] ")] {
            let finding = found(case, rule).remove(0);
            let at = finding.location().expect("a place in the file");
            let byte = text.find(value).expect("the value");
            assert_eq!((at.line, at.column), (1, text[..byte].chars().count() + 1), "{rule}");
            assert_eq!(at.span.start, mark.len() + byte, "{rule}: editors count from the byte");
        }
    }
}

#[test]
fn waived_findings_are_shown_apart() {
    let case = &cases(
        "```jsonc bad\n{\n  \"image\": \"debian:12@sha256:0\",\n  \
         // drawbridge-ignore privileged-container: needs kvm\n  \"privileged\": true\n}\n```\n",
    )[0];
    let report = audit(&case.input(NOW));
    assert!(report.findings.iter().all(|finding| finding.rule.id != "privileged-container"));
    let [ignored] = report.ignored.as_slice() else { panic!("{:?}", report.ignored) };
    assert_eq!((ignored.finding.rule.code, ignored.reason.as_str()), ("DB201", "needs kvm"));
}

const POLICY: &str = ".devcontainer/drawbridge/policy.jsonc";

/// A root user, `ignores` in the repository's policy, and in a live container a setting of an editor.
fn with_ignores(ignores: &str) -> Case {
    let config = r#"{ "image": "debian:12@sha256:0", "containerUser": "root", "privileged": true }"#;
    let live = r#"{ "version": 1, "uid": 1000, "sockets": [{ "family": "cli-ipc", "path": "/tmp/vscode-ipc-1.sock", "connectable": true }] }"#;
    let page = format!(
        "```jsonc bad\n{config}\n```\n```jsonc bad and file={POLICY}\n{{ \"version\": 1, \"ignores\": [{ignores}] }}\n```\n```json bad and live\n{live}\n```\n"
    );
    cases(&page).remove(0)
}

fn ids(report: &drawbridge_core::audit::Report) -> (BTreeSet<&str>, Vec<(&str, IgnoredBy)>) {
    let open = report.findings.iter().map(|finding| finding.rule.id).collect();
    (open, report.ignored.iter().map(|one| (one.finding.rule.id, one.by)).collect())
}

#[test]
fn a_repository_ignores_what_its_files_say_and_nothing_that_was_seen() {
    let case = with_ignores(
        r#"{ "rule": "privileged-container", "reason": "kvm", "until": "2999-01-31" },
           { "rule": "DB601", "reason": "quiet", "until": "2999-01-31" }"#,
    );
    let report = audit(&case.input(NOW));
    let (open, ignored) = ids(&report);
    assert_eq!(ignored, [("privileged-container", IgnoredBy::Policy(LayerKind::Repository))]);
    assert!(open.contains("cli-ipc-reachable") && !open.contains("privileged-container"), "{open:?}");
    let elsewhere = with_ignores(
        r#"{ "rule": "DB201", "file": "compose.yaml", "reason": "kvm", "until": "2999-01-31" }"#,
    );
    assert!(ids(&audit(&elsewhere.input(NOW))).0.contains("privileged-container"));
}

#[test]
fn what_ended_comes_back_and_is_said() {
    let case = with_ignores(r#"{ "rule": "DB201", "reason": "kvm", "until": "2026-11-01" }"#);
    let report = audit(&case.input(NOW));
    let (open, ignored) = ids(&report);
    assert_eq!(ignored, []);
    assert!(open.contains("privileged-container") && open.contains("ignore-without-effect"), "{open:?}");
}

#[test]
fn the_developers_own_policy_ignores_everything_and_decides_for_the_repository() {
    let case = with_ignores(r#"{ "rule": "DB201", "reason": "kvm", "until": "2999-01-31" }"#);
    let personal = |text: &str| {
        [Layer { kind: LayerKind::Personal, file: "personal.jsonc".to_owned(), text: text.to_owned() }]
    };
    let own =
        personal(r#"{ "version": 1, "ignores": [{ "rule": "cli-ipc-reachable", "reason": "known" }] }"#);
    let report = audit(&Input { layers: &own, ..case.input(NOW) });
    let (open, ignored) = ids(&report);
    assert!(!open.contains("cli-ipc-reachable"), "{open:?}");
    assert!(ignored.contains(&("cli-ipc-reachable", IgnoredBy::Policy(LayerKind::Personal))));
    let review = personal(r#"{ "version": 1, "requireReview": true }"#);
    let report = audit(&Input { layers: &review, ..case.input(NOW) });
    let (open, ignored) = ids(&report);
    assert_eq!(ignored, []);
    assert!(open.contains("privileged-container") && open.contains("ignore-without-effect"), "{open:?}");
}

#[test]
fn an_empty_workspace_has_no_findings() {
    let case = Case::default();
    let report = audit(&Input { ..case.input(NOW) });
    assert_eq!(report.findings, []);
    assert!(report.unseen.len() >= 4, "{:?}", report.unseen);
}
