//! Looking into the running dev container of a workspace.

use std::path::Path;

use drawbridge_bridge::facts::Facts;
use drawbridge_host::containers;
use drawbridge_host::engine::{Container, Mount};
use drawbridge_host::live::{self, Look};
use drawbridge_host::workspace::Workspace;

use crate::error::CliError;
use crate::project;

/// The running container of that name, else the workspace's own.
pub(super) fn running(workspace: &Workspace, name: Option<&str>) -> Result<Option<Container>, CliError> {
    let engine = project::engine(workspace);
    let found = match name {
        Some(name) => engine.container(name)?.into_iter().collect(),
        None => containers::of_folder(&engine, workspace.path())?,
    };
    Ok(found.into_iter().find(|container| container.running))
}

/// What else is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct More {
    /// Ssh agents for their number of keys.
    pub(super) active: bool,
    /// Digests of the extensions.
    pub(super) digests: bool,
}

/// What the container's user sees there; that root sees more is a note.
pub(super) fn facts(workspace: &Workspace, container: &Container, more: More) -> Result<Facts, CliError> {
    let running = std::env::current_exe()?;
    let folder = opened_folder(container, workspace);
    let More { active, digests } = more;
    let look = Look { running: &running, workspace: folder.as_deref(), active, digests };
    let mut seen = live::look(&project::engine(workspace), container, look)?;
    if let Some(root) = &seen.root {
        // The report is about the agent's user; that root reaches more is said once.
        let more = root.sockets.iter().filter(|socket| socket.connectable).count();
        let own = seen.user.sockets.iter().filter(|socket| socket.connectable).count();
        if more > own {
            seen.user.notes.push(format!("as root {more} sockets answer, as the user {own}"));
        }
    } else if seen.user.uid != 0 {
        seen.user.notes.push("what only root can see in the container".to_owned());
    }
    Ok(seen.user)
}

/// Where the workspace is in the container.
fn opened_folder(container: &Container, workspace: &Workspace) -> Option<String> {
    let of_folder = |mount: &&Mount| Path::new(&mount.source) == workspace.path();
    container.mounts.iter().find(of_folder).map(|mount| mount.target.clone())
}
