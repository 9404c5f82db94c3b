//! Images whose `devcontainer.metadata` label has settings, which no file of the repository shows.

use super::case::Case;

pub(crate) const CASES: &[Case] = &[Case::new(
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
)];

/// What goes wrong today.
pub(crate) const NOT_YET: &[Case] = &[
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
                r#"LABEL devcontainer.metadata='[{"mounts":["source=oracle-label,target=/l,type=volume","source=/usr/share/common-licenses,target=/ro,type=bind,readonly",{"type":"tmpfs","target":"/t"}]}]'"#,
                "oracle-label-mounts",
                "oracle/label-mounts",
            ],
            &["rm", "oracle-label-mounts"],
        ],
        &[&["image", "rm", "--force", "oracle/label-mounts"]],
    ),
];
