//! Looking into the running dev container of a folder.

use std::path::Path;

use drawbridge_bridge::facts::Facts;
use drawbridge_core::drift::Inside;
use drawbridge_host::baseline::{self, BaselineError};
use drawbridge_host::engine::{Container, Engine, EngineError, Mount};
use drawbridge_host::live::{self, LiveError, Look};
use drawbridge_host::workspace::Workspace;
use drawbridge_host::{containers, variables};

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

/// What else is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct More {
    /// Ssh agents for their number of keys.
    pub active: bool,
    /// Digests of the extensions.
    pub digests: bool,
}

/// What the container's user sees there; that root sees more is a note. A copy of `program`, or of the one
/// for Linux beside it, looks.
pub fn facts(
    engine: &Engine,
    workspace: &Workspace,
    container: &Container,
    program: &Path,
    more: More,
) -> Result<Facts, LiveError> {
    let folder = opened_folder(container, workspace);
    let More { active, digests } = more;
    let look = Look { running: program, workspace: folder.as_deref(), active, digests };
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

/// What the baseline holds of the container; `None` without a baseline, or when it was made without a look.
pub fn recorded(workspace: &Workspace) -> Result<Option<Inside>, BaselineError> {
    let Some(state) = variables::state_home() else { return Ok(None) };
    Ok(baseline::read(&state, workspace.path())?.and_then(|known| known.inside))
}

/// Where the folder is in the container.
fn opened_folder(container: &Container, workspace: &Workspace) -> Option<String> {
    let of_folder = |mount: &&Mount| Path::new(&mount.source) == workspace.path();
    container.mounts.iter().find(of_folder).map(|mount| mount.target.clone())
}
