//! Settings of VS Code with their keys flattened.

use drawbridge_bridge::facts::Facts;
use drawbridge_jsonc::{Node, Pointer, parse};

use super::context::{Origin, Setting};
use super::finding::Spot;
use crate::project::RelPath;

/// Deepest object that can still be part of a key.
const MAX_DEPTH: usize = 6;

/// The settings of an object: `{"git": {"enabled": false}}` says `git.enabled`, as VS Code reads it.
pub(crate) fn flatten(file: &RelPath, node: &Node, at: &Pointer) -> Vec<Setting> {
    let mut found = Vec::new();
    for member in node.members() {
        let spot = Spot { file: file.clone(), span: member.span };
        let origin = Origin::File { spot, at: at.key(member.key.as_str()) };
        walk(&member.key, &member.value, &origin, MAX_DEPTH, &mut found);
    }
    found
}

/// Machine settings of every editor's server in the container.
pub(crate) fn machine(live: &Facts) -> Vec<Setting> {
    let mut found = Vec::new();
    for file in &live.settings {
        let Some(root) = parse(&file.text).root else { continue };
        let origin = Origin::Machine { path: file.path.clone() };
        for member in root.members() {
            walk(&member.key, &member.value, &origin, MAX_DEPTH, &mut found);
        }
    }
    found
}

fn walk(key: &str, value: &Node, origin: &Origin, depth: usize, found: &mut Vec<Setting>) {
    let is_group = !key.contains('.') || depth < MAX_DEPTH;
    match value.as_object() {
        Some(members) if is_group && depth > 0 && is_key(key) => {
            for member in members {
                walk(&format!("{key}.{}", member.key), &member.value, origin, depth - 1, found);
            }
        }
        _ => found.push(Setting { key: key.to_owned(), value: value.to_json(), origin: origin.clone() }),
    }
}

/// Language blocks such as `[python]` and free-form maps are not groups of keys.
fn is_key(key: &str) -> bool {
    !key.starts_with('[')
        && !["terminal.integrated.env", "remote.portsAttributes", "remote.extensionKind", "files.exclude"]
            .iter()
            .any(|map| key.starts_with(map))
}
