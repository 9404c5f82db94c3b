use super::*;
use crate::project::NoText;

fn of(files: &[(&str, &str)]) -> Baseline {
    let mut snapshot = Snapshot::default();
    for (path, text) in files {
        let path = RelPath::new(path).expect("a path");
        snapshot.files.insert(path, Entry::Text((*text).to_owned()));
    }
    baseline(&snapshot)
}

fn check(before: &[(&str, &str)], now: &[(&str, &str)]) -> String {
    let drift = compare(&of(before), &of(now));
    drift
        .iter()
        .map(|drift| format!("{:?} {}: {}", drift.kind, drift.path, drift.what.join("; ")))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_hook_that_can_run_now_is_a_change_and_has_nothing_to_put_back() {
    let hook = RelPath::new(".git/hooks/pre-commit").expect("a path");
    let mut before = of(&[(hook.as_str(), "#!/bin/sh\n"), ("package.json", "{}")]);
    let mut now = before.clone();
    before.not_executable = before.files.keys().cloned().collect();
    let drift = compare(&before, &now);
    let [only] = drift.as_slice() else { panic!("{drift:?}") };
    assert_eq!((&only.path, only.kind, only.can_be_put_back()), (&hook, DriftKind::Changed, false));
    before.accept(&hook, &now);
    assert_eq!(compare(&before, &now), []);
    now.not_executable.insert(hook);
    assert_eq!(compare(&before, &now), [], "one that cannot run any more is no danger");
}

#[test]
fn a_program_as_a_hook_is_seen_although_it_is_no_text() {
    let mut snapshot = Snapshot::default();
    let path = |text: &str| RelPath::new(text).expect("a path");
    snapshot.facts.hooks_path = Some(path(".husky/_"));
    snapshot.files.insert(path(".husky/_/pre-push"), Entry::Present(NoText::NotUtf8 { at: 0 }));
    let drift = compare(&Baseline::default(), &baseline(&snapshot));
    let [only] = drift.as_slice() else { panic!("{drift:?}") };
    assert_eq!((only.path.as_str(), only.can_be_put_back()), (".husky/_/pre-push", false));
    let bytes = Content::Other(Other::Bytes { size: 1, sha256: "a".to_owned() });
    let now = Baseline { files: [(only.path.clone(), bytes)].into(), ..Baseline::default() };
    assert_eq!(compare(&Baseline::default(), &now)[0].what, ["is no text: 1 bytes with the SHA-256 a"]);
}

/// Before and now of one hook, and what is said.
fn told(before: Content, now: Content) -> Vec<String> {
    let path = RelPath::new(".git/hooks/pre-commit").expect("a path");
    let of = |content| Baseline { files: [(path.clone(), content)].into(), ..Baseline::default() };
    let drift = compare(&of(before), &of(now));
    assert!(drift.iter().all(|drift| drift.kind == DriftKind::Changed && !drift.can_be_put_back()));
    drift.into_iter().flat_map(|drift| drift.what).skip(1).collect()
}

#[test]
fn what_has_no_text_is_compared_by_what_it_is() {
    let bytes = |size, sha256: &str| Content::Other(Other::Bytes { size, sha256: sha256.to_owned() });
    let link = |to: &[&str], sha256: Option<&str>| {
        let to = to.iter().map(|to| (*to).to_owned()).collect();
        Content::Other(Other::Link { to, sha256: sha256.map(str::to_owned) })
    };
    assert_eq!(told(bytes(1, "a"), bytes(1, "a")), [""; 0]);
    assert_eq!(told(bytes(1, "a"), bytes(1, "b")), ["is now no text: 1 bytes with the SHA-256 b"]);
    assert_eq!(told(link(&["x"], None), link(&["x"], None)), [""; 0]);
    assert_eq!(
        told(link(&["x"], None), link(&["y"], None)),
        ["is now a symbolic link to `y`; what is there is not compared"]
    );
    assert_eq!(
        told(link(&["x", "y"], Some("a")), link(&["x", "y"], Some("b"))),
        ["the symbolic link is as it was, and what it leads to changed: `x` to `y`"]
    );
    assert_eq!(
        told(link(&["x"], None), Content::Text(String::new())),
        ["was a symbolic link to `x`; what is there is not compared"]
    );
    let words = Content::Text(link(&["x"], None).shown());
    assert_eq!(told(words, link(&["x"], None)).len(), 1, "a text that looks like one is another");
}

#[test]
fn what_cannot_be_compared_is_never_as_it_was() {
    let unknown = || Content::Other(Other::Unknown("not allowed".to_owned()));
    let want = ["not compared, so nobody knows what it is: not allowed"];
    assert_eq!(told(unknown(), unknown()), want);
    assert_eq!(told(Content::Text(String::new()), unknown()), want);
    let mut snapshot = Snapshot::default();
    let path = |text: &str| RelPath::new(text).expect("a path");
    snapshot.files.insert(path(".mcp.json"), Entry::Unreadable("not allowed".to_owned()));
    snapshot.files.insert(path(".envrc"), Entry::Present(NoText::NotAFile));
    snapshot.files.insert(path("package.json"), Entry::Symlink);
    let mut now = baseline(&snapshot);
    assert_eq!(compare(&now, &now).len(), 3);
    now.accept(&path(".envrc"), &now.clone());
    assert_eq!(compare(&now, &now).len(), 3, "accepting it does not make it known");
}

#[test]
fn a_folder_in_place_of_a_file_is_said_and_taken_over_as_nothing() {
    let (tasks, folder) = (RelPath::new(".vscode/tasks.json").expect("a path"), RelPath::new(".vscode"));
    let mut before = of(&[(tasks.as_str(), "{}")]);
    let mut snapshot = Snapshot::default();
    for path in [Some(tasks.clone()), folder].into_iter().flatten() {
        snapshot.files.insert(path, Entry::Dir(Vec::new()));
    }
    let now = baseline(&snapshot);
    let drift = compare(&before, &now);
    let [only] = drift.as_slice() else { panic!("{drift:?}") };
    assert_eq!((&only.path, only.kind, only.can_be_put_back()), (&tasks, DriftKind::Changed, false));
    assert_eq!(only.what.last().map(String::as_str), Some("is now a folder"));
    before.accept(&tasks, &now);
    assert_eq!(compare(&before, &now), []);
}

#[test]
fn an_earlier_baseline_of_texts_alone_is_read() {
    let earlier = r#"{"version": 1, "files": {".envrc": "a", ".mcp.json": "(a symbolic link)"}}"#;
    let earlier: Baseline = serde_json::from_str(earlier).expect("the same version");
    assert_eq!(earlier.files.values().filter_map(Content::text).count(), 2);
    let link = Other::Link { to: vec!["x".to_owned()], sha256: None };
    let now = Baseline {
        version: VERSION,
        files: [(RelPath::root(), Content::Other(link))].into(),
        ..Baseline::default()
    };
    let written = serde_json::to_string(&now).expect("plain data");
    assert_eq!(serde_json::from_str::<Baseline>(&written).expect("the same"), now);
}

#[test]
fn says_what_a_change_means() {
    let config = ".devcontainer/devcontainer.json";
    insta::assert_snapshot!(
        check(
            &[(config, r#"{"image": "a", "mounts": []}"#), ("package.json", r#"{"scripts": {"test": "x"}}"#), (".envrc", "a"), (".helix/languages.toml", "a")],
            &[
                (config, r#"{"image": "a", "initializeCommand": "x", "mounts": ["y"]}"#),
                ("package.json", r#"{"scripts": {"test": "x", "postinstall": "y"}}"#),
                (".git/hooks/pre-commit", "x"),
                (".helix/languages.toml", "b"),
                (".dir-locals.el", "x"),
            ],
        ),
        @r"
    Changed .devcontainer/devcontainer.json: adds `initializeCommand`: runs on YOUR computer at every start; changes `mounts`: it mounts folders or volumes
    Added .dir-locals.el: another editor on YOUR computer follows it
    Removed .envrc: 1 lines before, 0 now
    Added .git/hooks/pre-commit: git on YOUR computer runs it
    Changed .helix/languages.toml: another editor on YOUR computer follows it
    Changed package.json: adds script `postinstall`: runs where npm runs it
    "
    );
}

#[test]
fn sources_and_comments_alone_do_not_count_or_are_shown_as_lines() {
    assert_eq!(check(&[("src/main.rs", "a")], &[("src/main.rs", "b")]), "");
    assert!(check(&[(".devcontainer.json", "{}")], &[(".devcontainer.json", "// x\n{}")]).contains("2 now"));
}
