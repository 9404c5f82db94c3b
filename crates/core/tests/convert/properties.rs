//! Properties beside the image: what stays, what is written out, what means something else.

use drawbridge_core::convert::ItemKind;
use drawbridge_core::devcontainer::merge::{merge, read_label};
use drawbridge_core::project::{HostFacts, RelPath};

use crate::support::{Around, compose, each, images, patched, shown};
use crate::table;

#[test]
fn a_minimal_image() {
    let text = "{\n  // The team's image\n  \"image\": \"debian\" // pinned\n}\n";
    let conversion = Around::default().convert(text);
    insta::assert_snapshot!(patched(text, &conversion), @r#"
    {
      // The team's image
      "dockerComposeFile": "drawbridge.compose.yaml", // pinned
      "service": "dev",
      "workspaceFolder": "/workspaces/app",
      "overrideCommand": true
    }
    "#);
    insta::assert_snapshot!(compose(&conversion), @r"
    services:
      dev:
        image: debian
        volumes:
          - type: bind
            source: ..
            target: /workspaces/app
    ");
}

#[test]
fn what_works_for_compose_too_stays() {
    let text = r#"{
  "image": "debian",
  "containerEnv": {"A": "$B ${devcontainerId}"},
  "remoteEnv": {"PATH": "${containerEnv:PATH}:/x", "GONE": null},
  "containerUser": "vscode",
  "remoteUser": "vscode",
  "init": true,
  "capAdd": ["SYS_PTRACE"],
  "securityOpt": ["seccomp=unconfined"],
  "features": {"ghcr.io/a/b:1": {}},
  "hostRequirements": {"gpu": "optional"},
  "forwardPorts": [3000],
  "postCreateCommand": "make",
  "customizations": {"vscode": {}}
}
"#;
    let conversion = Around::default().convert(text);
    let kept: Vec<&str> = conversion
        .items
        .iter()
        .filter(|item| item.kind == ItemKind::Kept)
        .map(|item| item.what.as_str())
        .collect();
    insta::assert_snapshot!(
        kept.join(" "),
        @"containerEnv remoteEnv containerUser remoteUser init capAdd securityOpt features hostRequirements"
    );
    let after = patched(text, &conversion);
    for line in text.lines().filter(|line| !line.contains("\"image\"") && line.len() > 1) {
        assert!(after.contains(line.trim_end_matches(',')), "{line}\n{after}");
    }
}

#[test]
fn defaults_that_differ_are_written_out() {
    table!(each(
        &[
            r#""overrideCommand": false"#,
            r#""overrideCommand": true"#,
            r#""shutdownAction": "stopContainer""#,
            r#""shutdownAction": "none""#,
        ],
        |members| format!("{{\n  \"image\": \"debian\",\n  {members}\n}}\n"),
    ));
}

#[test]
fn ports_are_relayed() {
    table!(images(&[
        r#""appPort": 8000"#,
        r#""appPort": [8000, "9000:90", "127.0.0.1:3000:3000"]"#,
        r#""appPort": "5353:53/udp""#,
    ]));
}

#[test]
fn run_args_still_win_over_properties() {
    table!(images(&[
        r#""containerEnv": {"A": "1"}, "runArgs": ["-e", "A=2", "-e", "B=3"]"#,
        r#""containerUser": "one", "runArgs": ["-u", "two"]"#,
        r#""containerEnv": {"A": "1\n2$", "B": "x"}"#,
        r#""securityOpt": ["seccomp=./profile.json", "apparmor=unconfined"]"#,
    ]));
}

/// A coloured prompt is the usual case.
#[test]
fn characters_that_yaml_cannot_hold_move_to_our_file() {
    let conversion = Around::default().convert(
        r#"{"image": "debian", "containerEnv": {"PS1": "\u001b[32m$ ", "BREAK": "a\u2028b", "TAB": "a\tb", "UMLAUT": "ä"}}"#,
    );
    let environment = conversion.service.get("environment").expect("an environment");
    assert_eq!(environment.at(&["PS1"]).and_then(|value| value.as_str()), Some("\u{1b}[32m$$ "));
    assert_eq!(environment.at(&["BREAK"]).and_then(|value| value.as_str()), Some("a\u{2028}b"));
    assert_eq!(environment.members().len(), 2, "what stays is left to the CLI");
    assert!(compose(&conversion).contains(r#"PS1: "\u001b[32m$$ ""#));
}

#[test]
fn weak_settings_are_kept_and_shown() {
    table!(images(&[
        r#""privileged": true"#,
        r#""capAdd": ["ALL", "SYS_PTRACE"]"#,
        r#""features": {"ghcr.io/devcontainers/features/docker-in-docker:2": {}}"#,
        r#""features": {"ghcr.io/devcontainers/features/docker-outside-of-docker:1": {}}"#,
        r#""mounts": ["type=bind,source=/tmp/.X11-unix,target=/tmp/.X11-unix"]"#,
    ]));
}

#[test]
fn the_workspace_is_bound_where_the_cli_would_mount_it() {
    table!(images(&[
        r#""workspaceFolder": "/src""#,
        r#""workspaceMount": """#,
        r#""workspaceMount": "source=${localWorkspaceFolder},target=/work,type=bind,consistency=cached", "workspaceFolder": "/work""#,
        r#""workspaceMount": "source=${localWorkspaceFolder}/sub,target=/work,type=bind,readonly", "workspaceFolder": "/work""#,
        r#""workspaceMount": "source=${localWorkspaceFolder},target=${containerWorkspaceFolder},type=bind", "workspaceFolder": "/usr/src/moby""#,
        r#""workspaceMount": "source=${localWorkspaceFolder},target=/w/${localWorkspaceFolderBasename},type=bind", "workspaceFolder": "/w/${localWorkspaceFolderBasename}/x""#,
        r#""workspaceMount": "source=code,target=/work,type=volume", "workspaceFolder": "/work""#,
        r#""workspaceMount": "source=${localWorkspaceFolder},target=${localWorkspaceFolder},type=bind", "workspaceFolder": "${localWorkspaceFolder}""#,
        r#""workspaceFolder": "/home/${localEnv:USER}/app""#,
    ]));
}

fn in_container(around: &Around, members: &str, path: &str) -> Option<String> {
    let conversion = around.convert(&format!("{{\"image\": \"debian\"{members}}}"));
    conversion.workspace.in_container(&RelPath::new(path).expect("a path below the workspace"))
}

#[test]
fn paths_of_the_workspace_are_known_in_the_container() {
    let plain = Around::default();
    let at = |members, path| in_container(&plain, members, path);
    assert_eq!(at("", ".devcontainer").as_deref(), Some("/workspaces/app/.devcontainer"));
    assert_eq!(at("", "").as_deref(), Some("/workspaces/app"));
    let mount = r#", "workspaceMount": "source=${localWorkspaceFolder}/sub,target=/w/,type=bind""#;
    assert_eq!(at(mount, "sub/a").as_deref(), Some("/w/a"));
    assert_eq!(at(mount, ".devcontainer"), None);
    let parent = r#", "workspaceMount": "source=${localWorkspaceFolder}/..,target=/w,type=bind""#;
    assert_eq!(at(parent, "a").as_deref(), Some("/w/app/a"));
    let volume = r#", "workspaceMount": "source=code,target=/w,type=volume""#;
    assert_eq!(at(volume, "a"), None);
    let user = r#", "workspaceMount": "source=${localWorkspaceFolder},target=/h/${localEnv:U}/$,type=bind""#;
    assert_eq!(at(user, "a$").as_deref(), Some("/h/${U-}/$$/a$$"));
}

#[test]
fn a_subfolder_of_a_repository_mounts_the_repository() {
    let facts = HostFacts {
        workspace_name: "api".to_owned(),
        git_root_prefix: Some("services/api".to_owned()),
        git_root_name: Some("mono".to_owned()),
        ..HostFacts::default()
    };
    let around = Around { facts, ..Around::default() };
    let text = "{\"image\": \"debian\"}";
    let conversion = around.convert(text);
    assert_eq!(conversion.workspace.folder, "/workspaces/mono/services/api");
    assert_eq!(in_container(&around, "", "src").as_deref(), Some("/workspaces/mono/services/api/src"));
    insta::assert_snapshot!(compose(&conversion), @r"
    services:
      dev:
        image: debian
        volumes:
          - type: bind
            source: ../../..
            target: /workspaces/mono
    ");
}

#[test]
fn the_label_of_the_image_counts() {
    let label = r#"[{"overrideCommand": false, "mounts": [
        "type=volume,source=cache,target=/c", "type=bind,source=/a,target=/b,readonly"]}]"#;
    let image = merge(&read_label(label).expect("a label"));
    let around = Around { image: Some(image), ..Around::default() };
    let text = "{\n  \"image\": \"debian\"\n}\n";
    let conversion = around.convert(text);
    assert!(!patched(text, &conversion).contains("overrideCommand"), "the label decides it");
    insta::assert_snapshot!(shown(text, &conversion), @r"
    volumes:
      cache:
        name: cache
    Lost [image-mounts] image: the image's label mounts `/b` with options that the CLI drops for Compose containers
    ");
}

#[test]
fn other_kinds_are_not_converted() {
    for text in [r#"{"dockerComposeFile": "a.yaml", "service": "a"}"#, r#"{"name": "none"}"#] {
        let parsed = drawbridge_jsonc::parse(text);
        let config = drawbridge_core::devcontainer::Config::read(&parsed, text).expect("readable");
        let path = RelPath::new(".devcontainer/devcontainer.json").expect("relative");
        let facts = HostFacts::default();
        let context = drawbridge_core::convert::Context {
            service: "dev",
            config: &path,
            compose: &path,
            facts: &facts,
            image: None,
            features: None,
        };
        assert_eq!(drawbridge_core::convert::to_service(&config, &context), None);
    }
}
