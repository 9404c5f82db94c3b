//! `drawbridge eject`

use drawbridge_core::eject;
use drawbridge_host::journal::FileChange;
use serde_json::json;

use super::protect::show;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::project;
use crate::protected::ConfigArg;
use crate::session::Session;

/// Take everything of Drawbridge out of the repository; your later edits stay
///
/// Unlike `undo` it works on any clone and after any edit.
///
/// Example: drawbridge eject --dry-run
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigArg,

    /// Write without asking
    #[arg(long, short)]
    yes: bool,

    /// Only show what would change
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
}

impl Args {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let workspace = project::workspace(session)?;
        let config = project::config_path(&workspace, self.config.config.as_deref())?;
        let snapshot = workspace.snapshot(config.as_ref())?;
        let ejection = eject::eject(&snapshot, config.as_ref())
            .map_err(|refusal| project::refused(refusal, &snapshot))?;
        if !session.json {
            show::changes(&ejection.changes, session)?;
            show::notes(&ejection.notes, session.paint_out, session.out)?;
        }
        let question = format!("Write {}?", show::files(ejection.changes.len()));
        let wanted = !self.dry_run
            && (self.yes || (session.terminal && !session.json && session.confirm(&question)?));
        if wanted {
            let changes: Vec<FileChange> = ejection.changes.iter().map(FileChange::from).collect();
            project::journal(&workspace, session)?.apply("eject", false, &changes)?;
        }
        if session.json {
            session.json(&json!({"ejection": ejection, "written": wanted}))?;
        } else if wanted {
            writeln!(session.err, "Written. Undo: drawbridge undo. A running container keeps its gate")?;
        }
        Ok(if wanted || self.dry_run { Outcome::Done } else { Outcome::Findings })
    }
}
