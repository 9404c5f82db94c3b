//! Asks the engine and the official CLI what image and Features bring along.

use std::collections::{BTreeMap, BTreeSet};

use drawbridge_core::brought::{Brought, base_image};
use drawbridge_core::devcontainer::merge::read_label;
use drawbridge_core::project::{RelPath, Snapshot, discover};

use crate::devcontainer;
use crate::engine::{Engine, LABEL_METADATA};
use crate::workspace::Workspace;

/// Configurations that the audit asks about: of each with Features the CLI takes a second.
const MAX_CONFIGS: usize = 16;

/// Completes a snapshot with what only this machine knows. Nothing is pulled or built; what cannot
/// be asked stays unknown, and the planner says so.
pub fn complete(engine: &Engine, workspace: &Workspace, snapshot: &mut Snapshot, config: &RelPath) {
    let Brought { image, features } = ask(engine, workspace, snapshot, config);
    snapshot.facts.brought = Some(Brought::new(image, features));
    snapshot.facts.remote_engine = engine.is_remote();
}

/// Whole entries of every configuration, for the audit, and the snapshot completed for `chosen`.
pub fn of_all(
    engine: &Engine,
    workspace: &Workspace,
    snapshot: &mut Snapshot,
    chosen: Option<&RelPath>,
) -> BTreeMap<RelPath, Brought> {
    let found = discover(snapshot).into_iter().map(|found| found.path);
    let configs: BTreeSet<RelPath> = chosen.cloned().into_iter().chain(found.take(MAX_CONFIGS)).collect();
    let all: BTreeMap<RelPath, Brought> = configs
        .into_iter()
        .map(|config| (config.clone(), ask(engine, workspace, snapshot, &config)))
        .collect();
    if let Some(Brought { image, features }) = chosen.and_then(|chosen| all.get(chosen)).cloned() {
        snapshot.facts.brought = Some(Brought::new(image, features));
        snapshot.facts.remote_engine = engine.is_remote();
    }
    all
}

fn ask(engine: &Engine, workspace: &Workspace, snapshot: &Snapshot, config: &RelPath) -> Brought {
    let label = base_image(snapshot, config)
        .and_then(|image| engine.image_label(&image, LABEL_METADATA).ok().flatten());
    let image =
        label.and_then(|label| if label.is_empty() { Some(Vec::new()) } else { read_label(&label).ok() });
    let features = has_features(snapshot, config).then(|| {
        let path = workspace.path().join(config.as_str());
        devcontainer::features(engine.tools(), workspace.path(), &path)
    });
    Brought { image, features: features.flatten() }
}

/// Reading them takes the CLI a second, so it is not asked for nothing.
fn has_features(snapshot: &Snapshot, config: &RelPath) -> bool {
    let root = snapshot.text(config).and_then(|text| drawbridge_jsonc::parse(text).root);
    root.and_then(|root| Some(!root.get("features")?.members().is_empty())).unwrap_or(false)
}
