//! The mount table, `/proc/self/mountinfo` (proc(5)).

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

const TABLE: &str = "/proc/self/mountinfo";
/// 4 MiB hold some 30 000 mounts.
const MAX_TABLE: u64 = 4 << 20;

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mounted {
    /// What of its file system is mounted.
    pub(crate) root: String,
    /// Where.
    pub(crate) target: PathBuf,
    /// File system.
    pub(crate) kind: String,
    /// Nothing can be written through it.
    pub(crate) read_only: bool,
}

/// The table of this process.
pub(crate) fn table() -> std::io::Result<String> {
    let mut text = Vec::new();
    File::open(TABLE)?.take(MAX_TABLE).read_to_end(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Every mount, in the order in which they were made. A line that cannot be read is passed over.
pub(crate) fn read(table: &str) -> impl Iterator<Item = Mounted> {
    table.lines().filter_map(|line| {
        let (mount, file_system) = line.split_once(" - ")?;
        let fields: Vec<&str> = mount.split(' ').take(6).collect();
        let [_, _, _, root, target, options] = fields[..] else { return None };
        Some(Mounted {
            root: unescape(root),
            target: PathBuf::from(unescape(target)),
            kind: file_system.split(' ').next().unwrap_or_default().to_owned(),
            read_only: options.split(',').any(|option| option == "ro"),
        })
    })
}

/// Whether the mount that holds `path`, an absolute path without links, is read-only.
pub(crate) fn is_read_only(table: &str, path: &Path) -> bool {
    // Of several mounts on one point the last hides the others.
    read(table)
        .filter(|mount| path.starts_with(&mount.target))
        .max_by_key(|mount| mount.target.components().count())
        .is_some_and(|mount| mount.read_only)
}

/// Blanks, newlines and backslashes are written as three octal digits.
fn unescape(field: &str) -> String {
    let mut out = String::with_capacity(field.len());
    let mut rest = field;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let code = after.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        if let Some(code) = code {
            out.push(char::from(code));
            rest = after.get(3..).unwrap_or_default();
        } else {
            out.push('\\');
            rest = after;
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
        1 0 8:1 / / rw,relatime - ext4 /dev/a rw\n\
        2 1 8:1 /p /workspaces/p rw - ext4 /dev/a rw\n\
        3 2 8:1 /p/.devcontainer /workspaces/p/.devcontainer ro,relatime - ext4 /dev/a rw\n\
        4 2 8:1 /p/a /workspaces/p/with\\040blank ro - ext4 /dev/a rw\n\
        5 1 8:1 / /over ro - ext4 /dev/a rw\n\
        6 1 8:1 / /over rw - ext4 /dev/b rw\n";

    #[test]
    fn the_deepest_mount_decides() {
        let is = |path: &str| is_read_only(TABLE, Path::new(path));
        assert!(is("/workspaces/p/.devcontainer/devcontainer.json"));
        assert!(is("/workspaces/p/with blank/x"));
        assert!(!is("/workspaces/p/.devcontainers"));
        assert!(!is("/over/x"));
        assert!(!is("/etc/passwd"));
    }
}
