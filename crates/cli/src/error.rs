//! Why a command could not run.

use std::io;

use drawbridge_host::baseline::BaselineError;
use drawbridge_host::ctl::CtlError;
use drawbridge_host::devcontainer::DevcontainerError;
use drawbridge_host::engine::EngineError;
use drawbridge_host::files::FileError;
use drawbridge_host::journal::JournalError;
use drawbridge_host::live::LiveError;
use drawbridge_host::process::ProcessError;
use drawbridge_host::sidecar::BuildError;
use drawbridge_host::sidecar::pinned::PinError;
use drawbridge_host::workspace::WorkspaceError;

/// Where something is, for `-->` lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// As the user would type it.
    pub(crate) file: String,
    /// 1-based.
    pub(crate) line: Option<usize>,
    /// 1-based, in characters.
    pub(crate) column: Option<usize>,
    /// The line's text.
    pub(crate) source: Option<String>,
    /// Message for this place, when there are several.
    pub(crate) message: Option<String>,
}

/// Everything that ends a command with exit code 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Devcontainer(#[from] DevcontainerError),
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    #[error(transparent)]
    Live(#[from] LiveError),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error(transparent)]
    Pin(#[from] PinError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[cfg(target_os = "linux")]
    #[error(transparent)]
    Inside(#[from] crate::commands::inside::Error),
    #[error(transparent)]
    Secret(#[from] drawbridge_host::secrets::SecretError),
    #[error(transparent)]
    Ctl(#[from] CtlError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// What the user asked for cannot be done.
    #[error("{message}")]
    Refused {
        /// Lower case, no full stop.
        message: String,
        /// Where, if in a file.
        places: Vec<Place>,
        /// The next step.
        hint: Option<String>,
    },
    /// Writing to a stream failed.
    #[error("output could not be written")]
    Output(#[from] io::Error),
}

impl From<drawbridge_service::Error> for CliError {
    fn from(error: drawbridge_service::Error) -> Self {
        use drawbridge_service::Error;
        match error {
            Error::Workspace(error) => error.into(),
            Error::Journal(error) => error.into(),
            Error::Baseline(error) => error.into(),
            Error::Engine(error) => error.into(),
            Error::Gate(error) => error.into(),
            Error::Refused { refusal, snapshot } => crate::project::refused(*refusal, &snapshot),
            other => Self::Refused { message: other.to_string(), places: Vec::new(), hint: other.hint() },
        }
    }
}

impl CliError {
    /// A refusal without a place.
    pub(crate) fn refused(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused { message: message.into(), places: Vec::new(), hint: Some(hint.into()) }
    }

    /// The next step for the user.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Engine(error)
            | Self::Live(LiveError::Engine(error))
            | Self::Pin(PinError::Engine(error)) => error.hint().map(str::to_owned),
            Self::Devcontainer(error) => error.hint(),
            Self::Build(error) | Self::Live(LiveError::Program(error)) => error.hint(),
            Self::File(error) => error.hint(),
            Self::Ctl(error) => error.hint(),
            Self::Journal(error) => error.hint(),
            #[cfg(target_os = "linux")]
            Self::Inside(error) => error.hint(),
            Self::Refused { hint, .. } => hint.clone(),
            Self::Secret(_) => Some("run the command by hand; nothing was changed".to_owned()),
            Self::Live(_)
            | Self::Baseline(_)
            | Self::Process(_)
            | Self::Workspace(_)
            | Self::Pin(_)
            | Self::Output(_) => None,
        }
    }

    /// The places that the error is about.
    pub(crate) fn places(&self) -> &[Place] {
        match self {
            Self::Refused { places, .. } => places,
            _ => &[],
        }
    }

    /// Whether the reader of our output went away.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
