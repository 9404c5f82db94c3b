//! `mounts` of image configurations: what stays, what moves, and whose volume it is.

use super::case::Case;
use super::expected::Difference as D;

const NEW_NAME: &str =
    "only the CLI knows the name, and Compose puts the project's before it (the note says so)";
const MOVED: &str = "moved to `volumes`: the CLI would mount it otherwise for Compose";

pub(crate) const CASES: &[Case] = &[
    Case::new(
        "mounts-plain",
        r#"{
            "image": "BASE",
            "mounts": [
                "source=${localWorkspaceFolder}/data,target=/data,type=bind",
                { "source": "${localWorkspaceFolder}/more", "target": "/more", "type": "bind" },
                "source=oracle-plain,target=/cache,type=volume",
                { "source": "oracle-object", "target": "/object", "type": "volume" }
            ]
        }"#,
    )
    .files(&[("data/a", ""), ("more/a", "")]),
    Case::new("mounts-untyped", r#"{ "image": "BASE", "mounts": ["source=oracle-untyped,target=/cache"] }"#).differs(&[
        D::changed(
            "Config.Labels.devcontainer.metadata.*.mounts",
            "[\"source=oracle-untyped,target=/cache\"]",
            "[\"source=oracle-untyped,target=/cache,type=volume\"]",
            "Compose needs the type written out",
        ),
    ]),
    Case::new(
        "mounts-options",
        r#"{
            "image": "BASE",
            "mounts": [
                "source=${localWorkspaceFolder}/data,target=/ro,type=bind,readonly",
                "type=bind,source=${localWorkspaceFolder}/data,target=/shared,bind-propagation=private,consistency=cached",
                "type=tmpfs,target=/scratch",
                "type=tmpfs,destination=/sized,tmpfs-size=64m,tmpfs-mode=1770",
                "src=oracle-ro,dst=/volume,type=volume,readonly=true",
                "target=/anonymous,type=volume",
                "source=${localWorkspaceFolder}/data,target=/kept,type=bind"
            ]
        }"#,
    )
    .files(&[("data/a", "")])
    .differs(&[D::changed(
        "Config.Labels.devcontainer.metadata.*.mounts",
        "*",
        "[\"source=${localWorkspaceFolder}/data,target=/kept,type=bind\"]",
        MOVED,
    )]),
    Case::new(
        "mounts-variables",
        r#"{
            "image": "BASE",
            "mounts": [
                "source=oracle-${localEnv:ORACLE_NAME}-cache,target=/cache,type=volume",
                "source=${localEnv:ORACLE_FOLDER}${localEnv:ORACLE_UNSET},target=/folder,type=bind,readonly",
                "source=${localEnv:ORACLE_FOLDER},target=${containerWorkspaceFolder}/folder,type=bind"
            ]
        }"#,
    )
    .env(&[("ORACLE_NAME", "somebody"), ("ORACLE_FOLDER", "/usr/share/common-licenses")])
    .files(&[("folder/a", "")])
    .differs(&[D::changed(
        "Config.Labels.devcontainer.metadata.*.mounts",
        "*",
        "[\"source=${localEnv:ORACLE_FOLDER},target=${containerWorkspaceFolder}/folder,type=bind\"]",
        MOVED,
    )]),
    Case::new(
        "mounts-of-this-container",
        r#"{
            "image": "BASE",
            "mounts": [
                "source=${devcontainerId}-history,target=/history,type=volume",
                "source=${localWorkspaceFolderBasename}-modules,target=/modules,type=volume"
            ]
        }"#,
    )
    .differs(&[
        D::changed("Mounts./history.Name", "\"*-history\"", "\"mounts-of-this-container_devcontainer_*-history\"", NEW_NAME),
        D::changed("Mounts./modules.Name", "\"*-modules\"", "\"mounts-of-this-container_devcontainer_*-modules\"", NEW_NAME),
        D::removed("Volumes.*", "\"local\"", NEW_NAME),
        D::added("Volumes.mounts-of-this-container_devcontainer_*", "\"local\"", NEW_NAME),
    ]),
    Case::new(
        "mounts-same-volume",
        r#"{
            "image": "BASE",
            "mounts": ["source=oracle-same,target=/cache,type=volume", "src=oracle-same-ro,dst=/ro,type=volume,readonly"],
            "runArgs": ["-v", "oracle-same-short:/short", "--mount", "source=oracle-same-long,target=/long"]
        }"#,
    )
    .keeps_volumes()
    .differs(&[D::changed("Config.Labels.devcontainer.metadata.*.mounts", "*", "[\"source=oracle-same,*\"]", MOVED)]),
];
