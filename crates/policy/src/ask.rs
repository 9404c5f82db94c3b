//! What a repository asks for and cannot grant itself.

use std::sync::Arc;

use crate::rule::Target;
use crate::{Host, RuleRef};

/// In front of a secret's name: what the container uses in its place.
pub const SECRET_PLACEHOLDER: &str = "drawbridge-secret-";

/// One entry of `asks`, or an `allow` of the repository that only a trusted layer may make.
#[derive(Debug, Clone)]
pub struct Ask {
    /// What is asked for.
    pub kind: AskKind,
    /// Where it stands, with the author's reason.
    pub source: Arc<RuleRef>,
    pub(crate) target: Option<Target>,
}

/// What an ask is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AskKind {
    /// A rule; its text is `source.text`.
    Rule,
    /// A secret, by its name, sent to one host over TLS. The sidecar knows whether it has been set.
    Secret {
        /// The name under which the developer stores it.
        name: String,
        /// The host it would go to.
        host: Host,
    },
    /// `mode: observe`.
    Observe,
}
