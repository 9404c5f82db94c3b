//! The shapes that cross to an editor: JSON over the language server's `drawbridge/*` methods, values
//! of the addon.
//!
//! Paths of files are relative to the opened folder, with `/`. Positions count from 0, lines then UTF-16 code
//! units, whatever encoding the documents of a language server use. Times are seconds since 1970.
//! `docs/protocol.md` lists the methods, `docs/schemas/protocol.json` is made of this file.

use std::path::PathBuf;

use drawbridge_host::ide::Own;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::protect::{Applied, HistoryEntry, Plan, ProtectOptions, Undone};
use self::review::{AcceptRequest, Inside, Review};

pub mod protect;
pub mod review;

/// Grows when a reader of the version before would misunderstand.
pub const VERSION: u32 = 1;

/// Every shape, for `docs/schemas/protocol.json`.
pub fn schema() -> serde_json::Value {
    let mut made = schemars::SchemaGenerator::default();
    made.subschema_for::<Configuration>();
    made.subschema_for::<Check>();
    made.subschema_for::<Action>();
    made.subschema_for::<FixAll>();
    made.subschema_for::<Hover>();
    made.subschema_for::<Completion>();
    made.subschema_for::<Lens>();
    made.subschema_for::<ProtectOptions>();
    made.subschema_for::<Plan>();
    made.subschema_for::<Applied>();
    made.subschema_for::<Undone>();
    made.subschema_for::<HistoryEntry>();
    made.subschema_for::<Policy>();
    made.subschema_for::<AllowRequest>();
    made.subschema_for::<Allowed>();
    made.subschema_for::<Review>();
    made.subschema_for::<AcceptRequest>();
    made.subschema_for::<Event>();
    made.subschema_for::<Failure>();
    serde_json::json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("Drawbridge protocol {VERSION}"),
        "$defs": made.take_definitions(true),
    })
}

/// One configuration of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Configuration {
    /// Its devcontainer.json.
    pub file: String,
    /// A gate is written down for it.
    pub protected: bool,
    /// Requests are about it.
    pub chosen: bool,
}

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Position {
    /// From 0.
    pub line: u32,
    /// UTF-16 code units before it on its line.
    pub character: u32,
}

/// Half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Range {
    /// First place.
    pub start: Position,
    /// Behind the last.
    pub end: Position,
}

/// The editor that asks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Editor {
    /// As people know it.
    pub name: String,
    /// A process of it.
    pub pid: u32,
    /// A folder in which it keeps logs, when it is known.
    #[serde(default)]
    pub logs: Option<PathBuf>,
}

impl From<Editor> for Own {
    fn from(Editor { name, pid, logs }: Editor) -> Self {
        Self { name, pid, logs: logs.unwrap_or_default() }
    }
}

/// What the audit says of the folder, with the open documents in place of the files.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Check {
    /// Findings with a place in a file of the folder; the worst first.
    pub problems: Vec<Problem>,
    /// Findings without one.
    pub elsewhere: Vec<Elsewhere>,
    /// Ways between container and host, in the order in which they are shown.
    pub channels: Vec<Channel>,
    /// What was not looked at, in sentences.
    pub unseen: Vec<String>,
    /// Findings that a comment waives.
    pub ignored: usize,
    /// Ports on which the editors of this machine listen at one address, seen now; others are findings.
    pub listeners: Vec<Listener>,
    /// The running container against the baseline; absent when nobody looked into one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<Inside>,
}

/// One port on which an editor, or what it started, listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Listener {
    /// The editor, for people.
    pub editor: String,
    /// `127.0.0.1:3000`
    pub address: String,
    /// Only programs of this machine reach it.
    pub local: bool,
}

/// What was found, wherever it is.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Found {
    /// `critical`, `high`, `medium`, `low`, `info`
    pub severity: &'static str,
    /// `observed`, `configured`, `inferred`
    pub class: &'static str,
    /// `DB101`
    pub code: &'static str,
    /// `docker-socket-mounted`
    pub rule: &'static str,
    /// One sentence.
    pub message: String,
}

/// Something to correct in one file.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// Where.
    pub range: Range,
    /// What was found.
    #[serde(flatten)]
    pub found: Found,
}

/// A finding without a place in a file of the folder.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Elsewhere {
    /// What was found.
    #[serde(flatten)]
    pub found: Found,
    /// The fact, in words.
    pub evidence: String,
}

/// One group of ways between the container and the host.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Channel {
    /// `mounts-and-sockets`, …
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// The worst finding; absent when nothing was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worst: Option<&'static str>,
    /// The worst first.
    pub findings: Vec<ChannelFinding>,
}

