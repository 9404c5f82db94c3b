//! Volumes of a service, short and long syntax.

use super::node::{Node, Value};
use super::port::split;
use crate::project::RelPath;

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// What is mounted.
    pub source: Source,
    /// Absolute path in the container, as written.
    pub target: String,
    /// Not writable.
    pub read_only: bool,
}

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A path of the host as written; `path` when it lies in the workspace.
    Bind {
        /// As written.
        text: String,
        /// Where that is in the workspace.
        path: Option<RelPath>,
    },
    /// A volume of the engine, or one that has no name.
    Volume(Option<String>),
    /// Memory, or a kind that we do not know.
    Other,
}

impl Volume {
    /// Whether it is the control socket of a container engine, or a folder that holds one.
    pub fn is_engine_socket(&self) -> bool {
        let Source::Bind { text, .. } = &self.source else {
            return false;
        };
        is_engine_socket(text) || names_socket(&self.target)
    }
}

/// Whether a host path is the control socket of a container engine, or a folder that holds one.
pub fn is_engine_socket(path: &str) -> bool {
    const FOLDERS: [&str; 5] = ["", "/run", "/var/run", "/run/docker", "/run/podman"];
    names_socket(path) || (path.starts_with('/') && FOLDERS.contains(&path.trim_end_matches('/')))
}

fn names_socket(path: &str) -> bool {
    const NAMES: [&str; 6] =
        ["docker.sock", "docker-host.sock", "podman.sock", "containerd.sock", "crio.sock", "docker_engine"];
    NAMES.iter().any(|name| path.contains(name))
}

/// Reads one entry of `volumes`; relative sources count from `base`.
pub(super) fn read(node: &Node, base: &RelPath) -> Option<Volume> {
    match &node.value {
        Value::Scalar { text, .. } => Some(short(text, base)),
        Value::Map(_) => long(node, base),
        Value::Seq(_) => None,
    }
}

fn short(text: &str, base: &RelPath) -> Volume {
    let parts = split(text);
    match parts.as_slice() {
        [target] => Volume { source: Source::Volume(None), target: (*target).to_owned(), read_only: false },
        [source, target, rest @ ..] => Volume {
            source: if is_path(source) {
                bind(source, base)
            } else {
                Source::Volume(Some((*source).to_owned()))
            },
            target: (*target).to_owned(),
            read_only: rest.iter().flat_map(|mode| mode.split(',')).any(|mode| mode == "ro"),
        },
        [] => Volume { source: Source::Other, target: String::new(), read_only: false },
    }
}

fn long(node: &Node, base: &RelPath) -> Option<Volume> {
    let text = |key| node.get(key).and_then(Node::as_str);
    let source = match (text("type").unwrap_or("volume"), text("source")) {
        ("bind", Some(source)) => bind(source, base),
        ("volume", source) => Source::Volume(source.map(str::to_owned)),
        _ => Source::Other,
    };
    let target = text("target").or_else(|| text("destination"))?.to_owned();
    let read_only = node.get("read_only").and_then(Node::as_bool) == Some(true);
    Some(Volume { source, target, read_only })
}

fn is_path(source: &str) -> bool {
    source.starts_with(['.', '/', '~', '\\']) || source.starts_with("${") || source.starts_with('$')
}

fn bind(source: &str, base: &RelPath) -> Source {
    Source::Bind { text: source.to_owned(), path: local(source, base) }
}

/// Where a path lies in the workspace. `${PWD}` and the like are somewhere else on other machines.
fn local(source: &str, base: &RelPath) -> Option<RelPath> {
    if source.contains('$') || source.starts_with(['~', '/']) {
        return None;
    }
    base.join(source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::node::parse;

    fn check(yaml: &str) -> String {
        let base = RelPath::new(".devcontainer").expect("a path");
        let volume = read(&parse(yaml).expect("test input").remove(0), &base).expect("a volume");
        let source = match &volume.source {
            Source::Bind { path: Some(path), .. } => format!("workspace {path}"),
            Source::Bind { text, .. } => format!("host {text}"),
            other => format!("{other:?}"),
        };
        format!("{source} > {}{}", volume.target, if volume.read_only { " ro" } else { "" })
    }

    #[test]
    fn reads_what_compose_reads() {
        let cases = [
            ("..:/workspace:cached", "workspace . > /workspace"),
            ("../..:/workspaces:cached", "host ../.. > /workspaces"),
            (".:/w:ro,z", "workspace .devcontainer > /w ro"),
            ("data:/var/lib/data", "Volume(Some(\"data\")) > /var/lib/data"),
            ("/anon", "Volume(None) > /anon"),
            ("${HOME:-/root}/.ssh:/root/.ssh:ro", "host ${HOME:-/root}/.ssh > /root/.ssh ro"),
            ("{type: bind, source: .., target: /w, read_only: true}", "workspace . > /w ro"),
            ("{type: tmpfs, target: /t}", "Other > /t"),
        ];
        for (yaml, expected) in cases {
            assert_eq!(check(yaml), expected, "{yaml}");
        }
    }

    #[test]
    fn knows_engine_sockets() {
        for path in ["/var/run/docker.sock", "${XDG_RUNTIME_DIR}/podman/podman.sock", "/", "/run/"] {
            assert!(is_engine_socket(path), "{path}");
        }
        assert!(!is_engine_socket("/var/run/postgresql"));
    }
}
