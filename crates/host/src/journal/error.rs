//! Why the journal did not write.

use std::io;
use std::path::PathBuf;

use crate::files::FileError;

/// Nothing was changed, or everything was put back, in every case.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// A file is not as it was when the change was planned.
    #[error("`{path}` changed while the plan was made")]
    Stale {
        /// The file.
        path: String,
    },
    /// A file is not as our write left it.
    #[error("`{path}` changed since, so undoing would lose that")]
    ChangedSince {
        /// The file.
        path: String,
        /// Where its earlier bytes are, when there were any.
        saved: Option<PathBuf>,
    },
    /// Another process writes here.
    #[error("another drawbridge works on this project")]
    Busy,
    /// The journal's own files cannot be used.
    #[error("the journal at `{}` cannot be used", path.display())]
    State {
        /// File or folder.
        path: PathBuf,
        /// The reason.
        #[source]
        source: io::Error,
    },
    /// The journal's own files are damaged.
    #[error("the journal entry `{}` is damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// A file of the workspace could not be used.
    #[error(transparent)]
    File(#[from] FileError),
}

impl JournalError {
    /// A next step for the user.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Stale { .. } => Some("run the same command once more".to_owned()),
            Self::ChangedSince { path, saved } => Some(match saved {
                Some(saved) => {
                    format!("put `{path}` back as it was, or take what you need from {}", saved.display())
                }
                None => format!("put `{path}` back as it was, or remove it yourself"),
            }),
            Self::Busy => Some("wait until it is done, then try again".to_owned()),
            Self::State { .. } => Some("set XDG_STATE_HOME to a folder you can write".to_owned()),
            Self::Damaged { path } => Some(format!("move {} away to go on without it", path.display())),
            Self::File(error) => error.hint(),
        }
    }
}
