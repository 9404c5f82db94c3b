//! Shapes of `review` and `accept`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Files that run on the host or that the next start follows, against the baseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Review {
    /// Whether a baseline was ever recorded.
    pub known: bool,
    /// What is not as in it.
    pub drift: Vec<Drift>,
    /// The running container; only in the answer to an accept that concerned it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<Inside>,
}

/// Settings and extensions of the editor in the running container, against the baseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Inside {
    /// Whether they were ever recorded.
    pub known: bool,
    /// What is not as recorded. `file` is a path in the container; extensions have no texts.
    pub drift: Vec<Drift>,
}

/// What to remember. Without members: every file of the folder as it is now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AcceptRequest {
    /// Only this file, as it is now.
    pub file: Option<String>,
    /// Only what somebody looked at, and only what is still as it was shown.
    pub shown: Option<Vec<Shown>>,
    /// Also the running container's settings and extensions as they are now.
    pub container: bool,
}

/// One [`Drift`] that somebody looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// Its file.
    pub file: String,
    /// Its digest.
    pub digest: String,
}

/// One file that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Drift {
    /// The file.
    pub file: String,
    /// Names what it is now.
    pub digest: String,
    /// `added`, `removed`, `changed`
    pub kind: &'static str,
    /// What it means, in sentences.
    pub what: Vec<String>,
    /// In the baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}
