//! `protect`: from a snapshot to whole-file changes, with everything said that the user must know.

mod own_feature;
mod planner;
mod risk;
mod shape;
pub(crate) mod source;
pub(crate) mod undo;

use serde::{Deserialize, Serialize};

use crate::devcontainer::Kind;
use crate::project::{RelPath, Snapshot};

/// What the user asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The configuration to protect; needed when there are several.
    pub config: Option<RelPath>,
    /// Editor bundles; `None` means all (`vscode`, `jetbrains`).
    pub ides: Option<Vec<String>>,
    /// Agent bundles; `None` means what was detected.
    pub agents: Option<Vec<String>>,
    /// How much of the editor's bridge is closed.
    pub hardening: Hardening,
    /// How much of the workspace is bound read-only.
    pub ground: Ground,
    /// Loss codes ([`Item::code`]) that the user accepts.
    pub accept_loss: Vec<String>,
    /// A Feature reference that resolves; `None` writes none.
    pub feature: Option<String>,
    /// Carry the CAs that an administrator added to the host into the container.
    pub trust_host_cas: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            config: None,
            ides: None,
            agents: None,
            hardening: Hardening::Balanced,
            ground: Ground::Config,
            accept_loss: Vec::new(),
            feature: None,
            trust_host_cas: false,
        }
    }
}

/// How much of the editor's bridge `protect` closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hardening {
    /// Nothing is written.
    Off,
    /// Credentials of the host stay on the host; ports are still forwarded.
    Balanced,
    /// Everything a setting can close.
    Strict,
}

/// How much of the workspace is bound read-only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// Nothing.
    Off,
    /// What the next launch executes: configuration, Compose files, Dockerfiles, git hooks.
    Config,
    /// And `.vscode`.
    Editor,
    /// And `.git/config`, `.idea`, `.mcp.json`, `.claude/settings.json`.
    Strict,
}

/// Everything `protect` would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The configuration that is protected.
    pub config: RelPath,
    /// How it was made before it was protected.
    #[serde(skip)]
    pub kind: Kind,
    /// Files to write, in path order; empty when the project is already protected.
    pub changes: Vec<Change>,
    /// What the user must know, in the order to show it.
    pub notes: Vec<Note>,
    /// Every host the policy allows, with the bundle that names it and why.
    pub hosts: Vec<AllowedHost>,
    /// Default subnet of the inner network, `198.18.x.y/28`.
    pub subnet: crate::subnet::Subnet,
    /// The dev service.
    pub service: String,
    /// The service whose network namespace the dev service uses; usually the same.
    pub netns: String,
    /// The sidecar's service.
    pub sidecar: String,
    /// The inner network's key in our Compose file.
    pub network: String,
    /// Names of the variables that override our defaults; `.env` in [`Self::project_dir`] holds them.
    pub variables: Variables,
    /// The Compose project name that the official CLI and editors derive by default.
    pub project: String,
    /// Folder of the first Compose file: paths in our file and `.env` belong there.
    pub project_dir: RelPath,
    /// Every Compose file in order, ours last.
    pub compose_files: Vec<RelPath>,
    /// Our Compose file.
    pub overlay: RelPath,
    /// The policy file.
    pub policy: RelPath,
    /// Read-only binds of the dev service, for those who look whether they are still there.
    pub binds: Vec<Bind>,
    /// Configurations of the workspace that stay unprotected.
    pub open: Vec<RelPath>,
}

/// Variables of our Compose file. A configuration in a subfolder has names of its own, because it
/// shares the `.env` file with the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variables {
    /// The sidecar's address, `DRAWBRIDGE_IP`.
    pub ip: String,
    /// The inner network, `DRAWBRIDGE_SUBNET`.
    pub subnet: String,
    /// What the engine hands out, `DRAWBRIDGE_RANGE`.
    pub range: String,
    /// The workspace folder's name, `DRAWBRIDGE_WORKSPACE`: set it where a clone has another name and
    /// the Compose files mount the folder above. Unused otherwise.
    pub workspace: String,
    /// The project's name, `DRAWBRIDGE_PROJECT`; `None` when the user's Compose files decide it.
    pub project: Option<String>,
}

