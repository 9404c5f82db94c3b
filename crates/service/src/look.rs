//! Looking into the running dev container of a folder.

use std::collections::BTreeMap;
use std::path::Path;

use drawbridge_bridge::facts::Facts;
use drawbridge_core::drift::Inside;
use drawbridge_core::project::RelPath;
use drawbridge_host::baseline::{self, BaselineError};
use drawbridge_host::engine::{Container, Engine, EngineError, LABEL_CONFIG, Mount};
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

/// The running container that was made from `config`; without one the only one that runs.
pub(crate) fn running_of(
    engine: &Engine,
    workspace: &Workspace,
    config: Option<&RelPath>,
) -> Result<Option<Container>, String> {
    let found = containers::of_folder(engine, workspace.path()).map_err(|error| error.to_string())?;
    only(found, config.map(|config| workspace.path().join(config.as_str())).as_deref())
}

fn only(found: Vec<Container>, config: Option<&Path>) -> Result<Option<Container>, String> {
    let is_wanted =
        |container: &Container| config.is_none_or(|file| containers::is_made_from(container, file));
    let mut running = found.into_iter().filter(|container| container.running && is_wanted(container));
    match (running.next(), running.next()) {
        (only, None) => Ok(only),
        _ => Err("several containers of this folder run: choose a configuration".to_owned()),
    }
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

/// What the baseline holds of containers, by [`origin`]; nothing without a baseline.
pub fn recorded(workspace: &Workspace) -> Result<BTreeMap<String, Inside>, BaselineError> {
    let Some(state) = variables::state_home() else { return Ok(BTreeMap::new()) };
    Ok(baseline::read(&state, workspace.path())?.map(|known| known.inside).unwrap_or_default())
}

/// The devcontainer.json that a container was made from, relative to the folder when it lies there; empty
/// when its maker did not say.
pub fn origin(workspace: &Workspace, container: &Container) -> String {
    let file = Path::new(container.label(LABEL_CONFIG).unwrap_or_default());
    file.strip_prefix(workspace.path()).unwrap_or(file).to_string_lossy().replace('\\', "/")
}

/// Where the folder is in the container.
fn opened_folder(container: &Container, workspace: &Workspace) -> Option<String> {
    let of_folder = |mount: &&Mount| Path::new(&mount.source) == workspace.path();
    container.mounts.iter().find(of_folder).map(|mount| mount.target.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_running_containers_none_is_taken_by_itself() {
        let container = |id: &str, running| Container {
            id: id.to_owned(),
            running,
            labels: [(LABEL_CONFIG.to_owned(), format!("/w/{id}/devcontainer.json"))].into(),
            ..Container::default()
        };
        let (one, two, stopped) = (container("one", true), container("two", true), container("old", false));
        let only = |found: &[&Container], config: Option<&str>| {
            let found = found.iter().copied().cloned().collect();
            only(found, config.map(Path::new)).map(|found| found.map(|found| found.id))
        };
        assert_eq!(only(&[], None), Ok(None));
        assert_eq!(only(&[&stopped, &two], None), Ok(Some("two".to_owned())));
        assert!(only(&[&one, &two], None).is_err());
        let config = Some("/w/two/devcontainer.json");
        assert_eq!(only(&[&one, &two, &stopped], config), Ok(Some("two".to_owned())));
        assert_eq!(only(&[&one, &stopped], config), Ok(None), "another one's is not taken for it");
    }
}
