//! Properties of image configurations (`reference/devcontainer.md` §1 and §2.1), variables, workspace.

use super::case::{BASE, Case};
use super::expected::Difference as D;

pub(crate) const CASES: &[Case] = &[
    Case::new("image-only", r#"{ "image": "BASE" }"#),
    Case::new("image-at-the-root", r#"{ "image": "BASE", "name": "Root" }"#).at(".devcontainer.json"),
    Case::new("image-one-of-several", r#"{ "image": "BASE", "remoteUser": "vscode" }"#)
        .at(".devcontainer/web/devcontainer.json")
        .files(&[(".devcontainer/devcontainer.json", r#"{ "image": "BASE" }"#)]),
    Case::new("image-users", r#"{ "image": "BASE", "containerUser": "dev", "remoteUser": "vscode" }"#)
        .probe("id -u"),
    Case::new("image-uid", r#"{ "image": "BASE", "remoteUser": "vscode", "updateRemoteUserUID": true }"#)
        .updates_uid()
        .probe("id -u vscode; stat -c %u /home/vscode"),
    Case::new(
        "image-environment",
        r#"{
            "image": "BASE",
            "containerEnv": {
                "PLAIN": "one two", "QUOTES": "it's \"this\"", "DOLLAR": "$HOME ${unknown} $$",
                "HASH": "a # b: c", "EMPTY": "", "FROM_HOST": "${localEnv:ORACLE_SET}",
                "DEFAULT": "${localEnv:ORACLE_UNSET:fallback}", "FOLDER": "${containerWorkspaceFolder}",
                "NAME": "${containerWorkspaceFolderBasename}", "LOCAL": "${localWorkspaceFolderBasename}",
                "LINES": "one\ntwo $HOME", "UNICODE": "ä → \u0007"
            },
            "remoteEnv": { "REMOTE": "${containerEnv:PLAIN}", "GONE": null }
        }"#,
    )
    .env(&[("ORACLE_SET", "from the $host")])
    .differs(&[
        D::removed("Config.Labels.devcontainer.metadata.*.containerEnv.LINES", "*", OWN_FILE),
        D::removed("Config.Labels.devcontainer.metadata.*.containerEnv.UNICODE", "*", OWN_FILE),
    ]),
    Case::new(
        "image-own-proxy",
        r#"{ "image": "BASE", "containerEnv": { "HTTPS_PROXY": "http://proxy.example:8080", "no_proxy": "a.example" } }"#,
    ),
    Case::new(
        "image-rights",
        r#"{
            "image": "BASE", "init": true, "capAdd": ["SYS_PTRACE", "CAP_NET_RAW"],
            "securityOpt": ["seccomp=unconfined", "label=disable"]
        }"#,
    ),
    Case::new("image-privileged", r#"{ "image": "BASE", "privileged": true }"#)
        .protect(&["--accept-loss=privileged"]),
    Case::new("image-seccomp-file", r#"{ "image": "BASE", "securityOpt": ["seccomp=profiles/own.json", "apparmor=unconfined"] }"#)
        .files(&[("profiles/own.json", SECCOMP)])
        .differs(&[D::changed(
            "Config.Labels.devcontainer.metadata.*.securityOpt",
            "*own.json*",
            "[\"apparmor=unconfined\"]",
            "moved to `security_opt`: Compose reads the profile from another folder",
        )]),
    Case::new(
        "image-lifecycle",
        r#"{
            "image": "BASE",
            "$schema": "https://schema.example/devContainer.schema.json",
            "initializeCommand": "true",
            "onCreateCommand": ["true", "$HOME"],
            "updateContentCommand": { "a": "true", "b": ["true"] },
            "postCreateCommand": "echo '${localWorkspaceFolder}' \"$HOME\"",
            "postStartCommand": "true",
            "postAttachCommand": "true",
            "waitFor": "postCreateCommand",
            "userEnvProbe": "interactiveShell",
            "overrideFeatureInstallOrder": [],
            "shutdownAction": "stopContainer",
            "hostRequirements": { "cpus": 1, "memory": "1gb", "gpu": "optional" },
            "secrets": { "TOKEN": { "description": "a secret" } }
        }"#,
    ),
    Case::new(
        "image-editor",
        r#"{
            "image": "BASE", "shutdownAction": "none",
            "forwardPorts": [3000, "db:5432"],
            "portsAttributes": { "3000": { "label": "web" } }, "otherPortsAttributes": { "onAutoForward": "ignore" },
            "customizations": { "vscode": { "extensions": ["a.b"], "settings": { "x": 1 } }, "jetbrains": { "backend": "IntelliJ" } }
        }"#,
    ),
    Case::new("image-legacy", r#"{ "image": "BASE", "extensions": ["a.b"], "settings": { "x": true }, "devPort": 1 }"#),
    Case::new("image-override-true", r#"{ "image": "BASE", "overrideCommand": true }"#),
    Case::new("image-ports", r#"{ "image": "BASE", "appPort": [PORT_A, "PORT_B:80", "127.0.0.1:PORT_C:81"] }"#),
    Case::new("image-port", r#"{ "image": "BASE", "appPort": "PORT_A:8000" }"#),
    Case::new("workspace-folder", r#"{ "image": "BASE", "workspaceFolder": "/workspaces/workspace-folder/src" }"#)
        .files(&[("src/a", "")]),
    Case::new(
        "workspace-both",
        r#"{
            "image": "BASE",
            "workspaceMount": "source=${localWorkspaceFolder},target=/work,type=bind,consistency=cached",
            "workspaceFolder": "/work"
        }"#,
    ),
    Case::new(
        "workspace-named",
        r#"{
            "image": "BASE",
            "workspaceMount": "type=bind,source=${localWorkspaceFolder},target=/src/${localWorkspaceFolderBasename}",
            "workspaceFolder": "/src/${localWorkspaceFolderBasename}"
        }"#,
    ),
    Case::new(
        "workspace-read-only",
        r#"{
            "image": "BASE",
            "workspaceMount": "type=bind,source=${localWorkspaceFolder}/docs,target=/docs,readonly",
            "workspaceFolder": "/docs"
        }"#,
    )
    .files(&[("docs/a", "")]),
    Case::new("workspace-nothing", r#"{ "image": "BASE", "workspaceMount": "", "workspaceFolder": "/tmp" }"#),
    Case::new(
        "workspace-volume",
        r#"{
            "image": "BASE", "workspaceMount": "source=oracle-workspace,target=/work,type=volume",
            "workspaceFolder": "/work"
        }"#,
    ),
    Case::new("workspace-in-repository", r#"{ "image": "BASE" }"#).opened_at("packages/api"),
    Case::new(
        "workspace-parent",
        r#"{
            "image": "BASE", "workspaceFolder": "/all/${localWorkspaceFolderBasename}",
            "workspaceMount": "source=${localWorkspaceFolder}/..,target=/all,type=bind"
        }"#,
    ),
    Case::new(
        "variables-in-flags",
        r#"{
            "image": "${localEnv:ORACLE_IMAGE:none}",
            "runArgs": [
                "-e", "A=${localEnv:ORACLE_SET}", "-e", "B=${localEnv:ORACLE_UNSET:default:ignored}",
                "-e", "C=${localEnv:ORACLE_EMPTY:not used}", "-e", "D=${env:ORACLE_SET}-${containerWorkspaceFolder}",
                "-e", "E=$HOME ${unknown}", "-e", "F=${devcontainerId}", "-e", "G=${localWorkspaceFolderBasename}",
                "-e", "H=${localWorkspaceFolder}", "--label", "basename=${containerWorkspaceFolderBasename}",
                "--name", "${localWorkspaceFolderBasename}-named", "--hostname=h-${localEnv:ORACLE_SET}"
            ]
        }"#,
    )
    .env(&[("ORACLE_IMAGE", BASE), ("ORACLE_SET", "set"), ("ORACLE_EMPTY", "")])
    .differs(&[
        D::added("Config.Labels.devcontainer.metadata.*.containerEnv.F", "*", FLAG_VARIABLE),
        D::added("Config.Labels.devcontainer.metadata.*.containerEnv.H", "*", FLAG_VARIABLE),
        D::added("Config.Labels.devcontainer.metadata.*.containerEnv.G", "*", FLAG_VARIABLE).sometimes(),
    ]),
];

const FLAG_VARIABLE: &str = "only the CLI knows the value, so the flag's variable moved to `containerEnv`";

const OWN_FILE: &str = "moved to `environment`: the CLI's own Compose file cannot hold its characters";

/// Allows everything, and is not the engine's default.
const SECCOMP: &str = r#"{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [] }
"#;
