//! What makes a devcontainer.json unreadable.

use drawbridge_jsonc::Pointer;
use drawbridge_text::Span;

/// One thing that is wrong, with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file is empty, holds only comments, or starts with something unreadable.
    #[error("the file holds no configuration")]
    Empty {
        /// Where one would start.
        span: Span,
    },
    /// The document is a list, a string, a number or `null`.
    #[error("a configuration is an object, this is {found}")]
    NotAnObject {
        /// What it is, with an article.
        found: &'static str,
        /// The document.
        span: Span,
    },
    /// A value that no tool can use.
    #[error("`{at}` must be {expected}, this is {found}")]
    WrongType {
        /// The value's address.
        at: Pointer,
        /// What the specification wants, with an article.
        expected: &'static str,
        /// What is written, with an article.
        found: &'static str,
        /// The value.
        span: Span,
    },
    /// `dockerComposeFile` without `service`.
    #[error("`service` is missing: it names the service to work in")]
    MissingService {
        /// The value of `dockerComposeFile`.
        span: Span,
    },
    /// A list or mapping that nobody writes by hand.
    #[error("`{at}` has more than {max} entries")]
    TooMany {
        /// The list's address.
        at: Pointer,
        /// How many are read.
        max: usize,
        /// The list.
        span: Span,
    },
}

impl ReadError {
    /// Where it is written.
    pub fn span(&self) -> Span {
        match self {
            Self::Empty { span }
            | Self::NotAnObject { span, .. }
            | Self::WrongType { span, .. }
            | Self::MissingService { span }
            | Self::TooMany { span, .. } => *span,
        }
    }

    /// A next step.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Empty { .. } => Some("run `drawbridge init` to write one"),
            Self::MissingService { .. } => {
                Some("add `\"service\": \"NAME\"` with a service of the Compose file")
            }
            _ => None,
        }
    }
}
