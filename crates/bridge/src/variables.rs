//! Environment variables that point to the bridge.

use crate::Product;

/// A variable that tells a process where the bridge is, or switches it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Variable {
    /// Exact name, or a prefix when [`prefix`](Self::prefix) is set.
    pub name: &'static str,
    /// Whether every variable that starts with `name` is meant.
    pub prefix: bool,
    /// Who sets it.
    pub product: Product,
    /// What a process gains by it.
    pub gives: &'static str,
}

impl Variable {
    /// Whether `name` is this variable.
    pub fn matches(&self, name: &str) -> bool {
        if self.prefix { name.starts_with(self.name) } else { name == self.name }
    }
}

const fn exact(name: &'static str, product: Product, gives: &'static str) -> Variable {
    Variable { name, prefix: false, product, gives }
}

const fn prefix(name: &'static str, product: Product, gives: &'static str) -> Variable {
    Variable { name, prefix: true, product, gives }
}

/// Set by `drawbridge run` for every confined command, to the name of its profile. A label, not a wall.
pub const CONFINED: &str = "DRAWBRIDGE_CONFINED";

/// Every variable of the bridge.
pub const VARIABLES: &[Variable] = &[
    exact("VSCODE_IPC_HOOK_CLI", Product::VsCode, "open URLs and folders on the host, install extensions"),
    exact("BROWSER", Product::VsCode, "open a URL on the host"),
    prefix("VSCODE_", Product::VsCode, "markers and addresses of the extension host"),
    exact("ELECTRON_RUN_AS_NODE", Product::VsCode, "marker of an extension host's child"),
    exact("VSCODE_GIT_IPC_HANDLE", Product::GitExtension, "the host account's access token"),
    prefix("VSCODE_GIT_", Product::GitExtension, "git password prompts answered by the host"),
    exact("GIT_ASKPASS", Product::GitExtension, "git password prompts answered by the host"),
    exact("SSH_ASKPASS", Product::GitExtension, "passphrase prompts on the host"),
    exact("SSH_ASKPASS_REQUIRE", Product::GitExtension, "forces the askpass program"),
    exact("GIT_EDITOR", Product::GitExtension, "open an editor in the host's window"),
    exact("SSH_AUTH_SOCK", Product::DevContainers, "sign with the host's ssh keys"),
    prefix("REMOTE_CONTAINERS", Product::DevContainers, "git and docker credentials of the host"),
    exact("GPG_AGENT_INFO", Product::DevContainers, "obsolete address of the gpg agent"),
    exact("DISPLAY", Product::Desktop, "read and inject keys of the host's windows (X11)"),
    exact("XAUTHORITY", Product::Desktop, "the X11 cookie"),
    exact("WAYLAND_DISPLAY", Product::Desktop, "windows and clipboard on the host"),
    exact("DBUS_SESSION_BUS_ADDRESS", Product::Desktop, "the session bus"),
    prefix("REMOTE_DEV_", Product::JetBrains, "launcher switches of the back end"),
    exact("DEVCONTAINER_CONFIG_PATH", Product::JetBrains, "the back end's host configuration"),
    exact("DOCKER_HOST", Product::Desktop, "a container engine, and with it the host"),
];

/// The first entry of [`VARIABLES`] that `name` is.
pub fn find(name: &str) -> Option<&'static Variable> {
    VARIABLES.iter().find(|variable| variable.matches(name))
}

/// What stands for a secret wherever it is in a name, as in `PGPASSWORD`.
const SECRET_PARTS: [&str; 11] = [
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "CREDENTIALS",
    "APIKEY",
    "API_KEY",
    "ACCESS_KEY",
    "PRIVATE_KEY",
    "AUTH_KEY",
    "SSH_KEY",
    "ACCOUNT_KEY",
];
/// Whole words of a name, between underscores, that do so.
const SECRET_WORDS: [&str; 2] = ["PASS", "PAT"];
/// Ends of words: a tokenizer is none.
const SECRET_ENDS: [&str; 2] = ["TOKEN", "TOKENS"];

/// Whether a variable of this name holds a secret, as far as names tell. A pointer of the bridge may hold one too.
pub fn is_secret(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    SECRET_PARTS.iter().any(|part| upper.contains(part))
        || upper
            .split('_')
            .any(|word| SECRET_WORDS.contains(&word) || SECRET_ENDS.iter().any(|end| word.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_secrets() {
        for name in [
            "GITHUB_TOKEN",
            "NPM_AUTHTOKEN",
            "GH_PAT",
            "OPENAI_API_KEY",
            "AWS_SECRET_ACCESS_KEY",
            "db_password",
            "PGPASSWORD",
            "VSCODE_GIT_IPC_AUTH_TOKEN",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["HOME", "PATH", "KEYBOARD", "PASSENGER_ROOT", "TOKENIZERS_PARALLELISM", "USER"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn knows_names_and_prefixes_but_not_lookalikes() {
        assert_eq!(find("SSH_AUTH_SOCK").map(|found| found.product), Some(Product::DevContainers));
        assert_eq!(find("REMOTE_CONTAINERS_IPC").map(|found| found.prefix), Some(true));
        assert_eq!(find("MY_SSH_AUTH_SOCK"), None);
        assert_eq!(find("HTTPS_PROXY"), None);
    }
}