/// One way that is open.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelFinding {
    /// What was found.
    #[serde(flatten)]
    pub found: Found,
    /// What it rests on: `FILE:LINE`, or the fact in words.
    pub evidence: String,
    /// Where, when it is in a file of the folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Where in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// Title of the fix, when one is offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// One replacement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TextEdit {
    /// What is replaced.
    pub range: Range,
    /// By what.
    pub new_text: String,
}

/// A quick fix.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Action {
    /// What is done, imperative.
    pub title: String,
    /// Of the finding that goes away.
    pub code: &'static str,
    /// Of the finding that goes away.
    pub rule: &'static str,
    /// Nothing that works today stops working.
    pub safe: bool,
    /// The file that is edited; not always the one that was asked about.
    pub file: String,
    /// Addressed in the text as it is.
    pub edits: Vec<TextEdit>,
}

/// The safe fixes of one file together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FixAll {
    /// Addressed in the text as it is.
    pub edits: Vec<TextEdit>,
}

/// What is known about a place.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Hover {
    /// What it is about.
    pub range: Range,
    /// Markdown without HTML; foreign text in it is escaped.
    pub markdown: String,
}

/// One proposal.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Completion {
    /// What is shown and written.
    pub label: String,
    /// `bundle`, `host`, `key`, `value`
    pub kind: &'static str,
    /// Beside the label.
    pub detail: String,
    /// Below it.
    pub documentation: String,
    /// Writes it.
    pub edit: TextEdit,
}

/// A line above the text.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Lens {
    /// Above this.
    pub range: Range,
    /// What it says.
    pub title: String,
    /// What a click does: `preview`, `bridge`, `policy`, `review`; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<&'static str>,
}

/// The gate and its policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Policy {
    /// `unprotected`, `no-engine`, `stopped`, `running`
    pub state: &'static str,
    /// The policy's file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Rules in force by the files, denials first.
    pub rules: Vec<PolicyRule>,
    /// What the running gate denied, newest first.
    pub blocked: Vec<Blocked>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PolicyRule {
    /// `allow`, `deny`
    pub action: &'static str,
    /// As it is written, or the bundle's host.
    pub text: String,
    /// Who wrote it.
    pub layer: String,
    /// Where.
    pub file: String,
    /// From 0.
    pub line: usize,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Something that the gate denied. Every word may come from the container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Blocked {
    /// The host that was asked for.
    pub host: String,
    /// Unknown for a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// HTTP method, if it was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Path, if it was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
    /// How often.
    pub count: u64,
    /// Last time.
    pub last: i64,
    /// The policy's sentence.
    pub why: String,
    /// Where the project names the host, `FILE:LINE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The narrowest rule that would let it through; absent when no rule would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// What to allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllowRequest {
    /// A host, or a rule in the policy's form.
    pub rule: String,
    /// Why.
    pub reason: String,
    /// The gate holds it this long and the file stays as it is; absent: it is written down.
    #[serde(default)]
    pub seconds: Option<u64>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Allowed {
    /// `in-force`, `pending` (the file opens more, nobody confirmed that), `next-start`
    pub state: &'static str,
    /// Files that were written.
    pub files: Vec<String>,
    /// With `pending`, what else it would open.
    pub loosens: Vec<String>,
}

/// What happened at the gate. A client passes over a kind that it does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Event {
    /// Something was denied.
    Blocked {
        /// What.
        blocked: Blocked,
    },
    /// Somebody let a host through for a time, in an editor or a terminal, or it is so no longer.
    Grant {
        /// `granted`, `revoked` or `expired`.
        action: &'static str,
        /// The host, or the rule as it was granted.
        host: String,
        /// Why; empty when it was taken back.
        reason: String,
    },
    /// The policy's files were read again.
    Reload {
        /// `applied`, `pending` (it opens something and waits for a word) or `rejected`.
        action: &'static str,
        /// What it opens, one line each.
        loosens: Vec<String>,
        /// Why it was rejected.
        errors: Vec<String>,
    },
    /// The gate went away.
    Ended,
}

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Failure {
    /// `not-protected`, `refused`, `stale`, …
    pub code: String,
    /// Lower case, no full stop.
    pub message: String,
    /// The next step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// With `refused`, what would be lost; a plan goes on without it when `acceptLoss` holds its code.
    pub losses: Vec<Loss>,
}

/// Something that cannot be kept when the configuration is protected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Loss {
    /// What `acceptLoss` takes; several settings may share one.
    pub code: String,
    /// The setting, as it is written.
    pub what: String,
    /// What is lost, in one sentence.
    pub why: String,
}
