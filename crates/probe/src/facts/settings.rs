//! Machine settings of the editors' servers: the container user can rewrite them, and they count for
//! the window on the host.

use drawbridge_bridge::facts::SettingsFact;

use super::{Search, head, is_writable, text};

/// Folders of the servers, below the home.
pub(super) const SERVERS: [&str; 7] = [
    "~/.vscode-server",
    "~/.vscode-server-insiders",
    "~/.vscode-remote",
    "~/.vscodium-server",
    "~/.cursor-server",
    "~/.windsurf-server",
    "~/.local/share/code-server",
];
const FILE: &str = "data/Machine/settings.json";
/// A larger file is not read.
const MAX_BYTES: u64 = 1 << 20;

pub(super) fn find(search: &mut Search<'_>) -> Vec<SettingsFact> {
    let mut found = Vec::new();
    for server in SERVERS {
        let path = search.at(server).join(FILE);
        let Some(bytes) = head(&path, MAX_BYTES + 1) else { continue };
        let too_large = bytes.len() as u64 > MAX_BYTES;
        if too_large {
            search.notes.push(format!("{} is larger than 1 MiB and was not read", path.display()));
        }
        let content = if too_large { String::new() } else { String::from_utf8_lossy(&bytes).into_owned() };
        found.push(SettingsFact {
            path: text(&path.to_string_lossy()),
            text: content,
            writable: is_writable(&path),
        });
    }
    found
}
