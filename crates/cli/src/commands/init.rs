//! `drawbridge init`

use super::protect;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::session::Session;

/// Write a small configuration for a repository that has none, behind its gate
///
/// The image follows from the build files that are there. Takes the options of `protect`.
///
/// Example: drawbridge init --dry-run
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Args {
    #[command(flatten)]
    protect: protect::Args,
}

impl Args {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        self.protect.init(session)
    }
}
