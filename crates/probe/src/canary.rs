//! Canaries: harmless attempts to get out of the container or to change what must not change.
//!
//! Each states what it tried and what came back. What could not be tried, or proves nothing, is
//! [`Status::Skip`] with the reason; silence is only a [`Status::Pass`] where something is known to answer.

use std::time::Duration;

use serde::{Deserialize, Serialize};

mod direct;
mod dns;
mod files;
mod gateway;
mod hello;
mod names;
mod net;
mod privileges;
mod proxy;
mod schedule;
mod sni;
mod targets;

use schedule::Deadline;

pub use targets::{DEFAULT_CAPABILITIES, Endpoint, Targets};

/// The time one canary may take.
pub const DEADLINE: Duration = Duration::from_secs(2);

/// How one canary ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The door is closed.
    Pass,
    /// The door is open.
    Fail,
    /// It could not be tried, or the outcome proves nothing.
    Skip,
}

/// What one canary found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// A stable name such as `tcp-direct-v4:203.0.113.10:443`; the part before the colon is the kind.
    pub id: String,
    /// How it ended.
    pub status: Status,
    /// The exact thing that was tried, as a command.
    pub attempt: String,
    /// What came back, or why it was skipped. May hold foreign text: escape it.
    pub detail: String,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

/// Runs every canary against `targets` and returns their outcomes in a fixed order.
///
/// They run side by side and each has [`DEADLINE`], so the whole takes little more than two seconds.
/// Nothing is changed that lasts: protected files are opened for writing without a byte written, and
/// a temporary file that could be made is removed.
pub fn run(targets: &Targets) -> Vec<Outcome> {
    schedule::run(plan(targets))
}

fn plan(targets: &Targets) -> Vec<Canary> {
    let mut canaries = Vec::new();
    canaries.extend(direct::plan(targets));
    canaries.extend(gateway::plan(targets));
    canaries.extend(names::plan(targets));
    canaries.extend(proxy::plan(targets));
    canaries.extend(sni::plan(targets));
    canaries.extend(files::plan(targets));
    canaries.extend(privileges::plan(targets));
    canaries
}

/// One attempt that was not made yet.
struct Canary {
    id: String,
    attempt: String,
    job: Box<dyn FnOnce(Deadline) -> Verdict + Send>,
}

impl Canary {
    fn new(
        id: impl Into<String>,
        attempt: impl Into<String>,
        job: impl FnOnce(Deadline) -> Verdict + Send + 'static,
    ) -> Self {
        Self { id: id.into(), attempt: attempt.into(), job: Box::new(job) }
    }

    /// A canary that cannot be tried.
    fn skipped(id: impl Into<String>, attempt: impl Into<String>, why: &'static str) -> Self {
        Self::new(id, attempt, move |_| Verdict::skip(why))
    }
}

/// The result of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Verdict {
    status: Status,
    detail: String,
}

impl Verdict {
    fn pass(detail: impl Into<String>) -> Self {
        Self { status: Status::Pass, detail: detail.into() }
    }

    fn fail(detail: impl Into<String>) -> Self {
        Self { status: Status::Fail, detail: detail.into() }
    }

    fn skip(detail: impl Into<String>) -> Self {
        Self { status: Status::Skip, detail: detail.into() }
    }
}
