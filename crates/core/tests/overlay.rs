//! Whole Compose files as `protect` writes them, one per shape.

mod support;

use drawbridge_core::protect::{Ground, Hardening, Options, plan};
use support::{path, refusal, workspace};

/// The configuration and our Compose file after `protect`.
#[track_caller]
fn protect(files: &[(&str, &str)], options: &Options) -> String {
    let snapshot = workspace(files);
    let plan = match plan(&snapshot, options) {
        Ok(plan) => plan,
        Err(err) => return refusal(&err),
    };
    let after = |wanted: &drawbridge_core::project::RelPath| {
        let change = plan.changes.iter().find(|change| change.path == *wanted);
        change.and_then(|change| change.after.clone()).unwrap_or_default()
    };
    let overlay = after(&plan.overlay).replace(env!("CARGO_PKG_VERSION"), "VERSION");
    format!("{}\n{}\n---\n{overlay}", plan.config, after(&plan.config))
}

/// Only what the case is about.
fn plain() -> Options {
    Options {
        hardening: Hardening::Off,
        ides: Some(Vec::new()),
        agents: Some(Vec::new()),
        ..Options::default()
    }
}

const CONFIG: &str = ".devcontainer/devcontainer.json";

#[test]
fn image() {
    let config = "{\n  // Java\n  \"image\": \"java.example/dev:21\",\n  \"remoteUser\": \"vscode\"\n}\n";
    let files = [(CONFIG, config), ("pom.xml", ""), (".git/hooks/x.sample", ""), (".git/config", "")];
    insta::assert_snapshot!(protect(&files, &Options::default()));
}

#[test]
fn dockerfile() {
    let config = r#"{
  "build": { "dockerfile": "../docker/Dockerfile", "context": "..", "args": { "V": "1" } },
  "runArgs": ["--hostname=box", "--init"],
  "appPort": [8080, "0.0.0.0:9000:9000"],
  "containerEnv": { "HTTPS_PROXY": "http://proxy.example:8080" }
}
"#;
    let files = [(CONFIG, config), ("docker/Dockerfile", "FROM base.example/x\n")];
    insta::assert_snapshot!(protect(&files, &plain()));
}

#[test]
fn compose_with_a_database() {
    let compose = "services:\n  app:\n    image: dev.example/app\n    volumes: [\"..:/workspace:cached\"]\n    command: sleep infinity\n  db:\n    image: db.example/postgres\n    environment: {POSTGRES_PASSWORD: x}\n";
    let config =
        r#"{ "dockerComposeFile": "docker-compose.yml", "service": "app", "workspaceFolder": "/workspace" }"#;
    let files = [(CONFIG, config), (".devcontainer/docker-compose.yml", compose)];
    insta::assert_snapshot!(protect(&files, &plain()));
}

#[test]
fn compose_that_shares_the_database_network() {
    let compose = "services:\n  app:\n    image: dev.example/app\n    network_mode: service:db\n    volumes: [\"../..:/workspaces:cached\"]\n  db:\n    image: db.example/postgres\n    ports: [\"5432:5432\"]\n";
    let config = r#"{ "dockerComposeFile": ["docker-compose.yml"], "service": "app", "workspaceFolder": "/workspaces/${localWorkspaceFolderBasename}" }"#;
    let files = [(CONFIG, config), (".devcontainer/docker-compose.yml", compose)];
    insta::assert_snapshot!(protect(&files, &plain()));
}

#[test]
fn compose_with_networks_of_its_own() {
    let compose = "services:\n  app:\n    image: dev.example/app\n    networks: [front, back]\n    dns: [192.0.2.1]\n    volumes: [\".:/src\"]\n  db:\n    image: db.example/postgres\n    networks:\n      back: {aliases: [database], ipv4_address: 172.30.0.9}\n  mail:\n    image: mail.example/x\n    networks: [outside]\n  metrics:\n    image: metrics.example/x\n    network_mode: host\nnetworks: {front: {}, back: {}, outside: {}}\n";
    let config = r#"{ "dockerComposeFile": "../compose.yaml", "service": "app" }"#;
    let files = [(CONFIG, config), ("compose.yaml", compose), (".env", "COMPOSE_PROJECT_NAME=Other\n")];
    insta::assert_snapshot!(protect(&files, &plain()));
}

#[test]
fn compose_with_published_ports() {
    let compose = "services:\n  app:\n    image: dev.example/app\n    network_mode: host\n    volumes: [\"..:/w\"]\n  web:\n    image: web.example/x\n    ports:\n      - \"8080:80\"\n      - \"3000\"\n      - \"127.0.0.1:9000-9001:9000-9001\"\n      - \"${PORT:-443}:443\"\n";
    let config = r#"{ "dockerComposeFile": "docker-compose.yml", "service": "app" }"#;
    let files = [(CONFIG, config), (".devcontainer/docker-compose.yml", compose)];
    insta::assert_snapshot!(protect(&files, &plain()));
}

#[test]
fn nested() {
    let config = r#"{ "image": "dev.example/py:3", "workspaceMount": "source=${localWorkspaceFolder},target=/src,type=bind", "workspaceFolder": "/src" }"#;
    let files = [
        (".devcontainer/py/devcontainer.json", config),
        (CONFIG, r#"{ "image": "dev.example/base" }"#),
        (".vscode/settings.json", "{}"),
        (".claude/settings.json", "{}"),
    ];
    let options = Options {
        config: Some(path(".devcontainer/py/devcontainer.json")),
        ground: Ground::Strict,
        trust_host_cas: true,
        ..plain()
    };
    insta::assert_snapshot!(protect(&files, &options));
}
