//! Looking into the running dev container of a workspace.

use drawbridge_bridge::facts::Facts;
use drawbridge_host::engine::Container;
use drawbridge_host::workspace::Workspace;
use drawbridge_service::look;
pub(super) use drawbridge_service::look::{More, origin};

use crate::error::CliError;
use crate::project;

/// The running container of that name, else the workspace's own.
pub(super) fn running(workspace: &Workspace, name: Option<&str>) -> Result<Option<Container>, CliError> {
    Ok(look::running(&project::engine(workspace), workspace, name)?)
}

/// What the container's user sees there; that root sees more is a note.
pub(super) fn facts(workspace: &Workspace, container: &Container, more: More) -> Result<Facts, CliError> {
    let program = std::env::current_exe()?;
    Ok(look::facts(&project::engine(workspace), workspace, container, &program, more)?)
}
