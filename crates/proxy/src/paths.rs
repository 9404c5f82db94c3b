//! Where things are in the sidecar's container. The overlay mounts volumes at these places.

use std::path::{Path, PathBuf};

/// Named volume of the sidecar alone: accepted policy, grants, control socket.
pub const STATE: &str = "/var/lib/drawbridge";
/// Named volume that the dev container mounts read-only at the same place.
pub const SHARE: &str = "/run/drawbridge/share";
/// Read-only bind of the repository's policy folder; may be absent or unreadable.
pub const POLICY: &str = "/etc/drawbridge/policy";
/// Named volume of the user, shared by all their projects, read-only.
pub const PERSONAL: &str = "/etc/drawbridge/personal";
/// The policy file's name inside [`POLICY`].
pub const POLICY_FILE: &str = "policy.jsonc";

/// Every folder the sidecar reads or writes; tests point them at a temporary folder.
#[derive(Debug, Clone)]
pub struct Paths {
    /// See [`STATE`].
    pub state: PathBuf,
    /// See [`SHARE`].
    pub share: PathBuf,
    /// See [`POLICY`].
    pub policy: PathBuf,
    /// See [`PERSONAL`].
    pub personal: PathBuf,
    /// The program that is copied into the share: this one.
    pub binary: PathBuf,
}

impl Paths {
    /// The control socket, mode 0600, reachable only from inside the sidecar's container.
    pub fn ctl_socket(&self) -> PathBuf {
        self.state.join("ctl.sock")
    }

    /// Accepted policy and grants, mode 0600.
    pub fn state_file(&self) -> PathBuf {
        self.state.join("state.json")
    }

    /// The project's CA with its key, mode 0600.
    pub fn ca(&self) -> PathBuf {
        self.state.join("ca.pem")
    }

    /// The secrets, mode 0600.
    pub fn secrets(&self) -> PathBuf {
        self.state.join("secrets.json")
    }

    /// The repository's policy as the bind mount shows it now.
    pub fn policy_file(&self) -> PathBuf {
        self.policy.join(POLICY_FILE)
    }

    /// The user's own layer.
    pub fn personal_file(&self) -> PathBuf {
        self.personal.join("personal.jsonc")
    }

    /// The organisation's layer.
    pub fn organisation_file(&self) -> PathBuf {
        self.personal.join("organisation.jsonc")
    }

    /// Folder of the CAs that a company or the host's owner brings.
    pub fn authorities(&self) -> PathBuf {
        self.personal.join("cas")
    }

    /// The copy of this binary that the dev container runs.
    pub fn shared_binary(&self) -> PathBuf {
        self.share.join("bin").join("drawbridge")
    }

    /// The rules in force, for people and tools in the dev container.
    pub fn effective_policy(&self) -> PathBuf {
        self.share.join("policy.effective.json")
    }

    /// Exists while the sidecar listens and the share is complete.
    pub fn ready_marker(&self) -> PathBuf {
        self.share.join("ready")
    }
}

impl Default for Paths {
    fn default() -> Self {
        let path = |text: &str| Path::new(text).to_path_buf();
        Self {
            state: path(STATE),
            share: path(SHARE),
            policy: path(POLICY),
            personal: path(PERSONAL),
            binary: path("/proc/self/exe"),
        }
    }
}
