//! `runArgs` about files: binds, volumes, mounts, environment files.

use super::case::Case;
use super::expected::Difference as D;

pub(crate) const CASES: &[Case] = &[
    Case::new(
        "files-short",
        r#"{
            "image": "BASE",
            "runArgs": [
                "-v", "${localWorkspaceFolder}/data:/data", "--volume=${localWorkspaceFolder}/data:/ro:ro",
                "-v", "${localWorkspaceFolder}/data:/cached:cached", "-v=./data:/relative:ro,z",
                "-v", "${localWorkspaceFolder}/made-by-docker:/made", "-v", "/anonymous",
                "-v", "${localEnv:ORACLE_FOLDER}:/folder:ro,private"
            ]
        }"#,
    )
    .env(&[("ORACLE_FOLDER", "/usr/share/common-licenses")])
    .files(&[("data/a", "")]),
    Case::new(
        "files-volumes",
        r#"{ "image": "BASE", "runArgs": ["-v", "oracle-short:/short", "-v", "oracle-nocopy:/etc/ssl:nocopy,ro", "--mount", "source=oracle-long,target=/long,volume-nocopy"] }"#,
    ),
    Case::new(
        "files-binds",
        r#"{
            "image": "BASE",
            "runArgs": [
                "--mount", "type=bind,source=${localWorkspaceFolder}/data,target=/ro,readonly",
                "--mount=type=bind,src=${localWorkspaceFolder}/data,dst=/shared,bind-propagation=private,consistency=cached",
                "--mount", "type=bind,source=${localWorkspaceFolder}/data,destination=/deep,bind-nonrecursive=false",
                "--mount", "type=bind,source=${localWorkspaceFolder}/data/it's odd $x,target=/odd # x"
            ]
        }"#,
    )
    .files(&[("data/it's odd $x/a", "")]),
    Case::new(
        "files-lost",
        r#"{ "image": "BASE", "runArgs": ["--mount", "type=bind,source=${localWorkspaceFolder}/data,target=/flat,bind-nonrecursive"] }"#,
    )
    .files(&[("data/a", "")])
    .protect(&["--accept-loss=--mount"])
    .differs(&[D::removed("Mounts./flat.*", "*", "Compose takes the option and mounts what is below all the same")]),
    Case::new(
        "files-driver",
        r#"{
            "image": "BASE",
            "runArgs": [
                "--mount",
                "type=volume,source=oracle-driver,target=/ram,volume-driver=local,volume-opt=type=tmpfs,volume-opt=device=tmpfs,\"volume-opt=o=size=16m,uid=1000\",volume-label=a=b"
            ]
        }"#,
    ),
    Case::new(
        "files-subpath",
        r#"{ "image": "BASE", "runArgs": ["--mount", "type=volume,source=oracle-subpath,target=/part,volume-subpath=inner"] }"#,
    )
    .with_engine(
        &[&["run", "--rm", "-v", "oracle-subpath:/v", "BASE", "mkdir", "/v/inner"]],
        &[&["volume", "rm", "--force", "oracle-subpath"]],
    ),
    Case::new(
        "files-tmpfs",
        r#"{ "image": "BASE", "runArgs": ["--mount", "type=tmpfs,target=/sized,tmpfs-size=33554432,tmpfs-mode=0750", "--mount=type=tmpfs,destination=/plain"] }"#,
    ),
    Case::new(
        "files-environment",
        r#"{ "image": "BASE", "containerEnv": { "BOTH": "config" }, "runArgs": ["-e", "A=b", "-e", "ORACLE_HOST", "-e", "ORACLE_ABSENT", "--env=BOTH=flag", "--env-file", "values.env", "-e", "OVER=flag"] }"#,
    )
    .env(&[("ORACLE_HOST", "from $the host")])
    .files(&[("values.env", "# comment\nONE=1\nTWO=two words\nOVER=file\nORACLE_HOST\n")])
    .differs(&[D::changed(
        "Config.Labels.devcontainer.metadata.*.containerEnv.BOTH",
        "\"config\"",
        "\"flag\"",
        "for `docker run` the flag overruled it; in Compose nothing stands behind it",
    )]),
    Case::new(
        "files-of-this-container",
        r#"{ "image": "BASE", "runArgs": ["-v", "${localWorkspaceFolder}:/again", "--mount", "type=volume,source=${devcontainerId}-x,target=/x", "-v", "${localWorkspaceFolderBasename}-y:/y"] }"#,
    )
    .differs(&[
        D::added("Config.Labels.devcontainer.metadata.*.mounts", "*", IN_MOUNTS),
        D::changed("Mounts./x.Name", "\"*-x\"", "\"files-of-this-container_devcontainer_*-x\"", IN_MOUNTS),
        D::changed("Mounts./y.Name", "\"*-y\"", "\"files-of-this-container_devcontainer_*-y\"", IN_MOUNTS),
        D::removed("Volumes.*.Driver", "\"local\"", IN_MOUNTS),
        D::added("Volumes.files-of-this-container_devcontainer_*.Driver", "\"local\"", IN_MOUNTS),
    ]),
];

const IN_MOUNTS: &str = "only the CLI knows the name, so it moved to `mounts` (the note says so)";
