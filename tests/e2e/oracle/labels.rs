//! Images whose `devcontainer.metadata` label has settings, which no file of the repository shows.

use super::case::Case;
use super::expected::Difference;

pub(crate) const CASES: &[Case] = &[
    Case::new(
    "label-settings",
    r#"{ "image": "oracle/label-settings", "containerEnv": { "A": "file" } }"#,
)
.with_engine(
    &[
        &["create", "--name", "oracle-label-settings", "BASE"],
        &[
            "commit",
            "--change",
            r#"LABEL devcontainer.metadata='[{"remoteUser":"vscode","containerEnv":{"A":"label","B":"label"},"capAdd":["SYS_PTRACE"],"init":true,"customizations":{"vscode":{"settings":{"a":1}}}}]'"#,
            "oracle-label-settings",
            "oracle/label-settings",
        ],
        &["rm", "oracle-label-settings"],
    ],
    &[&["image", "rm", "--force", "oracle/label-settings"]],
),
    Case::new("label-command", r#"{ "image": "oracle/label-command" }"#).with_engine(
        &[
            &["create", "--name", "oracle-label-command", "BASE"],
            &[
                "commit",
                "--change",
                r#"LABEL devcontainer.metadata='[{"overrideCommand":false}]'"#,
                "--change",
                "CMD sleep 1000",
                "oracle-label-command",
                "oracle/label-command",
            ],
            &["rm", "oracle-label-command"],
        ],
        &[&["image", "rm", "--force", "oracle/label-command"]],
    ),
    Case::new("label-mounts", r#"{ "image": "oracle/label-mounts" }"#).with_engine(
        &[
            &["create", "--name", "oracle-label-mounts", "BASE"],
            &[
                "commit",
                "--change",
                r#"LABEL devcontainer.metadata='[{"mounts":["source=oracle-label,target=/l,type=volume",{"type":"bind","source":"/usr/share/common-licenses","target":"/b"}]}]'"#,
                "oracle-label-mounts",
                "oracle/label-mounts",
            ],
            &["rm", "oracle-label-mounts"],
        ],
        &[&["image", "rm", "--force", "oracle/label-mounts"]],
    ),
    Case::new("label-mount-options", r#"{ "image": "oracle/label-mount-options" }"#)
        .with_engine(
            &[
                &["create", "--name", "oracle-label-mount-options", "BASE"],
                &[
                    "commit",
                    "--change",
                    r#"LABEL devcontainer.metadata='[{"mounts":["source=/usr/share/common-licenses,target=/ro,type=bind,readonly"]}]'"#,
                    "oracle-label-mount-options",
                    "oracle/label-mount-options",
                ],
                &["rm", "oracle-label-mount-options"],
            ],
            &[&["image", "rm", "--force", "oracle/label-mount-options"]],
        )
        .protect(&["--accept-loss", "image-mounts"])
        .differs(&[Difference::changed("Mounts./ro.RW", "false", "true", "the CLI drops the option; accepted by name")]),
    Case::new(
        "label-build",
        r#"{ "build": { "dockerfile": "Dockerfile", "args": { "OF": "label-build" } } }"#,
    )
    .files(&[(".devcontainer/Dockerfile", "ARG OF=other\nFROM oracle/$OF AS base\nFROM base\nRUN true\n")])
    .with_engine(
        &[
            &["create", "--name", "oracle-label-build", "BASE"],
            &[
                "commit",
                "--change",
                r#"LABEL devcontainer.metadata='[{"overrideCommand":false,"init":true}]'"#,
                "--change",
                "CMD sleep 1000",
                "oracle-label-build",
                "oracle/label-build",
            ],
            &["rm", "oracle-label-build"],
        ],
        &[&["image", "rm", "--force", "oracle/label-build"]],
    ),
];
