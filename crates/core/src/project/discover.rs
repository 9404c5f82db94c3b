//! Where configurations lie, and what else the planner must read.

use std::collections::BTreeSet;

use drawbridge_jsonc::Node;
use serde::Serialize;

use super::{Entry, RelPath, Snapshot};
use crate::protect::Ground;
use crate::{compose, ground};

/// More subfolders of `.devcontainer` than anybody has.
const MAX_FOLDERS: usize = 256;

/// One configuration of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Candidate {
    /// Path of the devcontainer.json.
    pub path: RelPath,
    /// `NAME` of `.devcontainer/NAME/devcontainer.json`.
    pub name: Option<String>,
}

/// All configurations, in the order in which tools look for them.
pub type Discovery = Vec<Candidate>;

/// Finds the configurations in the three places of the specification (§3 of the reference: one
/// level of subfolders, no upward search).
pub fn discover(snapshot: &Snapshot) -> Discovery {
    let fixed = [".devcontainer/devcontainer.json", ".devcontainer.json"];
    let fixed = fixed.into_iter().filter_map(RelPath::new).map(|path| (path, None));
    let nested = folders(snapshot).into_iter().filter_map(|name| {
        let path = RelPath::new(&format!(".devcontainer/{name}/devcontainer.json"))?;
        // A linked file in `.devcontainer` answers "link" for every path below it as well.
        let linked = matches!(snapshot.get(&path), Some(Entry::Symlink));
        let folder = matches!(snapshot.get(&path.parent()), Some(Entry::Dir(_)));
        (folder || !linked).then_some((path, Some(name)))
    });
    fixed
        .chain(nested)
        .filter(|(path, _)| snapshot.exists(path))
        .map(|(path, name)| Candidate { path, name })
        .collect()
}

/// What the host must read next. It adds an [`Entry`] for every path, also a missing one, and asks
/// again until the answer is empty.
///
/// A configuration outside of the three places takes part when its entry is in the snapshot, so the
/// host reads what `--config` names before it asks.
pub fn wanted(snapshot: &Snapshot) -> Vec<RelPath> {
    let mut want = BTreeSet::from([RelPath::root()]);
    if snapshot.get(&RelPath::root()).is_some() {
        let listed = [".git", ".github", ".claude", ".env"].into_iter().filter_map(RelPath::new);
        // Looked at one by one, because a listing does not tell a link from a folder.
        let bound = ground::fixed(snapshot, Ground::Strict);
        want.extend(listed.chain(bound).filter(|path| snapshot.exists(path)));
    }
    for name in folders(snapshot) {
        let nested = RelPath::new(&format!(".devcontainer/{name}/devcontainer.json"));
        if let Some(path) = nested.as_ref().filter(|path| snapshot.get(path) == Some(&Entry::Symlink)) {
            want.insert(path.parent());
        }
        want.extend(nested);
    }
    want.extend(discover(snapshot).into_iter().map(|candidate| candidate.path));
    for (path, entry) in snapshot.files.iter().filter(|(path, _)| is_config(path)) {
        if let Entry::Text(text) = entry {
            want.extend(around(snapshot, path, text));
        }
    }
    want.into_iter().filter(|path| snapshot.get(path).is_none()).collect()
}

/// Whether the official CLI takes a file of this name as a configuration.
pub(crate) fn is_config(path: &RelPath) -> bool {
    matches!(path.name(), Some("devcontainer.json" | ".devcontainer.json"))
}

fn folders(snapshot: &Snapshot) -> Vec<String> {
    let folder = RelPath::new(".devcontainer").and_then(|path| snapshot.get(&path));
    let Some(Entry::Dir(names)) = folder else {
        return Vec::new();
    };
    let usable = |name: &&String| *name != "drawbridge" && RelPath::new(name).is_some();
    let names: BTreeSet<&String> = names.iter().filter(usable).collect();
    names.into_iter().take(MAX_FOLDERS).cloned().collect()
}

/// The files that a configuration needs, and ours beside it.
fn around(snapshot: &Snapshot, config: &RelPath, text: &str) -> Vec<RelPath> {
    let Some(root) = drawbridge_jsonc::parse(text).root else {
        return Vec::new();
    };
    let named = References::of(config, &root);
    let layout = super::Layout::of(snapshot, config);
    let mut want =
        vec![layout.dir.clone(), layout.overlay.clone(), layout.policy.clone(), layout.readme.clone()];
    want.extend(named.dockerfiles);
    want.extend(named.features);
    want.extend(lock_file(config));
    let first = named.compose.first().map_or_else(|| layout.dir.clone(), RelPath::parent);
    want.extend(first.join(".env"));
    let files = compose::references(snapshot, &named.compose);
    if files.iter().all(|file| snapshot.get(file).is_some())
        && let Ok(model) = compose::load(snapshot, &named.compose)
    {
        let services = model.services.values();
        want.extend(services.filter_map(|service| service.build.as_ref()?.dockerfile.clone()));
    }
    want.extend(files);
    want
}

/// The Feature lock file of a configuration.
pub(crate) fn lock_file(config: &RelPath) -> Option<RelPath> {
    let hidden = config.name().is_some_and(|name| name.starts_with('.'));
    let name = if hidden { ".devcontainer-lock.json" } else { "devcontainer-lock.json" };
    config.parent().join(name)
}

/// Paths in the workspace that a configuration names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct References {
    /// `dockerComposeFile`.
    pub(crate) compose: Vec<RelPath>,
    /// `dockerFile`, `build.dockerfile`.
    pub(crate) dockerfiles: Vec<RelPath>,
    /// Folders of local Features.
    pub(crate) features: Vec<RelPath>,
}

impl References {
    /// Variables and paths outside of the workspace are left out.
    pub(crate) fn of(config: &RelPath, root: &Node) -> Self {
        let dir = config.parent();
        let resolve = |text: &str| if text.contains("${") { None } else { dir.join(text) };
        let one_or_more = |node: &Node| match node.as_array() {
            Some(items) => items.iter().filter_map(|item| resolve(item.as_str()?)).collect(),
            None => node.as_str().and_then(resolve).into_iter().collect(),
        };
        let dockerfile = root.get("build").and_then(|build| build.get("dockerfile"));
        let features = root.get("features").map(Node::members).unwrap_or_default();
        Self {
            compose: root.get("dockerComposeFile").map(one_or_more).unwrap_or_default(),
            dockerfiles: [root.get("dockerFile"), dockerfile]
                .into_iter()
                .flatten()
                .filter_map(|node| resolve(node.as_str()?))
                .collect(),
            features: features
                .iter()
                .filter(|member| member.key.starts_with("./") || member.key.starts_with("../"))
                .filter_map(|member| resolve(&member.key))
                .collect(),
        }
    }
}
