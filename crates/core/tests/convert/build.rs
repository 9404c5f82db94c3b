//! `image` and `build`, with the legacy spellings and every `docker build` option.

use std::fmt::Write as _;

use crate::support::{Around, each, shown};
use crate::table;

fn builds(cases: &[&str]) -> String {
    each(cases, |members| format!("{{\n  {members}\n}}\n"))
}

#[test]
fn images_and_files() {
    table!(builds(&[
        r#""image": "${localEnv:IMAGE:registry.example/a:1}""#,
        r#""build": {"dockerfile": "Dockerfile"}"#,
        r#""build": {"dockerfile": "../Dockerfile"}"#,
        r#""build": {"dockerfile": "Dockerfile", "context": ".."}"#,
        r#""build": {"dockerfile": "docker/dev.Dockerfile", "context": "docker"}"#,
        r#""build": {"dockerfile": "${localWorkspaceFolder}/a/Dockerfile", "context": "${localWorkspaceFolder}"}"#,
        r#""build": {"dockerfile": "${localEnv:DIR}/Dockerfile", "context": "."}"#,
        r#""build": {"dockerfile": "Dockerfile", "context": "${localEnv:DIR}"}"#,
        r#""dockerFile": "Dockerfile", "context": "..""#,
        r#""dockerFile": "Dockerfile", "build": {"dockerfile": "other", "args": {"A": "1"}}"#,
        r#""image": "debian", "build": {"args": {"A": "1"}}"#,
        r#""image": "debian", "build": {"dockerfile": "Dockerfile"}"#,
        r#""image": "debian", "dockerComposeFile": "compose.yaml", "service": "app""#,
    ]));
}

#[test]
fn arguments() {
    table!(builds(&[
        r#""build": {"dockerfile": "Dockerfile", "args": {"A": "1", "B": "${localEnv:B:$x}", "N": 5}}"#,
        r#""build": {"dockerfile": "Dockerfile", "args": {"A": "${devcontainerId}"}}"#,
        r#""build": {"dockerfile": "Dockerfile", "target": "dev", "cacheFrom": "registry.example/a"}"#,
        r#""build": {"dockerfile": "Dockerfile", "cacheFrom": ["a", "type=local,src=b"]}"#,
    ]));
}

#[test]
fn options() {
    let cases = [
        "--platform linux/amd64",
        "--network=host --add-host a:10.0.0.1 --shm-size 1g --isolation default",
        "--ssh default --ulimit nofile=5:6 --ulimit core=1 --label a=b --tag x -t y",
        "--no-cache --pull --target dev --build-arg A=1",
        "--secret id=npm,src=.npmrc --secret id=token,env=TOKEN",
        "--build-context lib=../lib --build-context base=docker-image://debian",
        "--cache-from a --cache-to type=inline --allow network.host --privileged",
        "--progress=plain -q --load",
        "--memory 1g --cpu-shares 5 --squash --iidfile x --metadata-file y --sbom true --provenance=false",
        "--push -o out --made-up",
    ];
    let mut out = String::new();
    for case in cases {
        let words = serde_json::Value::from(case.split(' ').collect::<Vec<_>>());
        let text = format!("{{\n  \"build\": {{\"dockerfile\": \"Dockerfile\", \"options\": {words}}}\n}}\n");
        let _ = writeln!(out, "## {case}\n{}", shown(&text, &Around::default().convert(&text)));
    }
    table!(out);
}

#[test]
fn paths_follow_the_configuration() {
    let mut out = String::new();
    for config in
        [".devcontainer.json", ".devcontainer/devcontainer.json", ".devcontainer/api/devcontainer.json"]
    {
        let around = Around { config, ..Around::default() };
        let text = "{\n  \"build\": {\"dockerfile\": \"Dockerfile\", \"context\": \"..\"}\n}\n";
        let conversion = around.convert(text);
        let _ = writeln!(out, "## {config}\n{}", shown(text, &conversion));
        let after = crate::support::patched(text, &conversion);
        for line in after.lines().filter(|line| line.contains("dockerComposeFile")) {
            let _ = writeln!(out, "{}", line.trim());
        }
    }
    table!(out);
}
