//! The lines of the decision log. Their field names are read by tools and do not change.

use std::net::SocketAddr;

use serde::Serialize;

/// One line.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Event {
    /// The sidecar serves.
    Start { version: &'static str, address: String, generation: u64, policy: String, warnings: Vec<String> },
    /// A connection, request or query was judged.
    Decision(Box<Decided>),
    /// An allowed connection ended.
    Close { id: String, up: u64, down: u64, ms: u64, reason: &'static str },
    /// An allowed connection did not come about.
    Failure {
        id: String,
        client: SocketAddr,
        phase: Phase,
        reason: &'static str,
        host: String,
        port: u16,
        why: String,
    },
    /// A denied connection waits for a watcher to name the process.
    Hold { id: String, client: SocketAddr, phase: Phase, reason: &'static str, host: String, port: u16 },
    /// The policy was read again.
    Reload {
        action: &'static str,
        generation: u64,
        sha256: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        loosens: Vec<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        errors: Vec<String>,
    },
    /// A grant was given, taken back or ran out.
    Grant { action: &'static str, host: String, reason: String },
    /// From now until then, in Unix seconds, the policy lets through and records; `null`: no longer.
    Observe { until: Option<i64> },
    /// A secret was set or removed.
    Secret { action: &'static str, name: String },
    /// The project has another CA.
    Ca { action: &'static str, fingerprint_sha256: String },
    /// The CAs that a company or the host's owner brings changed.
    Roots {},
    /// Something the operator should know.
    Error { message: String },
    /// The writer could not keep up.
    Dropped { lines: u64 },
    /// The sidecar ends.
    Stop {},
}

/// What was judged, how, and by which rule.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Decided {
    pub(crate) id: String,
    pub(crate) client: SocketAddr,
    pub(crate) phase: Phase,
    pub(crate) action: Action,
    pub(crate) reason: &'static str,
    pub(crate) host: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<String>,
    /// Without query, because tokens sit in queries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) layer: Option<String>,
    /// Names of the secrets that were added.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) secrets: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<String>,
    #[serde(flatten)]
    pub(crate) process: Option<Process>,
    /// Milliseconds from the accept, or the request, to this decision.
    pub(crate) ms: u64,
}

/// Who opened a connection, as a watcher on the host found out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Process {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) process: Option<String>,
}

/// Which entry judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Phase {
    Dns,
    Connect,
    Sni,
    Http,
    /// A request inside TLS that ends in the gate.
    Inspect,
    Tcp,
    Relay,
}

/// Which way it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    Allow,
    Deny,
}

impl Event {
    /// The line with its newline; `ts` comes first so that a person can read the log.
    pub(crate) fn line(&self, ts: &str) -> String {
        // Invariant: these types have string keys and no fallible serializer.
        let json = serde_json::to_string(self).unwrap_or_else(|_| "{\"type\":\"error\"}".to_owned());
        format!("{{\"ts\":\"{ts}\",{}\n", &json[1..])
    }
}
