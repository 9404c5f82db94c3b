//! Reading devcontainer.json: every property, every error with its place.

use std::fmt::Write as _;

use drawbridge_core::devcontainer::{Config, Kind, MountKind, PortEntry, ReadError};
use drawbridge_text::LineIndex;

fn kind(text: &str) -> Kind {
    let parsed = drawbridge_jsonc::parse(text);
    Config::read(&parsed, text).expect("a readable configuration").kind
}

fn errors(text: &str) -> String {
    let parsed = drawbridge_jsonc::parse(text);
    let mut out = String::new();
    for error in Config::read(&parsed, text).expect_err("an unreadable configuration") {
        let place = LineIndex::new(text).line_col(error.span().start);
        let _ = writeln!(out, "{}:{} {error}", place.line, place.column);
    }
    out
}

#[test]
fn the_kind_is_what_up_takes() {
    assert_eq!(kind(r#"{"image": "a"}"#), Kind::Image);
    assert_eq!(kind(r#"{"image": "a", "build": {"dockerfile": "b"}}"#), Kind::Dockerfile);
    assert_eq!(kind(r#"{"dockerFile": "b", "dockerComposeFile": "c"}"#), Kind::Dockerfile);
    assert_eq!(kind(r#"{"image": "a", "dockerComposeFile": "c"}"#), Kind::Image);
    assert_eq!(kind(r#"{"dockerComposeFile": [], "service": "s"}"#), Kind::Compose);
    assert_eq!(kind(r#"{"build": {"args": {}}, "image": null}"#), Kind::None);
}

#[test]
fn every_property_has_a_field() {
    let text = r#"{
  "name": "n", "image": "i", "workspaceFolder": "/w", "workspaceMount": "",
  "runArgs": ["--init"], "appPort": [1, "2:3"], "forwardPorts": ["db:5432"],
  "mounts": ["type=bind,source=/a,target=/b", {"type": "volume", "source": "v", "target": "/v"}],
  "containerEnv": {"A": "1", "N": 5, "B": true}, "remoteEnv": {"P": "x", "GONE": null},
  "containerUser": "c", "remoteUser": "r", "updateRemoteUserUID": false, "userEnvProbe": "none",
  "overrideCommand": false, "shutdownAction": "none", "init": true, "privileged": false,
  "capAdd": ["X"], "securityOpt": ["y"], "features": {"f:1": {}},
  "overrideFeatureInstallOrder": ["f"], "initializeCommand": "a", "postCreateCommand": {"b": ["c"]},
  "waitFor": "onCreateCommand", "customizations": {}, "hostRequirements": {}, "secrets": {},
  "portsAttributes": {}, "otherPortsAttributes": {}, "extensions": [], "settings": {},
  "mystery": 1, "context": ".."
}"#;
    let parsed = drawbridge_jsonc::parse(text);
    let config = Config::read(&parsed, text).expect("a readable configuration");
    assert_eq!(config.name.as_ref().map(|name| name.value.as_str()), Some("n"));
    assert_eq!(config.workspace_mount.as_ref().map(|mount| mount.value.as_str()), Some(""));
    assert_eq!(config.app_ports[0].value, PortEntry::Number(1));
    assert_eq!(config.app_ports[1].value, PortEntry::Text("2:3".to_owned()));
    assert_eq!(config.mounts[1].value.kind, MountKind::Volume);
    assert_eq!(config.container_env[1].1.value, "5");
    assert_eq!(config.container_env[2].1.value, "true");
    assert_eq!(config.remote_env[1].1.value, None);
    assert!(!config.overrides_command());
    assert_eq!(config.build.context.as_ref().map(|path| path.value.as_str()), Some(".."));
    let hooks: Vec<&str> = config.hooks.iter().map(|hook| hook.name).collect();
    assert_eq!(hooks, ["initializeCommand", "postCreateCommand"]);
    assert_eq!(config.features[0].0.value, "f:1");
    assert_eq!(config.unknown.len(), 1);
    assert_eq!(config.unknown[0].at.to_string(), "/mystery");
    let run_args = &config.run_args[0];
    assert_eq!(&text[run_args.span.range()], "\"--init\"");
    assert_eq!(run_args.at.to_string(), "/runArgs/0");
}

#[test]
fn of_a_key_that_is_written_twice_the_last_one_counts() {
    let text = r#"{"image": "a", "containerEnv": {"A": "1", "A": "2"}, "image": "b"}"#;
    let parsed = drawbridge_jsonc::parse(text);
    let config = Config::read(&parsed, text).expect("a readable configuration");
    assert_eq!(config.image.expect("an image").value, "b");
    assert_eq!(config.container_env.len(), 1);
    assert_eq!(config.container_env[0].1.value, "2");
}

#[test]
fn wrong_types_are_all_told_with_their_place() {
    insta::assert_snapshot!(errors(r#"{
  "image": 5,
  "runArgs": "--init",
  "mounts": [1, {"type": "bind"}],
  "containerEnv": {"A": []},
  "appPort": [70000, {}],
  "init": "yes",
  "postCreateCommand": 1,
  "build": [],
  "customizations": []
}"#), @r"
    9:12 `/build` must be an object, this is an array
    2:12 `/image` must be a string, this is a number
    3:14 `/runArgs` must be a list, this is a string
    6:15 `/appPort/0` must be a port number or a string, this is a number
    6:22 `/appPort/1` must be a port number or a string, this is an object
    4:14 `/mounts/0` must be a string or an object, this is a number
    4:17 `/mounts/1` must be a mount with a `target`, this is an object
    5:25 `/containerEnv/A` must be a string, this is an array
    7:11 `/init` must be true or false, this is a string
    8:24 `/postCreateCommand` must be a string, a list or an object, this is a number
    10:21 `/customizations` must be an object, this is an array
    ");
}

#[test]
fn what_is_no_configuration_is_told() {
    assert_eq!(errors("// nothing\n"), "2:1 the file holds no configuration\n");
    assert_eq!(errors("[]"), "1:1 a configuration is an object, this is an array\n");
    assert_eq!(
        errors("{\n  \"dockerComposeFile\": \"a\"}"),
        "2:24 `service` is missing: it names the service to work in\n"
    );
    let hint = ReadError::Empty { span: drawbridge_text::Span::at(0) }.hint();
    assert!(hint.is_some_and(|hint| hint.contains("drawbridge init")));
}

#[test]
fn lists_are_bounded() {
    let words = vec!["\"a\""; 5000].join(",");
    let text = format!("{{\"image\": \"a\", \"runArgs\": [{words}]}}");
    assert_eq!(errors(&text), "1:27 `/runArgs` has more than 4096 entries\n");
}
