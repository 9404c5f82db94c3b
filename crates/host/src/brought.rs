//! Asks the engine and the official CLI what image and Features bring along.

use drawbridge_core::brought::{Brought, base_image};
use drawbridge_core::devcontainer::merge::read_label;
use drawbridge_core::project::{RelPath, Snapshot};

use crate::devcontainer;
use crate::engine::{Engine, LABEL_METADATA};
use crate::workspace::Workspace;

/// Completes a snapshot with what only this machine knows. Nothing is pulled or built; what cannot
/// be asked stays unknown, and the planner says so.
pub fn complete(engine: &Engine, workspace: &Workspace, snapshot: &mut Snapshot, config: &RelPath) {
    let label = base_image(snapshot, config)
        .and_then(|image| engine.image_label(&image, LABEL_METADATA).ok().flatten());
    let image =
        label.and_then(|label| if label.is_empty() { Some(Vec::new()) } else { read_label(&label).ok() });
    let features = has_features(snapshot, config).then(|| {
        let path = workspace.path().join(config.as_str());
        devcontainer::features(engine.tools(), workspace.path(), &path)
    });
    snapshot.facts.brought = Some(Brought::new(image, features.flatten()));
    snapshot.facts.remote_engine = engine.is_remote();
}

/// Reading them takes the CLI a second, so it is not asked for nothing.
fn has_features(snapshot: &Snapshot, config: &RelPath) -> bool {
    let root = snapshot.text(config).and_then(|text| drawbridge_jsonc::parse(text).root);
    root.and_then(|root| Some(!root.get("features")?.members().is_empty())).unwrap_or(false)
}
