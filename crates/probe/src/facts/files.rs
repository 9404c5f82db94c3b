//! Files that the bridge or the user's credentials leave in a container, and files of the workspace that
//! the host executes. Secrets are never taken: a fact says that there is one.

use std::path::{Path, PathBuf};

use drawbridge_bridge::facts::FileFact;
use drawbridge_bridge::ground::GROUND;

use super::settings::SERVERS;
use super::{Search, head, is_writable, text};

/// Longest file that is read; the files that are read are configuration.
const MAX_BYTES: u64 = 1 << 20;
/// Names of one folder that are looked at.
const MAX_NAMES: usize = 1000;

/// Files of the user that hold credentials by their nature.
const SECRETS: [(&str, &str); 6] = [
    ("netrc", "~/.netrc"),
    ("git-credentials", "~/.git-credentials"),
    ("aws-credentials", "~/.aws/credentials"),
    ("gcloud-credentials", "~/.config/gcloud/application_default_credentials.json"),
    ("azure-credentials", "~/.azure/msal_token_cache.json"),
    ("kube-config", "~/.kube/config"),
];
/// Folders in a server that hold code and settings of the bridge.
const OF_SERVER: [&str; 4] = ["bin", "cli", "extensions", "data/Machine"];

/// The user's home by the container's own table of users; `HOME` can be set to anything.
pub(super) fn home(root: &Path, uid: u32) -> PathBuf {
    let table = head(&root.join("etc/passwd"), MAX_BYTES).unwrap_or_default();
    let table = String::from_utf8_lossy(&table);
    let own = table.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        (fields.get(2)?.parse() == Ok(uid)).then(|| fields.get(5).map(|home| (*home).to_owned())).flatten()
    });
    let home = own.filter(|home| home.starts_with('/')).unwrap_or_else(|| "/nonexistent".to_owned());
    root.join(home.trim_start_matches('/'))
}

pub(super) fn find(search: &mut Search<'_>, workspace: Option<&Path>) -> Vec<FileFact> {
    let mut found = Vec::new();
    for path in
        GROUND.iter().filter_map(|ground| Some(workspace?.join(ground.path))).filter(|path| path.exists())
    {
        found.push(fact("ground", &path, ""));
    }
    for (kind, path) in SECRETS {
        let path = search.at(path);
        if path.metadata().is_ok_and(|meta| meta.is_file() && meta.len() > 0) {
            found.push(fact(kind, &path, ""));
        }
    }
    git(search, &mut found);
    docker(search, &mut found);
    github(search, &mut found);
    keys(search, &mut found);
    for server in SERVERS {
        let folders = OF_SERVER.iter().map(|name| search.at(server).join(name));
        found.extend(folders.filter(|path| path.is_dir()).map(|path| fact("editor-server", &path, "")));
    }
    let shared = search.at("/.jbdevcontainer");
    if shared.is_dir() {
        found.push(fact("jetbrains-backend", &shared, ""));
    }
    found
}

fn fact(kind: &str, path: &Path, detail: &str) -> FileFact {
    FileFact {
        kind: kind.to_owned(),
        path: text(&path.to_string_lossy()),
        writable: is_writable(path),
        detail: text(detail),
    }
}

/// Credential helpers of the bridge, aliases that run a shell, and what was copied from the host.
fn git(search: &Search<'_>, found: &mut Vec<FileFact>) {
    for path in ["/etc/gitconfig", "~/.gitconfig", "~/.config/git/config"].map(|path| search.at(path)) {
        let Some(bytes) = head(&path, MAX_BYTES) else { continue };
        let content = String::from_utf8_lossy(&bytes);
        let mut section = String::new();
        for line in content.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix('[') {
                section = name.split([']', ' ', '"']).next().unwrap_or_default().to_ascii_lowercase();
                if section == "user" {
                    found.push(fact("git-identity", &path, ""));
                }
                continue;
            }
            let Some((name, value)) = line.split_once('=') else { continue };
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().trim_start_matches('"'));
            match section.as_str() {
                "credential" if name == "helper" && is_of_the_bridge(value) => {
                    found.push(fact("git-credential-helper", &path, value));
                }
                "alias" if value.starts_with('!') => found.push(fact("git-shell-alias", &path, &name)),
                _ => {}
            }
        }
    }
}

fn is_of_the_bridge(helper: &str) -> bool {
    ["vscode-remote-containers", "git-credential-helper", "vscode-server", "/vscode/"]
        .iter()
        .any(|word| helper.contains(word))
}

fn docker(search: &Search<'_>, found: &mut Vec<FileFact>) {
    let path = search.at("~/.docker/config.json");
    let Some(bytes) = head(&path, MAX_BYTES) else { return };
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(&bytes) else { return };
    let helper = value.get("credsStore").and_then(serde_json::Value::as_str).unwrap_or_default();
    if helper.starts_with("dev-containers-") {
        found.push(fact("docker-credential-helper", &path, helper));
    }
    let auths = value.get("auths").and_then(serde_json::Value::as_object);
    let inline =
        |entry: &serde_json::Value| entry.get("auth").is_some() || entry.get("identitytoken").is_some();
    if auths.is_some_and(|auths| auths.values().any(inline)) {
        found.push(fact("docker-credentials", &path, ""));
    }
}

fn github(search: &Search<'_>, found: &mut Vec<FileFact>) {
    let path = search.at("~/.config/gh/hosts.yml");
    let bytes = head(&path, MAX_BYTES).unwrap_or_default();
    if String::from_utf8_lossy(&bytes).lines().any(|line| line.trim_start().starts_with("oauth_token:")) {
        found.push(fact("gh-token", &path, ""));
    }
}

/// Private keys, and the list of servers that was copied from the host.
fn keys(search: &mut Search<'_>, found: &mut Vec<FileFact>) {
    let ssh = search.at("~/.ssh");
    for entry in search.entries(&ssh).take(MAX_NAMES) {
        let path = entry.path();
        let start = head(&path, 64).unwrap_or_default();
        if start.starts_with(b"-----BEGIN") && String::from_utf8_lossy(&start).contains("PRIVATE KEY") {
            found.push(fact("ssh-key", &path, ""));
        }
    }
    let known = ssh.join("known_hosts");
    if let Some(bytes) = head(&known, MAX_BYTES).filter(|bytes| !bytes.is_empty()) {
        let servers = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
        found.push(fact("known-hosts", &known, &format!("{servers} entries")));
    }
    let gnupg = search.at("~/.gnupg/private-keys-v1.d");
    if search.entries(&gnupg).next().is_some() {
        found.push(fact("gpg-key", &gnupg, ""));
    }
}
