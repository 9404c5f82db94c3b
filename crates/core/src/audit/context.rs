//! What rules look at: every configuration with what it names, read once.

use std::collections::{BTreeMap, BTreeSet};

use drawbridge_bridge::facts::Facts;
use drawbridge_jsonc::{Parsed, Pointer, parse};
use drawbridge_policy::{Ignores, Layer, LayerKind};
use serde_json::Value;

use super::finding::Spot;
use super::settings;
use super::view::View;
use super::{HostFile, Input};
use crate::brought::Brought;
use crate::project::{Entry, RelPath, Snapshot};

/// Everything that rules may look at.
pub(crate) struct Cx<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) configs: Vec<View<'a>>,
    /// Settings of `.vscode` and of code workspaces.
    pub(crate) workspace_settings: Vec<Setting>,
    /// Machine settings in the running container.
    pub(crate) machine_settings: Vec<Setting>,
    pub(crate) live: Option<&'a Facts>,
    pub(crate) host: &'a [HostFile],
    /// What image and Features bring along, by configuration.
    pub(crate) brought: Option<&'a BTreeMap<RelPath, Brought>>,
    /// Digests of extensions that the developer recorded.
    pub(crate) recorded: Option<&'a BTreeMap<String, String>>,
    /// What the layers ignore, expired or not.
    pub(crate) ignores: Ignores,
    /// Seconds since 1970.
    pub(crate) now: i64,
}

/// One setting of VS Code, its key flattened.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) key: String,
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// Where a setting is written.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    /// A file of the workspace; the pointer is the outermost member that says nothing else.
    File { spot: Spot, at: Pointer },
    /// Machine settings in the container.
    Machine { path: String },
}

impl<'a> Cx<'a> {
    pub(crate) fn new(input: &Input<'a>, parsed: &'a [(RelPath, Parsed)]) -> Self {
        let Input { snapshot, live, host, layers, brought, recorded, now } = *input;
        let configs: Vec<View<'a>> =
            parsed.iter().map(|(path, parsed)| View::new(snapshot, path, parsed)).collect();
        let ignores = ignores(layers, snapshot, &configs);
        Self {
            snapshot,
            configs,
            workspace_settings: workspace_settings(snapshot),
            machine_settings: live.map(settings::machine).unwrap_or_default(),
            live,
            host,
            brought,
            recorded,
            ignores,
            now,
        }
    }

    /// Settings that processes of the container can write: of configurations, workspace and machine.
    pub(crate) fn settings(&self) -> impl Iterator<Item = &Setting> {
        let configs = self.configs.iter().flat_map(|view| &view.settings);
        configs.chain(&self.workspace_settings).chain(&self.machine_settings)
    }

    /// A file's text, when the host read it.
    pub(crate) fn text(&self, path: &str) -> Option<(RelPath, &'a str)> {
        let path = RelPath::new(path)?;
        let text = self.snapshot.text(&path)?;
        Some((path, text))
    }

    /// Names in a folder.
    pub(crate) fn names(&self, folder: &str) -> Vec<&'a str> {
        let entry = RelPath::new(folder).and_then(|path| self.snapshot.get(&path));
        let Some(Entry::Dir(names)) = entry else { return Vec::new() };
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// Whether the workspace has this.
    pub(crate) fn exists(&self, path: &str) -> bool {
        RelPath::new(path).is_some_and(|path| self.snapshot.exists(&path))
    }
}

/// What the layers ignore: the trusted ones, and every policy that a configuration has.
fn ignores(trusted: &[Layer], snapshot: &Snapshot, configs: &[View<'_>]) -> Ignores {
    let files: BTreeSet<&RelPath> = configs.iter().map(|view| &view.layout.policy).collect();
    let own = files.into_iter().filter_map(|file| {
        let text = snapshot.text(file)?.to_owned();
        Some(Layer { kind: LayerKind::Repository, file: file.to_string(), text })
    });
    let layers: Vec<Layer> = trusted.iter().cloned().chain(own).collect();
    drawbridge_policy::ignores(&layers)
}

/// Files of the workspace with settings of VS Code.
fn workspace_settings(snapshot: &Snapshot) -> Vec<Setting> {
    let mut found = Vec::new();
    let editor = RelPath::new(".vscode/settings.json").into_iter().map(|path| (path, Pointer::root()));
    let listed = match snapshot.get(&RelPath::root()) {
        Some(Entry::Dir(names)) => names.as_slice(),
        _ => &[],
    };
    let workspaces = listed
        .iter()
        .filter(|name| name.ends_with(".code-workspace"))
        .filter_map(|name| Some((RelPath::new(name)?, Pointer::root().key("settings"))));
    for (path, at) in editor.chain(workspaces) {
        let Some(root) = snapshot.text(&path).and_then(|text| parse(text).root) else { continue };
        if let Some(node) = root.at(&at) {
            found.extend(settings::flatten(&path, node, &at));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_code_workspaces() {
        let mut snapshot = Snapshot::default();
        let path = RelPath::new("a.code-workspace").expect("a path");
        snapshot.files.insert(RelPath::root(), Entry::Dir(vec!["a.code-workspace".to_owned()]));
        snapshot.files.insert(path, Entry::Text(r#"{"settings": {"git": {"enabled": false}}}"#.to_owned()));
        let keys: Vec<String> = workspace_settings(&snapshot).into_iter().map(|found| found.key).collect();
        assert_eq!(keys, ["git.enabled"]);
    }
}
