//! Settings that are written into configurations to harden them and do nothing there, and the scopes
//! that decide it.
//!
//! Scopes and existence were read in the shipped bundles of VS Code 1.139.1 and in the sources of
//! 1.130.0; the keys of Dev Containers in reports about 0.470.0.

/// The version of VS Code that the table was read from.
pub const VSCODE: &str = "1.139.1";

/// Why a key does nothing from a container's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Inert {
    /// No product has such a setting.
    Nonexistent,
    /// Read from the user's own settings on the host only.
    HostOnly,
    /// A setting of another product.
    OtherProduct,
    /// Renamed; the old name is not read.
    Renamed,
}

/// One key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct InertSetting {
    /// Exact key.
    pub key: &'static str,
    /// Why it does nothing.
    pub why: Inert,
    /// What people mean by it.
    pub meant: &'static str,
    /// What does that instead.
    pub instead: &'static str,
    /// Where this was read.
    pub source: &'static str,
}

const SCOPES: &str = "settings registry of VS Code 1.139.1";
const LOGS: &str = "Dev Containers 0.470.0";

const fn row(
    key: &'static str,
    why: Inert,
    meant: &'static str,
    instead: &'static str,
    source: &'static str,
) -> InertSetting {
    InertSetting { key, why, meant, instead, source }
}

const HOST_TRUST: &str = "set it in the user settings of the host, where true is the default";
const POLICY: &str = "set it in the user settings of the host, or as a policy";
const HOST: &str = "set it in the user settings of the host";
const NO_LOCAL: &str = "nothing closes host terminals by a setting: run the agent with `drawbridge run`";
const NO_AGENT: &str =
    "start the editor without `SSH_AUTH_SOCK`, or add keys with `ssh-add -c` so that each use asks";

/// Every key, sorted.
pub const INERT: &[InertSetting] = &[
    row("chat.plugins.marketplaces", Inert::HostOnly, "limit agent plugins", POLICY, SCOPES),
    row("chat.mcp.gallery.serviceUrl", Inert::HostOnly, "limit MCP galleries", POLICY, SCOPES),
    row(
        "chat.tools.autoApprove",
        Inert::Renamed,
        "make the agent ask",
        "the key is now `chat.tools.global.autoApprove`; the policy `ChatToolsAutoApprove` cannot be undone from the container",
        SCOPES,
    ),
    row("chat.tools.edits.autoApprove", Inert::HostOnly, "keep the agent off configuration", HOST, SCOPES),
    row("dev.containers.cacheVolume", Inert::HostOnly, "drop the shared volume `vscode`", HOST, LOGS),
    row("dev.containers.defaultExtensions", Inert::HostOnly, "choose extensions", HOST, LOGS),
    row("dev.containers.defaultFeatures", Inert::HostOnly, "choose Features", HOST, LOGS),
    row("dev.containers.dockerPath", Inert::HostOnly, "choose the engine", HOST, LOGS),
    row("dev.containers.dockerComposePath", Inert::HostOnly, "choose the engine", HOST, LOGS),
    row("dev.containers.forwardSSHAgent", Inert::Nonexistent, "keep the ssh agent away", NO_AGENT, SCOPES),
    row("dev.containers.forwardSshAgent", Inert::Nonexistent, "keep the ssh agent away", NO_AGENT, SCOPES),
    row("dev.containers.forwardWSLServices", Inert::HostOnly, "keep WSL services away", HOST, LOGS),
    row("dev.containers.mountWaylandSocket", Inert::HostOnly, "keep the display away", HOST, LOGS),
    row("extensions.allowed", Inert::HostOnly, "allow known extensions only", POLICY, SCOPES),
    row("extensions.autoUpdate", Inert::HostOnly, "pin extensions", HOST, SCOPES),
    row("extensions.confirmedUriHandlerExtensionIds", Inert::HostOnly, "limit URI handlers", HOST, SCOPES),
    row(
        "extensions.requirePublisherTrust",
        Inert::Nonexistent,
        "trust known publishers only",
        "set `extensions.allowed` in the user settings of the host",
        SCOPES,
    ),
    row(
        "extensions.supportUntrustedWorkspaces",
        Inert::HostOnly,
        "keep extensions out of untrusted folders",
        HOST,
        SCOPES,
    ),
    row("extensions.verifySignature", Inert::HostOnly, "verify extensions", HOST, SCOPES),
    row(
        "remote.SSH.enableAgentForwarding",
        Inert::OtherProduct,
        "keep the ssh agent away",
        NO_AGENT,
        "a setting of Remote - SSH",
    ),
    row(
        "security.promptForLocalFileProtocolHandling",
        Inert::HostOnly,
        "ask before links open files",
        HOST_TRUST,
        SCOPES,
    ),
    row(
        "security.promptForRemoteFileProtocolHandling",
        Inert::HostOnly,
        "ask before links open files",
        HOST_TRUST,
        SCOPES,
    ),
    row("security.workspace.trust.banner", Inert::HostOnly, "keep workspace trust", HOST, SCOPES),
    row("security.workspace.trust.emptyWindow", Inert::HostOnly, "keep workspace trust", HOST, SCOPES),
    row("security.workspace.trust.enabled", Inert::HostOnly, "keep workspace trust", HOST_TRUST, SCOPES),
    row("security.workspace.trust.startupPrompt", Inert::HostOnly, "keep workspace trust", HOST, SCOPES),
    row("security.workspace.trust.untrustedFiles", Inert::HostOnly, "keep workspace trust", HOST, SCOPES),
    row("settingsSync.ignoredSettings", Inert::HostOnly, "limit settings sync", HOST, SCOPES),
    row("task.allowAutomaticTasks", Inert::HostOnly, "stop automatic tasks", HOST, SCOPES),
    row("terminal.integrated.allowLocalTerminal", Inert::Nonexistent, "no host terminals", NO_LOCAL, SCOPES),
    row("terminal.integrated.inheritEnv", Inert::HostOnly, "keep variables away", HOST, SCOPES),
    row("update.mode", Inert::HostOnly, "control updates", POLICY, SCOPES),
    row(
        "workbench.trustedDomains.promptInTrustedWorkspace",
        Inert::HostOnly,
        "ask before links open",
        HOST,
        SCOPES,
    ),
];

/// The row of a key.
pub fn inert(key: &str) -> Option<&'static InertSetting> {
    INERT.iter().find(|row| row.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_written_twice() {
        let keys: std::collections::BTreeSet<&str> = INERT.iter().map(|row| row.key).collect();
        assert_eq!(keys.len(), INERT.len());
        assert_eq!(inert("task.allowAutomaticTasks").map(|row| row.why), Some(Inert::HostOnly));
        assert!(inert("git.terminalAuthentication").is_none());
    }
}
