//! `/proc/self/mountinfo` (proc(5)): whether a path is on a read-only mount.

use std::path::{Path, PathBuf};

/// Whether the mount that holds `path`, an absolute path without links, is read-only.
pub(super) fn is_read_only(table: &str, path: &Path) -> bool {
    let mounts = table.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split(' ').take(6).collect();
        let [_, _, _, _, point, options] = fields[..] else { return None };
        let point = PathBuf::from(unescape(point));
        path.starts_with(&point).then_some((point.components().count(), options))
    });
    // Of several mounts on one point the last hides the others.
    mounts
        .max_by_key(|(depth, _)| *depth)
        .is_some_and(|(_, options)| options.split(',').any(|option| option == "ro"))
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
