//! What bare `drawbridge` shows: the configurations, what was detected, what is open, what is next.

use serde::Serialize;

use crate::detect::Detected;
use crate::project::{RelPath, Snapshot};

/// A workspace at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Every configuration in the order in which tools look for them.
    pub configs: Vec<ConfigSummary>,
    /// Ecosystems, agents and editors.
    pub detected: Detected,
    /// What is open, worst first.
    pub findings: Vec<Finding>,
    /// The command to run next.
    pub next: String,
    /// What that command does, in one sentence.
    pub next_why: String,
}

/// One devcontainer.json.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigSummary {
    /// Where.
    pub path: RelPath,
    /// `image`, `dockerfile`, `compose`, `none`, or `broken` when it cannot be read.
    pub kind: String,
    /// `name`, if there is one.
    pub name: Option<String>,
    /// How many Features it names.
    pub features: usize,
    /// Our Compose file is part of it.
    pub protected: bool,
    /// Why it cannot be read, `line:column: message`.
    pub broken: Option<String>,
}

/// Something that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// A stable identifier, kebab-case.
    pub id: String,
    /// The risk in one sentence.
    pub what: String,
    /// The file it is in.
    pub file: Option<RelPath>,
    /// 1-based.
    pub line: Option<usize>,
}

/// How bad a [`Finding`] is; worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// A way out of the container or off the network.
    High,
    /// A way that needs another step.
    Medium,
    /// Worth knowing.
    Low,
}

/// Looks over a workspace. Never fails: what cannot be read is part of the summary.
pub fn summary(snapshot: &Snapshot) -> Summary {
    Summary {
        configs: Vec::new(),
        detected: crate::detect::detect(snapshot),
        findings: Vec::new(),
        next: String::new(),
        next_why: String::new(),
    }
}
