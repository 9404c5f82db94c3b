//! Relative paths between files of the workspace, also those that leave it.

use crate::project::RelPath;

/// `path`, written for a file in `folder` of the workspace, as the path of the workspace is
/// written for a file in `from`. Always starts with `.`, which tells a bind from a volume.
///
/// `..` is taken literally, as Compose and the engine do with the text that they get.
pub(super) fn rebase(path: &str, folder: &RelPath, from: &RelPath) -> String {
    let target = normal(folder.parts().chain(path.split('/')));
    let base: Vec<&str> = from.parts().collect();
    let shared = base.iter().zip(&target).take_while(|(a, b)| a == b).count();
    let up = vec![".."; base.len() - shared];
    join(&up, &target[shared..])
}

/// The relative path from the folder `from` to `to`, both relative to the same folder.
pub(super) fn between(from: &str, to: &str) -> Option<String> {
    let (from, to) = (normal(from.split('/')), normal(to.split('/')));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if from[shared..].contains(&"..") {
        // The names of the folders above the shared one are not known.
        return None;
    }
    let up = vec![".."; from.len() - shared];
    Some(join(&up, &to[shared..]))
}

/// `path`, relative to the workspace, from a folder above it whose way down is `above`, so that no
/// `..` is left; `None` when it climbs higher.
pub(super) fn anchored(path: &str, above: &[&str]) -> Option<String> {
    let parts = normal(above.iter().copied().chain(path.split('/')));
    (parts.first() != Some(&"..")).then(|| parts.join("/"))
}

/// Whether the text is absolute for the engine's host, on any system.
pub(super) fn is_absolute(path: &str) -> bool {
    path.starts_with('/') || path.starts_with('\\') || has_drive(path)
}

/// Whether `-v` takes the text before the colon for a path rather than for a volume's name.
pub(super) fn is_path(source: &str) -> bool {
    is_absolute(source)
        || source.starts_with(['.', '~'])
        || source.contains(['/', '\\'])
        || source.starts_with("${localWorkspaceFolder}")
}

/// Whether the text starts with `C:`.
pub(super) fn has_drive(path: &str) -> bool {
    let mut bytes = path.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && bytes.next() == Some(b':')
        && matches!(bytes.next(), Some(b'/' | b'\\'))
}

fn normal<'a>(parts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut out: Vec<&str> = Vec::new();
    for part in parts {
        match part {
            "" | "." => {}
            ".." if out.last().is_some_and(|last| *last != "..") => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

fn join(up: &[&str], rest: &[&str]) -> String {
    let starts_up = !up.is_empty() || rest.first() == Some(&"..");
    let parts: Vec<&str> = up.iter().chain(rest).copied().collect();
    match (starts_up, parts.is_empty()) {
        (_, true) => ".".to_owned(),
        (true, _) => parts.join("/"),
        (false, _) => format!("./{}", parts.join("/")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RelPath {
        RelPath::new(text).expect("a path below the workspace")
    }

    #[test]
    fn paths_are_rewritten_for_another_folder() {
        let dev = path(".devcontainer");
        for (value, folder, from, expected) in [
            ("", RelPath::root(), &dev, ".."),
            ("src", RelPath::root(), &dev, "../src"),
            (".devcontainer/x", RelPath::root(), &dev, "./x"),
            ("../other", RelPath::root(), &dev, "../../other"),
            ("..", path(".devcontainer/a"), &dev, "."),
            ("Dockerfile", path(".devcontainer/a"), &dev, "./a/Dockerfile"),
            ("../..", path(".devcontainer/a"), &dev, ".."),
        ] {
            assert_eq!(rebase(value, &folder, from), expected, "{value}");
        }
    }

    #[test]
    fn a_dockerfile_is_relative_to_its_context() {
        assert_eq!(between("..", "./Dockerfile"), None);
        assert_eq!(between(".", "./Dockerfile").as_deref(), Some("./Dockerfile"));
        assert_eq!(between("./a", "./b/Dockerfile").as_deref(), Some("../b/Dockerfile"));
        assert_eq!(between("./a", "../Dockerfile").as_deref(), Some("../../Dockerfile"));
        assert_eq!(anchored("../x", &["mono", "api"]).as_deref(), Some("mono/x"));
        assert_eq!(anchored("../..", &["api"]), None);
    }

    #[test]
    fn a_volume_name_is_no_path() {
        assert!(is_path("./a") && is_path("/a") && is_path(r"C:\a") && is_path("a/b"));
        assert!(!is_path("cache") && !is_path("c"));
    }
}
