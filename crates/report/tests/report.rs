//! One hostile workspace through every format.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test starts the schema validator; the crate does no I/O"
)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use drawbridge_core::audit::{HostFile, HostFileKind, Input, Report, audit};
use drawbridge_core::project::{Entry, RelPath, Snapshot};
use drawbridge_report::{document, explain, html, sarif, terminal};

fn snapshot(config: &str) -> Snapshot {
    let mut snapshot = Snapshot::default();
    let path = RelPath::new(".devcontainer.json").expect("a path");
    snapshot.files.insert(path, Entry::Text(config.to_owned()));
    snapshot
}

fn report(config: &str) -> Report {
    audit(&Input::of(&snapshot(config), 0))
}

/// A page whose policy and proof say what a container may have put there.
fn page(title: &str) -> html::Page<'_> {
    let word = || "</li><script>alert(2)</script><img src=x onerror=alert(3)>".to_owned();
    let (rule, reason) = (word(), Some(word()));
    let row = html::PolicyRow { denies: false, rule, layer: word(), place: word(), reason };
    let outcome = html::Outcome::Fail;
    let attempt = html::Attempt { id: word(), outcome, attempt: word(), detail: word() };
    html::Page {
        title,
        tool: "test",
        policy: html::Section::Rows(vec![row]),
        proof: html::Section::Rows(vec![attempt]),
    }
}

const HOSTILE: &str =
    "{\n  \"image\": \"<script>alert(1)</script>\u{1b}[2J\u{202e}\",\n  \"privileged\": true\n}\n";

#[test]
fn the_terminal_shows_the_worst_first_on_one_screen() {
    let text = terminal::render(
        &report("{\n  \"image\": \"debian:12\",\n  \"privileged\": true\n}\n"),
        terminal::Options::default(),
    );
    insta::assert_snapshot!(text);
}

#[test]
fn nothing_foreign_steers_the_terminal() {
    for all in [false, true] {
        let text = terminal::render(&report(HOSTILE), terminal::Options { color: false, all });
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    }
}

#[test]
fn json_is_what_the_schema_says() {
    let document = serde_json::to_value(document::document(&report(HOSTILE), "test")).expect("JSON");
    let schema = document::schema();
    let required = schema["required"].as_array().expect("a list");
    for key in required {
        assert!(document.get(key.as_str().expect("a key")).is_some(), "{key}");
    }
    assert_eq!(document["version"], 1);
    assert_eq!(document["findings"][0]["code"], "DB201");
    assert_eq!(document["findings"][0]["evidence"][0]["kind"], "file");
    assert_eq!(document["counts"]["critical"], 1);
}

#[test]
fn pages_hide_what_only_tests_need() {
    let rule = drawbridge_core::rules::find("DB803").expect("a rule");
    let page = explain::page(rule);
    assert!(page.contains("```ini\n") && page.contains("Found in `.git/config`:"), "{page}");
    assert!(!page.contains("ini bad"), "{page}");
}

/// Reads the schema that npm installed here and validates standard input.
const VALIDATE: &str = "
const Ajv = require('ajv-draft-04');
const schema = require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
const ajv = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false });
const valid = ajv.compile(schema);
if (!valid(JSON.parse(require('fs').readFileSync(0, 'utf8')))) {
  console.log(JSON.stringify(valid.errors, null, 1));
  process.exit(1);
}
";

/// A folder in which node finds the schema and a validator; `None`, and said so, without npm.
fn validator() -> Option<&'static Path> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let install = Command::new("npm")
        .args(["install", "--silent", "--no-audit", "--no-fund", "--prefer-offline", "--prefix"])
        .arg(folder)
        .args(["@microsoft/jest-sarif@1.0.0-beta.0", "ajv@8", "ajv-draft-04@1"])
        .stdin(Stdio::null())
        .output();
    if install.is_ok_and(|output| output.status.success()) {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "CI must be able to install the SARIF schema with npm");
    println!("skipped: npm cannot install the SARIF schema here");
    None
}

