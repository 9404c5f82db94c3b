//! Shapes of `protect`, `apply`, `undo` and `history`.

use drawbridge_core::project::RelPath;
use drawbridge_core::protect::{Ground, Hardening, Options};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How to protect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ProtectOptions {
    /// The devcontainer.json, when there are several.
    pub config: Option<String>,
    /// How much of the folder the container may not write; default `config`.
    pub level: Option<Level>,
    /// How much of the editor's bridge is closed; default `balanced`.
    pub harden: Option<Harden>,
    /// Editors that may connect: `vscode`, `jetbrains`.
    pub ides: Option<Vec<String>>,
    /// Coding agents that may reach their service; default: what is detected.
    pub agents: Option<Vec<String>>,
    /// Codes of what may be lost.
    pub accept_loss: Vec<String>,
}

/// See [`ProtectOptions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing is bound read-only.
    Off,
    /// What the next start executes.
    Config,
    /// And `.vscode`.
    Editor,
    /// And `.git/config`, `.idea`, agent configuration.
    Strict,
}

/// See [`ProtectOptions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Harden {
    /// Nothing.
    Off,
    /// Credentials of the host stay on the host.
    Balanced,
    /// Everything a setting can close.
    Strict,
}

impl ProtectOptions {
    /// The planner's options; `None` when `config` is no path below the folder.
    pub(crate) fn options(&self) -> Option<Options> {
        let config = match &self.config {
            Some(config) => Some(RelPath::new(config)?),
            None => None,
        };
        Some(Options {
            config,
            ides: self.ides.clone(),
            agents: self.agents.clone(),
            hardening: match self.harden.unwrap_or(Harden::Balanced) {
                Harden::Off => Hardening::Off,
                Harden::Balanced => Hardening::Balanced,
                Harden::Strict => Hardening::Strict,
            },
            ground: match self.level.unwrap_or(Level::Config) {
                Level::Off => Ground::Off,
                Level::Config => Ground::Config,
                Level::Editor => Ground::Editor,
                Level::Strict => Ground::Strict,
            },
            accept_loss: self.accept_loss.clone(),
            feature: None,
            trust_host_cas: false,
        })
    }
}

/// What `protect` would do. Nothing has been written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Plan {
    /// Names exactly this plan.
    pub digest: String,
    /// The configuration.
    pub config: String,
    /// Files, in path order; empty when it is protected already.
    pub changes: Vec<Change>,
    /// What the user should know, in sentences.
    pub notes: Vec<String>,
    /// Hosts that will be reachable.
    pub hosts: Vec<ReachableHost>,
}

/// One file before and after; absent text: there is no file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// Where.
    pub file: String,
    /// Its text now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Its text afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A host that will be reachable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReachableHost {
    /// `*.` is any depth of subdomain.
    pub host: String,
    /// What it is for.
    pub why: String,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Applied {
    /// The files.
    pub files: Vec<String>,
    /// The engine's own reading of the result showed one closed network.
    pub verified: bool,
    /// Running containers that have no gate until they are rebuilt.
    pub open: Vec<String>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// What was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Undone {
    /// Files that are as they were; empty when there was nothing to undo.
    pub files: Vec<String>,
}

/// One change of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HistoryEntry {
    /// Counts up.
    pub id: u64,
    /// When.
    pub time: i64,
    /// The command.
    pub command: String,
    /// `applied`, `undone`, `rolled-back`, `interrupted`
    pub state: &'static str,
    /// What it did.
    pub files: Vec<HistoryFile>,
}

/// One file of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HistoryFile {
    /// The file.
    pub file: String,
    /// `created`, `changed`, `removed`
    pub what: &'static str,
}
