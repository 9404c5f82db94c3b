//! Looking into the running dev container of a folder.

use std::path::Path;

use drawbridge_bridge::facts::Facts;
use drawbridge_host::containers;
use drawbridge_host::engine::{Container, Engine, EngineError, Mount};
use drawbridge_host::live::{self, LiveError, Look};
use drawbridge_host::workspace::Workspace;

/// The running container of that name, else the folder's own.
pub fn running(
    engine: &Engine,
    workspace: &Workspace,
    name: Option<&str>,
) -> Result<Option<Container>, EngineError> {
    let found = match name {
        Some(name) => engine.container(name)?.into_iter().collect(),
        None => containers::of_folder(engine, workspace.path())?,
    };
    Ok(found.into_iter().find(|container| container.running))
}

/// What the container's user sees there; that root sees more is a note. A copy of `program`, or of the one
/// for Linux beside it, looks.
pub fn facts(
    engine: &Engine,
    workspace: &Workspace,
    container: &Container,
    program: &Path,
    active: bool,
) -> Result<Facts, LiveError> {
    let folder = opened_folder(container, workspace);
    let look = Look { running: program, workspace: folder.as_deref(), active };
    let mut seen = live::look(engine, container, look)?;
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

/// Where the folder is in the container.
fn opened_folder(container: &Container, workspace: &Workspace) -> Option<String> {
    let of_folder = |mount: &&Mount| Path::new(&mount.source) == workspace.path();
    container.mounts.iter().find(of_folder).map(|mount| mount.target.clone())
}