#[test]
fn sarif_is_valid_and_carries_fixes_waivers_and_stable_fingerprints() {
    let config = "{\n  \"image\": \"debian:12\", // drawbridge-ignore image-unpinned: rebuilt daily\n  \"privileged\": true\n}\n";
    let log = sarif::sarif(&report(config), &snapshot(config), "test");
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("results");
    let first = &results[0];
    assert_eq!(first["ruleId"], "DB201");
    let index = usize::try_from(first["ruleIndex"].as_u64().expect("an index")).expect("small");
    assert_eq!(run["tool"]["driver"]["rules"][index]["id"], "DB201");
    let replacement = &first["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert!(replacement["deletedRegion"]["startLine"].as_u64() >= Some(2), "{replacement}");
    let waived = results.iter().find(|result| result["ruleId"] == "DB901").expect("a waived result");
    assert_eq!(waived["suppressions"][0]["justification"], "rebuilt daily");
    let moved = format!("\n\n{config}");
    let later = sarif::sarif(&report(&moved), &snapshot(&moved), "test");
    let prints = |log: &serde_json::Value| -> Vec<String> {
        let results = log["runs"][0]["results"].as_array().expect("results");
        results.iter().map(|result| result["partialFingerprints"]["drawbridge/v1"].to_string()).collect()
    };
    assert_eq!(prints(&log), prints(&later));
    let hostile = sarif::sarif(&report(HOSTILE), &snapshot(HOSTILE), "test");
    let Some(folder) = validator() else { return };
    for log in [&log, &hostile] {
        let mut node = Command::new("node")
            .args(["-e", VALIDATE])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
        let text = serde_json::to_vec(log).expect("JSON");
        node.stdin.take().expect("a pipe").write_all(&text).expect("it reads");
        let output = node.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn every_report_says_what_was_not_looked_at() {
    let snapshot = snapshot("{}");
    let text = "ports that Cursor listens on: only processes of Linux are looked at".to_owned();
    let host = [HostFile {
        kind: HostFileKind::Unseen,
        product: "Cursor".to_owned(),
        path: String::new(),
        text: text.clone(),
    }];
    let report = audit(&Input { host: &host, ..Input::of(&snapshot, 0) });
    assert!(terminal::render(&report, terminal::Options::default()).contains(&text));
    assert!(document::document(&report, "0.1.0").unseen.contains(&text));
    assert!(sarif::sarif(&report, &snapshot, "0.1.0").to_string().contains(&text));
    assert!(html::html(&report, &page("shop")).contains(&text));
}

#[test]
fn every_report_counts_what_is_ignored() {
    let config = "{\n  \"image\": \"debian:12\", // drawbridge-ignore image-unpinned: rebuilt daily\n}\n";
    let report = report(config);
    let text = terminal::render(&report, terminal::Options::default());
    assert!(text.contains("rebuilt daily (comment)") && text.contains("\nignored 1\n"), "{text}");
    assert!(html::html(&report, &page("x")).contains("<h2>Ignored: 1</h2>"));
    let json = serde_json::to_value(document::document(&report, "test")).expect("JSON");
    assert_eq!(json["ignored"][0]["by"], "comment");
}

#[test]
fn the_page_is_inert_and_offline() {
    let page = html::html(&report(HOSTILE), &page("\"><script>x</script>"));
    assert!(!page.contains("<script") && !page.contains('\u{1b}') && !page.contains('\u{202e}'));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!page.contains("<img"), "{page}");
    for handler in ["onclick", "onload", "javascript:", "href=", "@import", "url("] {
        assert!(!page.contains(handler), "{handler}");
    }
    assert!(page.contains("default-src 'none'") && page.contains("<svg"));
    assert_eq!(page.matches("<details").count(), page.matches("</details>").count());
}
