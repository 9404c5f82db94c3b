//! Looking into the running dev container of a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use drawbridge_bridge::facts::Facts;
use drawbridge_core::drift::Inside;
use drawbridge_core::project::RelPath;
use drawbridge_host::baseline::{self, BaselineError};
use drawbridge_host::engine::{Container, Engine, EngineError, LABEL_CONFIG, Mount};
use drawbridge_host::live::{self, LiveError, Look};
use drawbridge_host::workspace::Workspace;
use drawbridge_host::{containers, variables};

/// Several containers run where one is wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("several containers of this folder run: {}", named(.0))]
pub struct Several(Vec<Running>);

/// A running container, as a person chooses it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Running {
    name: String,
    origin: String,
}

impl Several {
    /// The next step: the configurations, or the names where those do not tell the containers apart.
    pub fn hint(&self) -> String {
        let origins: BTreeSet<&str> = self.0.iter().map(|one| one.origin.as_str()).collect();
        let tell_apart = origins.len() == self.0.len()
            && origins.iter().all(|origin| RelPath::new(origin).is_some_and(|path| path.name().is_some()));
        let word = |one: &Running| {
            if tell_apart { format!("--config {}", one.origin) } else { format!("--container {}", one.name) }
        };
        format!("choose one: {}", self.0.iter().map(word).collect::<Vec<_>>().join(" or "))
    }
}

fn named(running: &[Running]) -> String {
    let one = |one: &Running| match one.origin.as_str() {
        "" => format!("`{}`", one.name),
        origin => format!("`{}` of {origin}", one.name),
    };
    running.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The folder's running containers; of those made from `config` only, when there is one.
pub fn running(
    engine: &Engine,
    workspace: &Workspace,
    config: Option<&RelPath>,
) -> Result<Vec<Container>, EngineError> {
    let config = config.map(|config| workspace.path().join(config.as_str()));
    let is_wanted = |container: &Container| {
        container.running && config.as_ref().is_none_or(|file| containers::is_made_from(container, file))
    };
    let mut found = containers::of_folder(engine, workspace.path())?;
    found.retain(is_wanted);
    Ok(found)
}

/// The only one, if there is one. Of several none is taken: which one it was would be chance.
pub fn only(workspace: &Workspace, mut running: Vec<Container>) -> Result<Option<Container>, Several> {
    match running.len() {
        0 | 1 => Ok(running.pop()),
        _ => {
            let shown = |container: &Container| Running {
                name: container.name.clone(),
                origin: origin(workspace, container),
            };
            Err(Several(running.iter().map(shown).collect()))
        }
    }
}

/// The running container that was made from `config`; without one the only one that runs.
pub(crate) fn running_of(
    engine: &Engine,
    workspace: &Workspace,
    config: Option<&RelPath>,
) -> Result<Option<Container>, String> {
    let found = running(engine, workspace, config).map_err(|error| error.to_string())?;
    only(workspace, found).map_err(|several| format!("{several}: choose a configuration"))
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
        let dir = std::env::temp_dir();
        let workspace = Workspace::find(Some(&dir), &dir).unwrap();
        let container = |name: &str, config: &str| {
            let file = workspace.path().join(config).to_string_lossy().into_owned();
            let labels = [(LABEL_CONFIG.to_owned(), file)].into();
            Container { name: name.to_owned(), running: true, labels, ..Container::default() }
        };
        let (one, two) = (container("one", "a/devcontainer.json"), container("two", "b/devcontainer.json"));
        let only = |found: &[&Container]| only(&workspace, found.iter().copied().cloned().collect());
        assert_eq!(only(&[]), Ok(None));
        assert_eq!(only(&[&two]).map(|found| found.map(|found| found.name)), Ok(Some("two".to_owned())));
        let several = only(&[&one, &two]).unwrap_err();
        assert_eq!(
            several.to_string(),
            "several containers of this folder run: \
             `one` of a/devcontainer.json, `two` of b/devcontainer.json"
        );
        assert_eq!(
            several.hint(),
            "choose one: --config a/devcontainer.json or --config b/devcontainer.json"
        );
        let again = container("again", "a/devcontainer.json");
        let by_name = "choose one: --container one or --container again";
        assert_eq!(only(&[&one, &again]).unwrap_err().hint(), by_name);
        let unknown = Container { name: "again".to_owned(), running: true, ..Container::default() };
        let several = only(&[&one, &unknown]).unwrap_err();
        assert_eq!(several.hint(), by_name);
        assert!(several.to_string().ends_with("json, `again`"), "{several}");
    }
}
