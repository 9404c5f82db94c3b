//! Drawbridge's own Feature in a protected configuration: first, with the CA of whoever builds, and never over the user's options.

mod support;

use drawbridge_core::protect::Options;
use support::{applied, path, planned, workspace};

const CONFIG: &str = ".devcontainer/devcontainer.json";

/// `features` and their order after `protect --feature REFERENCE`.
#[track_caller]
fn written(config: &str, reference: &str) -> String {
    let options = Options { feature: Some(reference.to_owned()), ..Options::default() };
    let before = workspace(&[(CONFIG, config)]);
    let after = applied(&before, &planned(&before, &options));
    assert!(planned(&after, &options).is_done());
    let root = drawbridge_jsonc::parse(after.text(&path(CONFIG)).unwrap_or_default()).root;
    let value = |key: &str| root.as_ref().and_then(|root| root.get(key)).map(drawbridge_jsonc::Node::to_json);
    let text = |key: &str| value(key).map_or_else(|| "none".to_owned(), |value| value.to_string());
    format!("{} | {}", text("features"), text("overrideFeatureInstallOrder"))
}

#[test]
fn comes_first_and_keeps_what_the_user_wrote() {
    let ours = "r.example:5000/own/drawbridge:1";
    insta::assert_snapshot!(written(r#"{"image": "a"}"#, ours), @r#"{"r.example:5000/own/drawbridge:1":{"ca":"${localEnv:DRAWBRIDGE_CA}"}} | none"#);
    insta::assert_snapshot!(written(r#"{"image": "a", "features": {"./b": {}}}"#, ours), @r#"{"./b":{},"r.example:5000/own/drawbridge:1":{"ca":"${localEnv:DRAWBRIDGE_CA}"}} | ["r.example:5000/own/drawbridge"]"#);
    let ordered =
        r#"{"image": "a", "features": {"./b": {}, "./c": {}}, "overrideFeatureInstallOrder": ["./c"]}"#;
    insta::assert_snapshot!(written(ordered, "r.example/own/drawbridge@sha256:00"), @r#"{"./b":{},"./c":{},"r.example/own/drawbridge@sha256:00":{"ca":"${localEnv:DRAWBRIDGE_CA}"}} | ["r.example/own/drawbridge","./c"]"#);
    let own = r#"{"image": "a", "features": {"./drawbridge": {"confine": "claude"}, "./b": {}}}"#;
    insta::assert_snapshot!(written(own, "./drawbridge"), @r#"{"./drawbridge":{"confine":"claude"},"./b":{}} | none"#);
}
