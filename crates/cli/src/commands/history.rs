//! `drawbridge history`

use drawbridge_host::journal::State;
use serde_json::json;

use crate::clock;
use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::project;
use crate::session::Session;

/// List the changes that were made here, newest first
///
/// Example: drawbridge history --json
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

impl Args {
    #[expect(clippy::unused_self, reason = "every command has this shape")]
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let workspace = project::workspace(session)?;
        let entries = project::journal(&workspace, session)?.history()?;
        if session.json {
            session.json(&json!({"entries": entries}))?;
            return Ok(Outcome::Done);
        }
        for entry in entries.iter().rev() {
            let state = match entry.state {
                State::Applied => "",
                State::Undone => "  (undone)",
                State::RolledBack => "  (rolled back)",
                State::Applying | State::Undoing => "  (interrupted)",
            };
            let time = clock::format(entry.time);
            writeln!(session.out, "{time}  {}{state}", escape::foreign(&entry.command))?;
            for file in &entry.files {
                let what = match (&file.before, &file.after) {
                    (None, _) => "created",
                    (_, None) => "removed",
                    _ => "changed",
                };
                writeln!(session.out, "    {what} {}", escape::foreign(&file.path))?;
            }
        }
        Ok(Outcome::Done)
    }
}