impl Plan {
    /// Whether nothing has to be written.
    pub fn is_done(&self) -> bool {
        self.changes.is_empty()
    }
}

/// A file before and after; `None` means the file does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Where.
    pub path: RelPath,
    /// The text that the snapshot held.
    pub before: Option<String>,
    /// The text to write.
    pub after: Option<String>,
}

/// One thing the user must know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What sort of thing.
    pub kind: NoteKind,
    /// The setting, path or service, as the user wrote it.
    pub what: String,
    /// One sentence; for [`NoteKind::Closed`] also what the user does instead.
    pub why: String,
}

/// The sorts of [`Note`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// Weakens a wall, or does not work as it looks.
    Warning,
    /// Another configuration that is not protected.
    Door,
    /// Has no Compose equivalent and was given up with the user's consent.
    Lost,
    /// Moved from devcontainer.json to our Compose file.
    Moved,
    /// Stays where it was because it works there.
    Kept,
    /// A way of the editor's bridge that was closed.
    Closed,
}

/// A host that the policy allows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AllowedHost {
    /// Canonical host, `*.` for any depth of subdomain.
    pub host: String,
    /// The catalogue bundle.
    pub bundle: String,
    /// What it is for.
    pub why: String,
}

/// A read-only bind in the dev container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Bind {
    /// Path in the workspace.
    pub source: RelPath,
    /// Absolute path in the container. Where [`Variables::workspace`] decides a part of it, with the
    /// default.
    pub target: String,
}

/// Why nothing is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What is wrong, lower case, no full stop.
    pub message: String,
    /// The file that is at fault.
    pub file: Option<RelPath>,
    /// 1-based.
    pub line: Option<usize>,
    /// 1-based, in characters.
    pub column: Option<usize>,
    /// A next step.
    pub hint: Option<String>,
    /// What cannot be kept, when that is the reason.
    pub items: Box<[Item]>,
}

/// Something that protecting would lose or leave open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What `--accept-loss` takes.
    pub code: String,
    /// The setting, as the user wrote it.
    pub what: String,
    /// What is lost, in one sentence.
    pub why: String,
    /// The file it is in.
    pub file: Option<RelPath>,
    /// 1-based.
    pub line: Option<usize>,
    /// 1-based, in characters.
    pub column: Option<usize>,
}

/// Plans the protection of one configuration.
///
/// Deterministic; reads only `snapshot`, which must be complete ([`crate::project::wanted`] is
/// empty). Running it on its own result changes nothing.
///
/// # Errors
///
/// A [`Refusal`] names the place and the next step; nothing may be written then.
pub fn plan(snapshot: &Snapshot, options: &Options) -> Result<Plan, Refusal> {
    planner::plan(snapshot, options)
}

/// The configuration that [`plan`] would take.
///
/// # Errors
///
/// There is none, or several and none was chosen.
pub fn chosen(snapshot: &Snapshot, config: Option<&RelPath>) -> Result<RelPath, Refusal> {
    source::pick(snapshot, config)
}

/// The options that the configuration was protected with, from our Compose file.
///
/// `None` when `config` is not protected or, without one, when not exactly one is. Planning with
/// them tells names and addresses of what is there, and changes nothing unless something drifted.
pub fn recorded(snapshot: &Snapshot, config: Option<&RelPath>) -> Option<Options> {
    source::recorded(snapshot, config)
}

/// Whether a loss code stands for a setting with which the gate does not hold.
pub(crate) fn is_risk(code: &str) -> bool {
    matches!(code, "docker-socket" | "docker-in-docker" | "privileged")
}
