//! The official Dev Containers CLI, which owns the creation of containers.

use std::path::Path;
use std::time::Duration;

use drawbridge_core::devcontainer::merge::{Entry, MAX_LABEL};
use serde::Deserialize;
use serde_json::Value;

use crate::process::{ProcessError, Program, Tools};
use crate::variables::DRAWBRIDGE_CA;

/// The program's name.
pub const PROGRAM: &str = "devcontainer";
/// The one command that installs it.
pub const INSTALL: &str = "npm install --global @devcontainers/cli";

/// A first start pulls images and builds them.
const LONGEST_START: Duration = Duration::from_hours(2);
/// Features that are not cached come from a registry.
const LONGEST_READ: Duration = Duration::from_secs(30);

/// What `up` printed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct Started {
    /// `success` or `error`.
    pub outcome: String,
    /// The container.
    pub container_id: Option<String>,
    /// The user that commands run as.
    pub remote_user: Option<String>,
    /// Where the workspace is in the container.
    pub remote_workspace_folder: Option<String>,
    /// Why it failed.
    pub message: Option<String>,
    /// More of that.
    pub description: Option<String>,
}

/// Why the container did not start or the command did not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DevcontainerError {
    /// Not installed.
    #[error("the Dev Containers CLI (`devcontainer`) is not installed")]
    Missing,
    /// It tried and failed; its own words were printed already.
    #[error("the container did not start: {detail}")]
    Failed {
        /// The last words.
        detail: String,
    },
    /// It could not be run.
    #[error(transparent)]
    Process(ProcessError),
}

impl DevcontainerError {
    /// A next step for the user.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Missing => Some(format!("{INSTALL}\n(an editor's Reopen in Container works without it)")),
            Self::Failed { .. } => {
                Some("the lines above say why; `drawbridge logs` shows what the gate says".to_owned())
            }
            Self::Process(_) => None,
        }
    }
}

impl From<ProcessError> for DevcontainerError {
    fn from(error: ProcessError) -> Self {
        match error {
            ProcessError::Missing { .. } => Self::Missing,
            other => Self::Process(other),
        }
    }
}

/// Starts the container; progress goes to standard error as it comes. `ca` is for the option of our Feature that names
/// [`DRAWBRIDGE_CA`].
pub fn up(
    tools: &Tools,
    workspace: &Path,
    config: &Path,
    anew: bool,
    ca: Option<&str>,
) -> Result<Started, DevcontainerError> {
    let mut program = command(tools, "up", workspace, config).deadline(LONGEST_START);
    if let Some(ca) = ca {
        program = program.env(DRAWBRIDGE_CA, ca);
    }
    if anew {
        program = program.arg("--remove-existing-container");
    }
    let output = program.capture_stdout()?;
    let started = last_json(&output.stdout).unwrap_or_default();
    if output.ok() && started.outcome == "success" {
        return Ok(started);
    }
    let detail = started.description.or(started.message);
    Err(DevcontainerError::Failed { detail: detail.unwrap_or_else(|| "no reason given".to_owned()) })
}

/// Runs a command in the container on the caller's terminal; returns its exit code.
pub fn exec(
    tools: &Tools,
    workspace: &Path,
    config: &Path,
    argv: &[String],
) -> Result<i32, DevcontainerError> {
    Ok(command(tools, "exec", workspace, config).args(argv).interactive()?)
}

/// Properties of every Feature of a configuration, in the order of their installation; `None` when
/// the CLI is not installed or could not read one, for example without its registry.
pub fn features(tools: &Tools, workspace: &Path, config: &Path) -> Option<Vec<Entry>> {
    let output = command(tools, "read-configuration", workspace, config)
        .arg("--include-features-configuration")
        .deadline(LONGEST_READ)
        .capture()
        .ok()
        .filter(|output| output.ok() && output.stdout.len() <= MAX_LABEL)?;
    let read: Value = serde_json::from_slice(&output.stdout).ok()?;
    let sets = read.get("featuresConfiguration")?.get("featureSets")?.as_array()?;
    let features = sets.iter().filter_map(|set| set.get("features")?.as_array()).flatten();
    Some(features.filter_map(|feature| feature.as_object().cloned()).collect())
}

/// Version of the installed CLI.
pub fn version(tools: &Tools) -> Result<String, DevcontainerError> {
    Ok(tools.program(PROGRAM).arg("--version").capture()?.text())
}

fn command(tools: &Tools, verb: &str, workspace: &Path, config: &Path) -> Program {
    tools
        .program(PROGRAM)
        .arg(verb)
        .arg("--workspace-folder")
        .arg(workspace)
        .arg("--config")
        .arg(config)
        .dir(workspace)
}

/// The CLI prints one JSON object as its last line; Features may print more before it.
fn last_json(stdout: &[u8]) -> Option<Started> {
    let text = String::from_utf8_lossy(stdout);
    text.lines().rev().find_map(|line| serde_json::from_str(line.trim()).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_json_line_is_the_answer() {
        let printed = b"hello\n{\"outcome\":\"success\",\"containerId\":\"abc\",\"remoteUser\":\"node\"}\n\n";
        let started = last_json(printed).unwrap();
        assert_eq!(started.container_id.as_deref(), Some("abc"));
        assert_eq!(started.remote_user.as_deref(), Some("node"));
        assert_eq!(last_json(b"no json"), None);
    }

    #[test]
    fn a_missing_cli_has_its_command() {
        let error = DevcontainerError::from(ProcessError::Missing { program: PROGRAM.to_owned() });
        assert!(error.hint().unwrap().starts_with("npm install --global"));
    }
}
