//! Looking into the running dev container of a workspace.

use drawbridge_bridge::facts::Facts;
use drawbridge_core::project::RelPath;
use drawbridge_host::engine::Container;
use drawbridge_host::workspace::Workspace;
use drawbridge_service::look;
pub(super) use drawbridge_service::look::{More, origin};

use crate::error::CliError;
use crate::project;

/// The workspace's running containers; of those made from `config` only, when there is one.
pub(super) fn running(workspace: &Workspace, config: Option<&RelPath>) -> Result<Vec<Container>, CliError> {
    Ok(look::running(&project::engine(workspace), workspace, config)?)
}

/// The running container of that name, else the only one of [`running`].
pub(super) fn chosen(
    workspace: &Workspace,
    name: Option<&str>,
    config: Option<&RelPath>,
) -> Result<Container, CliError> {
    let found = match name {
        Some(name) => project::engine(workspace).container(name)?.filter(|container| container.running),
        None => look::only(workspace, running(workspace, config)?)
            .map_err(|several| CliError::refused(several.to_string(), several.hint()))?,
    };
    found.ok_or_else(|| none_runs(name, config))
}

/// Why there is nothing to look into.
pub(super) fn none_runs(name: Option<&str>, config: Option<&RelPath>) -> CliError {
    match (name, config) {
        (Some(name), _) => CliError::refused(format!("no container `{name}` runs"), "docker ps"),
        (None, Some(config)) => CliError::refused(
            format!("no dev container of `{config}` runs"),
            format!("drawbridge up --config {config}"),
        ),
        (None, None) => CliError::refused("no dev container of this workspace runs", "drawbridge up"),
    }
}

/// What the container's user sees there; that root sees more is a note.
pub(super) fn facts(workspace: &Workspace, container: &Container, more: More) -> Result<Facts, CliError> {
    let program = std::env::current_exe()?;
    Ok(look::facts(&project::engine(workspace), workspace, container, &program, more)?)
}
