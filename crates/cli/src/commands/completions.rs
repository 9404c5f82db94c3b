//! `drawbridge completions`

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Cli;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::session::Session;

/// Print a completion script for a shell
///
/// Example: drawbridge completions bash > ~/.local/share/bash-completion/completions/drawbridge
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Args {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        // The generator panics on a write error, so it writes into memory.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "drawbridge", &mut script);
        session.out.write_all(&script)?;
        Ok(Outcome::Done)
    }
}
