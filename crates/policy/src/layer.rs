//! Who wrote a policy, and how far that is trusted.

use std::fmt;

/// The origin of a policy text, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LayerKind {
    /// Built into the program.
    Catalogue,
    /// Installed by an administrator.
    Organisation,
    /// The developer's own, for all projects.
    Personal,
    /// The checked-out repository's: attacker-controlled. It may ask, but some things it cannot grant.
    Repository,
    /// Temporary words of the developer, held by the sidecar.
    Grants,
}

impl LayerKind {
    /// Whether the layer may open private and TCP targets, observe, or set what the repository may.
    #[must_use]
    pub fn is_trusted(self) -> bool {
        self != Self::Repository
    }
}

impl fmt::Display for LayerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Catalogue => "catalogue",
            Self::Organisation => "organisation",
            Self::Personal => "personal",
            Self::Repository => "repository",
            Self::Grants => "grants",
        })
    }
}

/// One policy text.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Decides what the text may do.
    pub kind: LayerKind,
    /// The name for messages and [`RuleRef`](crate::RuleRef)s; never opened.
    pub file: String,
    /// JSONC.
    pub text: String,
}
