//! What is remembered of a file, so that another one in its place is seen.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What was found at a path. A text is written as a string, all else as an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Content {
    /// A file of UTF-8.
    Text(String),
    /// Anything else.
    Other(Other),
}

/// What has no text. The host finds out, [`super::baseline`] knows of it only that it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Other {
    /// A file that is too large or not UTF-8.
    Bytes {
        /// In bytes.
        size: u64,
        /// In hexadecimal digits.
        sha256: String,
    },
    /// A symbolic link, at the path or on the way to it.
    Link {
        /// Each link's target as it is written, from the path on.
        to: Vec<String>,
        /// Of what is there, in hexadecimal digits; `None` when that is outside of the workspace, or nothing.
        sha256: Option<String>,
    },
    /// A folder in place of a file.
    Folder,
    /// It could not be compared; the text says why. Never the same as anything, itself included.
    Unknown(String),
}

impl Content {
    /// The text of a file.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Other(_) => None,
        }
    }

    /// The text, or in brackets what there is instead of one.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Other(other) => format!("({other})\n"),
        }
    }

    /// Whether this is certainly what `other` is.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        self == other && !matches!(self, Self::Other(Other::Unknown(_)))
    }
}

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes { size, sha256 } => write!(f, "no text: {size} bytes with the SHA-256 {sha256}"),
            Self::Link { to, sha256: Some(sha256) } => {
                write!(f, "a symbolic link to `{}`, with the SHA-256 {sha256} there", to.join("` to `"))
            }
            Self::Link { to, sha256: None } => {
                write!(f, "a symbolic link to `{}`; what is there is not compared", to.join("` to `"))
            }
            Self::Folder => f.write_str("a folder"),
            Self::Unknown(why) => write!(f, "not compared, so nobody knows what it is: {why}"),
        }
    }
}

/// What a difference in kind means; `None` when both are texts or nothing.
pub(super) fn describe(old: Option<&Content>, new: Option<&Content>) -> Option<String> {
    let other = |content: Option<&Content>| match content {
        Some(Content::Other(other)) => Some(other.clone()),
        _ => None,
    };
    match (other(old), other(new)) {
        (Some(Other::Link { to, .. }), Some(Other::Link { to: now, .. })) if to == now => Some(format!(
            "the symbolic link is as it was, and what it leads to changed: `{}`",
            now.join("` to `")
        )),
        (_, Some(now @ Other::Unknown(_))) => Some(now.to_string()),
        (_, Some(now)) if old.is_none() => Some(format!("is {now}")),
        (_, Some(now)) => Some(format!("is now {now}")),
        (Some(was), None) => Some(format!("was {was}")),
        (None, None) => None,
    }
}
