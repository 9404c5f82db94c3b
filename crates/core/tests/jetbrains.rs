//! What `protect` writes for JetBrains IDEs, and that it stays.

mod support;

use drawbridge_core::project::{Entry, RelPath};
use drawbridge_core::protect::{Options, recorded};
use support::{applied, path, planned, workspace};

const CONFIG: &str = ".devcontainer/devcontainer.json";

/// `customizations.jetbrains` after `protect`; a second run over the result must change nothing.
#[track_caller]
fn jetbrains(files: &[(&str, &str)], ides: Option<&[&str]>, agents: &[&str]) -> String {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let options = Options {
        ides: ides.map(owned),
        agents: (!agents.is_empty()).then(|| owned(agents)),
        ..Options::default()
    };
    let before = workspace(files);
    let first = planned(&before, &options);
    let mut after = applied(&before, &first);
    // What a later commit adds must not change what was chosen.
    let root = after.files.get_mut(&RelPath::root()).expect("the listing");
    if let Entry::Dir(names) = root {
        names.push("go.mod".to_owned());
    }
    assert!(planned(&after, &recorded(&after, Some(&first.config)).expect("the record")).is_done());
    let parsed = drawbridge_jsonc::parse(after.text(&path(CONFIG)).unwrap_or_default());
    let section = parsed.root.as_ref().and_then(|root| root.get("customizations")?.get("jetbrains"));
    section.map(drawbridge_jsonc::Node::to_json).unwrap_or_default().to_string()
}

#[test]
fn writes_the_section_of_jetbrains_for_those_who_name_it() {
    let plain = [(CONFIG, r#"{"image": "a"}"#), ("pom.xml", "<project/>"), (".idea/misc.xml", "")];
    assert_eq!(jetbrains(&plain, None, &["claude-code"]), "null");
    insta::assert_snapshot!(jetbrains(&plain, Some(&["jetbrains"]), &["claude-code", "codex"]), @r#"{"backend":"IntelliJ","plugins":["com.anthropic.code.plugin"],"settings":{"com.intellij:app:HttpConfigurable.use_proxy_pac":true}}"#);

    let several = [(CONFIG, r#"{"image": "a"}"#), ("pom.xml", "<project/>"), ("package.json", "{}")];
    insta::assert_snapshot!(jetbrains(&several, Some(&["vscode", "jetbrains"]), &[]), @r#"{"settings":{"com.intellij:app:HttpConfigurable.use_proxy_pac":true}}"#);

    let own = r#"{"image": "a", "customizations": {"jetbrains": {"backend": "GoLand", "plugins": ["x.y"],
        "settings": {"com.intellij:app:HttpConfigurable.use_http_proxy": true}}}}"#;
    insta::assert_snapshot!(jetbrains(&[(CONFIG, own), ("pom.xml", "")], None, &["jetbrains-ai"]), @r#"{"backend":"GoLand","plugins":["x.y","org.jetbrains.junie"],"settings":{"com.intellij:app:HttpConfigurable.use_http_proxy":true}}"#);
}
