//! What an agent or a tool needs to keep: data, one entry each.

use drawbridge_bridge::agents::by_command;
use serde::{Deserialize, Serialize};

const AGENTS: &str = include_str!("../profiles/agents.json");
/// The profile of every other command.
const DEFAULT: &str = "default";
const TOOLS: &str = include_str!("../profiles/tools.json");

/// What one agent needs beyond the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Profile {
    /// Catalogue id, `claude-code`. Its command in [`drawbridge_bridge::agents`] chooses the profile when none is named.
    pub id: String,
    /// What it is.
    pub about: String,
    /// Folders it writes; a leading `~/` is the user's home. Created when absent.
    #[serde(default)]
    pub state: Vec<String>,
    /// TCP ports beyond those of the gate that it may need, such as a model server of its own. They count when ports are
    /// limited to the gate's.
    #[serde(default)]
    pub ports: Vec<u16>,
    /// Variables to set when they are not set, so that state stays inside [`state`](Self::state) and nothing is expected
    /// of a socket.
    #[serde(default)]
    pub set: std::collections::BTreeMap<String, String>,
}

/// A build tool and the folders it cannot work without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Tool {
    /// Command that must be on PATH for the entry to count.
    pub command: String,
    /// Folders it writes.
    pub state: Vec<String>,
}

/// TCP ports on which the gate's sidecar listens: DNS, HTTP, TLS and the proxy.
pub const GATE_PORTS: &[u16] = &[53, 80, 443, 3128];

/// Every agent profile, `default` first.
///
/// # Panics
///
/// Never in a released binary: the embedded data is parsed by a test.
pub fn agents() -> Vec<Profile> {
    serde_json::from_str(AGENTS).expect("the embedded agent profiles are valid")
}

/// Every build tool.
///
/// # Panics
///
/// Never in a released binary: the embedded data is parsed by a test.
pub fn tools() -> Vec<Tool> {
    serde_json::from_str(TOOLS).expect("the embedded tool list is valid")
}

/// The profile called `id`, or without one the profile of the agent that `command` starts.
pub fn choose(id: Option<&str>, command: &str) -> Option<Profile> {
    let name = command.rsplit('/').next().unwrap_or(command);
    let wanted = id.or_else(|| by_command(name).map(|agent| agent.id)).unwrap_or(DEFAULT);
    agents().into_iter().find(|profile| profile.id == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_data_is_valid_and_sane() {
        let profiles = agents();
        assert_eq!(profiles[0].id, DEFAULT);
        let of_agents = profiles[1..].iter().map(|profile| profile.id.as_str());
        assert!(of_agents.eq(drawbridge_bridge::agents::AGENTS.iter().map(|agent| agent.id)));
        for path in
            profiles.iter().flat_map(|profile| &profile.state).chain(tools().iter().flat_map(|t| &t.state))
        {
            assert!(path.starts_with("~/") && !path.contains(".."), "{path}");
        }
    }

    #[test]
    fn command_chooses_the_profile() {
        assert_eq!(
            choose(None, "/usr/local/bin/claude").map(|found| found.id),
            Some("claude-code".to_owned())
        );
        assert_eq!(choose(None, "bash").map(|found| found.id), Some("default".to_owned()));
        assert_eq!(choose(Some("nobody"), "bash"), None);
    }
}
