//! Why an editor's request cannot be answered.

use drawbridge_core::project::{RelPath, Snapshot};
use drawbridge_core::protect::{Item, Refusal};
use drawbridge_host::baseline::BaselineError;
use drawbridge_host::ctl::CtlError;
use drawbridge_host::engine::EngineError;
use drawbridge_host::journal::JournalError;
use drawbridge_host::policy_edit::EditError;
use drawbridge_host::verify::VerifyError;
use drawbridge_host::workspace::WorkspaceError;
use drawbridge_policy::Diagnostic;

use crate::protocol::{Failure, Loss};

/// Why nothing was done. Every variant leaves the files as they were.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder or a file of it cannot be read.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// The journal cannot be used, or a file changed since.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The baseline cannot be used.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// The engine did not do it.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The gate did not do it.
    #[error(transparent)]
    Gate(#[from] CtlError),
    /// The planner refuses; the snapshot has the lines that it names.
    #[error("{refusal}")]
    Refused {
        /// Its words.
        refusal: Box<Refusal>,
        /// What it read.
        snapshot: Box<Snapshot>,
    },
    /// The policy cannot be edited so.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The policy does not load.
    #[error("the policy does not load")]
    Policy(Vec<Diagnostic>),
    /// What was written did not close the network, and was taken back.
    #[error(transparent)]
    NotClosed(#[from] VerifyError),
    /// No configuration is protected.
    #[error("this dev container is not protected")]
    NotProtected,
    /// There are several, and none was chosen.
    #[error("several configurations are here, and none was chosen")]
    Several(Vec<RelPath>),
    /// The policy file cannot be read.
    #[error("`{0}` is missing or not readable")]
    NoPolicy(RelPath),
    /// No gate runs.
    #[error("the gate does not run")]
    GateStopped,
    /// Files changed since the plan was shown.
    #[error("the files changed since the plan was shown")]
    Stale,
    /// An argument is not what it should be.
    #[error("{0}")]
    Argument(String),
    /// There is no folder for the journal.
    #[error("no folder for the journal is known")]
    NoState,
}

impl Error {
    /// The next step.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Refused { refusal, .. } => return refusal.hint.clone(),
            Self::Gate(error) => return error.hint(),
            Self::Policy(found) => return found.iter().find_map(|one| one.hint.clone()),
            Self::NotProtected | Self::NoPolicy(_) => "drawbridge protect".to_owned(),
            Self::GateStopped => "drawbridge up".to_owned(),
            Self::Several(paths) => {
                let all: Vec<String> = paths.iter().map(|path| format!("--config {path}")).collect();
                format!("choose one: {}", all.join(" or "))
            }
            Self::NotClosed(VerifyError::ForeignGate { .. }) => {
                "see `drawbridge sidecar --help`; every file is as it was before".to_owned()
            }
            Self::NotClosed(VerifyError::Open { .. }) => {
                "please report this; every file is as it was before".to_owned()
            }
            Self::NotClosed(_) => "every file is as it was before".to_owned(),
            Self::Stale => "look at the new plan".to_owned(),
            Self::NoState => "set HOME or XDG_STATE_HOME".to_owned(),
            _ => return None,
        })
    }

    /// For the editor.
    pub fn failure(&self) -> Failure {
        let code = match self {
            Self::Workspace(_) => "workspace",
            Self::Journal(_) => "journal",
            Self::Baseline(_) => "baseline",
            Self::Engine(_) => "engine",
            Self::Gate(_) => "gate",
            Self::Refused { .. } => "refused",
            Self::Edit(_) => "edit",
            Self::Policy(_) => "policy",
            Self::NotClosed(_) => "not-closed",
            Self::NotProtected => "not-protected",
            Self::Several(_) => "several",
            Self::NoPolicy(_) => "no-policy",
            Self::GateStopped => "gate-stopped",
            Self::Stale => "stale",
            Self::Argument(_) => "argument",
            Self::NoState => "no-state",
        };
        Failure { code: code.to_owned(), message: self.words(), hint: self.hint(), losses: self.losses() }
    }

    fn losses(&self) -> Vec<Loss> {
        let Self::Refused { refusal, .. } = self else { return Vec::new() };
        let loss =
            |item: &Item| Loss { code: item.code.clone(), what: item.what.clone(), why: item.why.clone() };
        refusal.items.iter().map(loss).collect()
    }

    /// The message with what a list behind it says.
    fn words(&self) -> String {
        let details: Vec<String> = match self {
            Self::Refused { refusal, .. } => {
                let line = |item: &Item| format!("{}: {} ({})", item.what, item.why, item.code);
                refusal.items.iter().map(line).collect()
            }
            Self::Policy(found) | Self::Edit(EditError::Invalid { diagnostics: found, .. }) => {
                found.iter().map(ToString::to_string).collect()
            }
            _ => Vec::new(),
        };
        if details.is_empty() { self.to_string() } else { format!("{self}: {}", details.join("; ")) }
    }
}
