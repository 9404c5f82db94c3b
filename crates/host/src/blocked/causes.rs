//! Which file of the workspace names a host: the usual reason why a build asks for it.

use serde::Serialize;

use crate::files::{Found, Root};

/// Where a host is declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// Relative to the workspace.
    pub file: String,
    /// 1-based.
    pub line: usize,
    /// The element or key it stands in, when that says something.
    pub what: Option<String>,
}

/// The files that declare hosts, read once.
#[derive(Debug, Default)]
pub struct Causes {
    files: Vec<(String, String)>,
}

const FILE_CAP: u64 = 2 << 20;
const TOTAL_CAP: usize = 32 << 20;
const FOLDERS: usize = 2_000;
const DEPTH: usize = 6;
const NAMES: usize = 2_000;

/// Folders that hold results, not declarations.
const SKIPPED: [&str; 12] = [
    ".git",
    "node_modules",
    "target",
    "build",
    "dist",
    "out",
    "vendor",
    ".venv",
    "venv",
    "__pycache__",
    ".gradle",
    ".idea",
];

const EXACT: [&str; 34] = [
    "pom.xml",
    "settings.xml",
    "maven-wrapper.properties",
    "gradle-wrapper.properties",
    "build.gradle",
    "build.gradle.kts",
    "settings.gradle",
    "settings.gradle.kts",
    "gradle.properties",
    "package.json",
    "package-lock.json",
    "npm-shrinkwrap.json",
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    "yarn.lock",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "Pipfile",
    "Pipfile.lock",
    "poetry.lock",
    "uv.lock",
    "pyproject.toml",
    "pip.conf",
    "setup.cfg",
    "Cargo.toml",
    "Cargo.lock",
    "go.mod",
    "Gemfile",
    "Gemfile.lock",
    "composer.json",
    "composer.lock",
    ".gitmodules",
    "nuget.config",
];

impl Causes {
    /// Reads the declaring files of a workspace, within bounds.
    pub fn read(root: &Root) -> Self {
        let mut causes = Self::default();
        let mut left = TOTAL_CAP;
        let mut folders = vec![(String::new(), 0)];
        let mut visited = 0;
        while let Some((folder, depth)) = folders.pop() {
            visited += 1;
            if visited > FOLDERS {
                break;
            }
            for name in root.list(&folder, NAMES).unwrap_or_default().0 {
                let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
                if declares(&name) {
                    if let Ok(Found::File(file)) = root.read(&path, FILE_CAP)
                        && let Ok(text) = String::from_utf8(file.bytes)
                        && text.len() <= left
                    {
                        left -= text.len();
                        causes.files.push((path, text));
                    }
                } else if depth < DEPTH && !name.contains('.') && !SKIPPED.contains(&name.as_str())
                    || matches!(name.as_str(), ".cargo" | ".mvn" | ".github" | ".devcontainer")
                {
                    folders.push((path, depth + 1));
                }
            }
        }
        causes.files.sort();
        causes
    }

    /// The first place that names the host.
    pub fn find(&self, host: &str) -> Option<Cause> {
        self.files.iter().find_map(|(path, text)| {
            let at = find_host(text, host)?;
            let line = text[..at].matches('\n').count() + 1;
            Some(Cause { file: path.clone(), line, what: element(path, text, at) })
        })
    }
}

fn declares(name: &str) -> bool {
    let low = name.to_lowercase();
    let (stem, extension) = low.rsplit_once('.').unwrap_or((&low, ""));
    EXACT.iter().any(|exact| exact.eq_ignore_ascii_case(name))
        || low == "config.toml"
        || stem.starts_with("dockerfile")
        || match extension {
            "txt" => stem.starts_with("requirements"),
            "yml" | "yaml" => stem.starts_with("docker-compose") || stem.starts_with("compose"),
            extension => extension == "csproj",
        }
}

/// The host as a whole name, not as a part of a longer one.
fn find_host(text: &str, host: &str) -> Option<usize> {
    if host.is_empty() {
        return None;
    }
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '-' || c == '_');
    text.match_indices(host).map(|(at, _)| at).find(|at| {
        let before = text[..*at].chars().next_back();
        let mut after = text[at + host.len()..].chars();
        let next = after.next();
        let longer = next == Some('.') && inside(after.next());
        !inside(before) && before != Some('.') && !inside(next) && !longer
    })
}

/// The Maven element around a place.
fn element(path: &str, text: &str, at: usize) -> Option<String> {
    const ELEMENTS: [&str; 5] =
        ["repository", "pluginRepository", "mirror", "snapshotRepository", "distributionManagement"];
    if !path.to_lowercase().ends_with(".xml") {
        return None;
    }
    let before = &text[..at];
    let open = |name: &'static str| {
        let start = before.rfind(&format!("<{name}>"))?;
        let closed = before.rfind(&format!("</{name}>")).is_some_and(|end| end > start);
        if closed { None } else { Some((start, name)) }
    };
    let innermost = ELEMENTS.into_iter().filter_map(open).max()?;
    Some(format!("<{}>", innermost.1))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn names_file_line_and_element() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("api/node_modules/x")).unwrap();
        let pom = "<project>\n<repositories>\n<repository>\n<url>https://repo.example.org/m2</url>\n</repository>\n</repositories>\n";
        fs::write(dir.path().join("api/pom.xml"), pom).unwrap();
        fs::write(dir.path().join("api/node_modules/x/package.json"), "late.example").unwrap();
        fs::write(dir.path().join(".npmrc"), "registry=https://npm.example/\n").unwrap();
        fs::write(dir.path().join("requirements-dev.txt"), "\n--index-url https://py.example:8443/simple\n")
            .unwrap();
        let causes = Causes::read(&Root::open(dir.path()).unwrap());
        let cause = causes.find("repo.example.org").unwrap();
        assert_eq!((cause.file.as_str(), cause.line), ("api/pom.xml", 4));
        assert_eq!(cause.what.as_deref(), Some("<repository>"));
        assert_eq!(causes.find("npm.example").unwrap().file, ".npmrc");
        assert_eq!(causes.find("py.example").unwrap().line, 2);
        assert_eq!(causes.find("late.example"), None);
        assert_eq!(causes.find("example.org"), None, "a part of a name is another host");
        assert_eq!(causes.find("repo.example"), None);
        assert_eq!(causes.find(""), None);
    }
}
