//! Variables in text that moves to the Compose file, and in text that stays.

use crate::support::{images, run_args};
use crate::table;

#[test]
fn in_text() {
    table!(run_args(&[
        "--label l=${localEnv:X}",
        "--label l=${env:X:d}",
        "--label l=${localEnv:X:a:b}",
        "--label l=${localEnv:X:$d}",
        "--label l=${containerWorkspaceFolder}",
        "--label l=${containerWorkspaceFolderBasename}",
        "--label l=${localWorkspaceFolderBasename}",
        "--label l=${localWorkspaceFolder}",
        "--label l=${devcontainerId}",
        "--label l=${containerEnv:PATH}",
        "--label l=${localEnv}",
        "--label l=${localEnv:A(86)}",
        "--label l=${unknown}$HOME",
    ]));
}

#[test]
fn in_paths() {
    table!(run_args(&[
        "-v ${localWorkspaceFolder}:/a",
        "-v ${localWorkspaceFolder}/../b:/a",
        "-v ${localWorkspaceFolder}-cache:/a",
        "-v ${localEnv:HOME}${localEnv:USERPROFILE}/.ssh:/a",
        "-v cache-${localWorkspaceFolder}:/a",
        "-v /srv/${localWorkspaceFolderBasename}:/a",
        "-v ${localWorkspaceFolder}/${localEnv:X}/../y:/a",
    ]));
}

#[test]
fn what_stays_is_not_touched() {
    table!(images(&[
        r#""containerEnv": {"A": "${localWorkspaceFolder} ${devcontainerId} $x"}"#,
        r#""name": "${localWorkspaceFolderBasename}""#,
    ]));
}
