//! `drawbridge lsp`

use drawbridge_lsp::Ended;

use crate::error::CliError;
use crate::exit::Outcome;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples (docs/editors.md has whole configurations):
  Helix     language-server.drawbridge = { command = \"drawbridge\", args = [\"lsp\"] }
  Neovim    vim.lsp.config(\"drawbridge\", { cmd = { \"drawbridge\", \"lsp\" }, root_markers = { \".devcontainer\" } })";

/// Serve an editor over standard input and output (Language Server Protocol 3.17)
///
/// Findings, quick fixes, hovers and completion for devcontainer.json, policy.jsonc, Compose files and
/// `.vscode`; docs/protocol.md lists the requests of our own. Exit code 1 when the editor leaves without
/// `shutdown`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What clients say to name the only transport that there is
    #[arg(long, hide = true)]
    stdio: bool,
}

impl Args {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let _ = self.stdio;
        if session.terminal {
            let hint = "your editor starts it; `drawbridge lsp --help` has examples";
            return Err(CliError::refused("this is for an editor, and a person typed it", hint));
        }
        Ok(match drawbridge_lsp::serve(std::env::current_exe()?)? {
            Ended::Orderly => Outcome::Done,
            Ended::Abruptly => Outcome::Findings,
        })
    }
}
