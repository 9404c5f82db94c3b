//! The environment inside the walls: no pointer to the bridge, private temporary folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use drawbridge_bridge::variables;
use serde::Serialize;

use crate::profile::Profile;
use crate::walls::{Facts, expand};

/// One difference to the environment that the command would have had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "change")]
pub enum Change {
    /// The variable is taken away because it points to the bridge.
    Remove {
        /// Its name.
        name: String,
        /// What it would have given.
        gives: String,
    },
    /// The variable gets this value.
    Set {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
}

/// What changes, in name order.
pub(crate) fn changes(
    facts: &Facts,
    profile: &Profile,
    hidden: &BTreeMap<PathBuf, String>,
    sockets: &[PathBuf],
) -> Vec<Change> {
    let mut set = BTreeMap::new();
    for (name, value) in &profile.set {
        if !facts.environment.contains_key(name) {
            set.insert(name.clone(), expand(&facts.home, value).display().to_string());
        }
    }
    let temporary = facts.temporary.display().to_string();
    for name in ["TMPDIR", "TMP", "TEMP"] {
        set.insert(name.to_owned(), temporary.clone());
    }
    set.insert("XDG_RUNTIME_DIR".to_owned(), facts.temporary.join("runtime").display().to_string());
    set.insert("JAVA_TOOL_OPTIONS".to_owned(), java_options(facts, &temporary));
    set.insert(variables::CONFINED.to_owned(), profile.id.clone());
    if let Some(path) = facts.environment.get("PATH") {
        let kept = without_hidden(path, hidden);
        if kept != *path {
            set.insert("PATH".to_owned(), kept);
        }
    }

    let mut changes = Vec::new();
    for (name, value) in &facts.environment {
        if set.contains_key(name) || names_one_of(sockets, value) {
            continue;
        }
        if let Some(variable) = variables::find(name) {
            changes.push(Change::Remove { name: name.clone(), gives: variable.gives.to_owned() });
        }
    }
    changes.extend(set.into_iter().map(|(name, value)| Change::Set { name, value }));
    changes
}

/// Whether a variable's value is a socket that stays in reach, as a path or in the spelling of Docker or D-Bus.
fn names_one_of(sockets: &[PathBuf], value: &str) -> bool {
    let path = ["unix://", "unix:path="].iter().find_map(|scheme| value.strip_prefix(scheme));
    let path = path.unwrap_or(value).split(',').next().unwrap_or_default();
    sockets.iter().any(|socket| socket == Path::new(path))
}

/// The JVM takes its temporary folder from a property alone and ignores `TMPDIR`.
fn java_options(facts: &Facts, temporary: &str) -> String {
    let ours = format!("-Djava.io.tmpdir={temporary}");
    match facts.environment.get("JAVA_TOOL_OPTIONS") {
        Some(theirs) if theirs.contains("-Djava.io.tmpdir=") => theirs.clone(),
        Some(theirs) if !theirs.is_empty() => format!("{theirs} {ours}"),
        _ => ours,
    }
}

fn without_hidden(path: &str, hidden: &BTreeMap<PathBuf, String>) -> String {
    let kept: Vec<&str> = path
        .split(':')
        .filter(|folder| !hidden.keys().any(|hidden| Path::new(folder).starts_with(hidden)))
        .collect();
    kept.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::choose;

    fn facts(environment: &[(&str, &str)]) -> Facts {
        Facts {
            home: "/home/dev".into(),
            workspace: "/workspaces/app".into(),
            environment: environment.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            temporary: "/tmp/private".into(),
        }
    }

    #[test]
    fn takes_pointers_away_and_keeps_proxy_and_trust() {
        let facts =
            facts(&[("SSH_AUTH_SOCK", "/tmp/s"), ("https_proxy", "http://p"), ("SSL_CERT_FILE", "/b")]);
        let changes = changes(&facts, &choose(None, "sh").unwrap(), &BTreeMap::new(), &[]);
        let removed: Vec<_> = changes
            .iter()
            .filter_map(|change| match change {
                Change::Remove { name, .. } => Some(name.as_str()),
                Change::Set { .. } => None,
            })
            .collect();
        assert_eq!(removed, ["SSH_AUTH_SOCK"]);
    }

    #[test]
    fn keeps_the_pointer_to_a_socket_that_stays_in_reach() {
        let docker = "unix:///run/docker.sock";
        let facts = facts(&[("SSH_AUTH_SOCK", "/tmp/s"), ("DOCKER_HOST", docker), ("DISPLAY", ":0")]);
        let sockets = ["/tmp/s".into(), "/run/docker.sock".into()];
        let changes = changes(&facts, &choose(None, "sh").unwrap(), &BTreeMap::new(), &sockets);
        let removed = |name: &str| {
            changes.iter().any(|change| matches!(change, Change::Remove { name: gone, .. } if gone == name))
        };
        assert_eq!(["SSH_AUTH_SOCK", "DOCKER_HOST", "DISPLAY"].map(removed), [false, false, true]);
    }

    #[test]
    fn merges_java_options_and_drops_the_ide_from_path() {
        let facts =
            facts(&[("JAVA_TOOL_OPTIONS", "-Dx=1"), ("PATH", "/home/dev/.vscode-server/bin:/usr/bin")]);
        let hidden = BTreeMap::from([(PathBuf::from("/home/dev/.vscode-server"), String::new())]);
        let changes = changes(&facts, &choose(None, "sh").unwrap(), &hidden, &[]);
        let set = |name: &str, value: &str| Change::Set { name: name.to_owned(), value: value.to_owned() };
        assert!(changes.contains(&set("JAVA_TOOL_OPTIONS", "-Dx=1 -Djava.io.tmpdir=/tmp/private")));
        assert!(changes.contains(&set("PATH", "/usr/bin")));
    }
}
