//! Which containers belong to a workspace, by the labels of Compose and the official CLI.

use std::path::Path;

use drawbridge_core::protect::Plan;

use crate::engine::{
    Container, Engine, EngineError, LABEL_CONFIG, LABEL_CONFIG_FILES, LABEL_FOLDER, LABEL_PROJECT,
    LABEL_SERVICE,
};
use crate::workspace::Workspace;

/// The containers of one protected configuration, as far as they exist.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The dev container.
    pub dev: Option<Container>,
    /// The gate.
    pub sidecar: Option<Container>,
}

impl Found {
    /// The gate, when it runs.
    pub fn running_sidecar(&self) -> Option<&Container> {
        self.sidecar.as_ref().filter(|container| container.running)
    }

    /// The dev container, when it runs.
    pub fn running_dev(&self) -> Option<&Container> {
        self.dev.as_ref().filter(|container| container.running)
    }
}

/// The containers of `plan`.
///
/// The gate is known by the Compose files it was made from, whatever the project is called.
pub fn find(engine: &Engine, workspace: &Workspace, plan: &Plan) -> Result<Found, EngineError> {
    let overlay = workspace.path().join(plan.overlay.as_str());
    let gates = engine.containers(&[(LABEL_SERVICE, Some(&plan.sidecar))])?;
    let ours = |container: &Container| {
        container
            .label(LABEL_CONFIG_FILES)
            .is_some_and(|files| files.split(',').any(|file| same(Path::new(file), &overlay)))
    };
    let sidecar = best(gates.into_iter().filter(ours), &plan.sidecar);
    let config = workspace.path().join(plan.config.as_str());
    let found = of_folder(engine, workspace.path())?.into_iter();
    let dev = found.filter(|container| is_made_from(container, &config));
    Ok(Found { dev: best(dev, &plan.service), sidecar })
}

/// Every container that the official CLI or an editor made for this folder, under whatever path it
/// was opened.
pub fn of_folder(engine: &Engine, folder: &Path) -> Result<Vec<Container>, EngineError> {
    let mut found = engine.containers(&[(LABEL_FOLDER, None)])?;
    found.retain(|container| container.label(LABEL_FOLDER).is_some_and(|path| same(Path::new(path), folder)));
    Ok(found)
}

/// Whether the official CLI or an editor made the container from this devcontainer.json.
pub fn is_made_from(container: &Container, config: &Path) -> bool {
    container.label(LABEL_CONFIG).is_some_and(|file| same(Path::new(file), config))
}

/// Whether the container's only network is the closed one of its own project.
pub fn is_gated(engine: &Engine, container: &Container, plan: &Plan) -> Result<bool, EngineError> {
    let owner = match container.network_mode.strip_prefix("container:") {
        Some(id) => match engine.container(id)? {
            Some(owner) => owner,
            None => return Ok(false),
        },
        None => container.clone(),
    };
    Ok(only_network(&owner, &plan.network))
}

/// Names of the folder's running containers that are behind the gate of no protected configuration.
pub fn unfiltered(engine: &Engine, workspace: &Workspace, plan: &Plan) -> Result<Vec<String>, EngineError> {
    let mut open = Vec::new();
    for container in of_folder(engine, workspace.path())? {
        if container.running && !is_gated_elsewhere(&container) && !is_gated(engine, &container, plan)? {
            open.push(container.name);
        }
    }
    Ok(open)
}

/// Behind the gate of another configuration, whose network has a name of its own.
fn is_gated_elsewhere(container: &Container) -> bool {
    let only = container.networks.len() == 1;
    only && container.networks.keys().any(|name| name.contains("_drawbridge") && !name.contains("egress"))
}

fn only_network(container: &Container, network: &str) -> bool {
    let Some(project) = container.label(LABEL_PROJECT) else { return false };
    let wanted = format!("{project}_{network}");
    container.networks.len() == 1 && container.networks.contains_key(&wanted)
}

/// The one that Compose made for `service`, else one from before the protection; running ones first.
fn best(found: impl Iterator<Item = Container>, service: &str) -> Option<Container> {
    found.max_by_key(|container| (container.label(LABEL_SERVICE) == Some(service), container.running))
}

fn same(path: &Path, real: &Path) -> bool {
    path == real || path.canonicalize().is_ok_and(|path| path == real)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Attachment;

    fn on(networks: &[&str]) -> Container {
        Container {
            labels: [(LABEL_PROJECT.to_owned(), "shop".to_owned())].into(),
            networks: networks.iter().map(|name| ((*name).to_owned(), Attachment::default())).collect(),
            ..Container::default()
        }
    }

    #[test]
    fn only_the_closed_network_of_the_same_project_counts() {
        assert!(only_network(&on(&["shop_drawbridge"]), "drawbridge"));
        assert!(!only_network(&on(&["shop_drawbridge", "shop_default"]), "drawbridge"));
        assert!(!only_network(&on(&["other_drawbridge"]), "drawbridge"));
        assert!(!only_network(&on(&["bridge"]), "drawbridge"));
        assert!(!only_network(&on(&[]), "drawbridge"));
        assert!(!only_network(&Container::default(), "drawbridge"));
    }

    #[test]
    fn the_service_counts_before_what_runs() {
        let container = |id: &str, running, service: Option<&str>| Container {
            id: id.to_owned(),
            running,
            labels: service.map(|name| (LABEL_SERVICE.to_owned(), name.to_owned())).into_iter().collect(),
            ..Container::default()
        };
        let old = container("old", true, None);
        let stopped = container("stopped", false, Some("dev"));
        let running = container("running", true, Some("dev"));
        let best = |found: &[&Container]| best(found.iter().copied().cloned(), "dev").map(|found| found.id);
        assert_eq!(best(&[&old, &stopped]).as_deref(), Some("stopped"));
        assert_eq!(best(&[&running, &stopped, &old]).as_deref(), Some("running"));
        assert_eq!(best(&[&old]).as_deref(), Some("old"));
        assert_eq!(best(&[]), None);
    }
}
