//! `drawbridge undo`

use serde_json::json;

use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::project;
use crate::session::Session;

/// Put the files of the last change back, byte for byte
///
/// Refuses when a file changed since, and names it. Run it again to undo the change before that.
///
/// Example: drawbridge undo
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

impl Args {
    #[expect(clippy::unused_self, reason = "every command has this shape")]
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let workspace = project::workspace(session)?;
        let mut journal = project::journal(&workspace, session)?;
        let Some(undone) = journal.undo()? else {
            if session.json {
                session.json(&json!({"undone": []}))?;
            }
            writeln!(session.err, "Nothing to undo here")?;
            return Ok(Outcome::Done);
        };
        if session.json {
            session.json(&json!({"undone": undone.entries, "kept_folders": undone.kept_folders}))?;
            return Ok(Outcome::Done);
        }
        for entry in &undone.entries {
            for file in entry.files.iter().rev() {
                let what = if file.before.is_some() { "restored" } else { "removed" };
                writeln!(session.out, "{what} {}", escape::foreign(&file.path))?;
            }
        }
        for folder in &undone.kept_folders {
            let folder = escape::foreign(folder);
            writeln!(session.err, "{folder} stays: something else is in it now")?;
        }
        writeln!(session.err, "The container keeps its network until it is rebuilt")?;
        Ok(Outcome::Done)
    }
}
