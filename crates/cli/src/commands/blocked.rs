//! `drawbridge blocked`

pub(super) mod show;

use std::time::Duration;

use drawbridge_host::blocked::{self, Seen, Watch, merged};
use serde_json::json;

use crate::clock;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::protected::{ConfigArg, Protected};
use crate::session::Session;

/// While nothing happens, this often it is checked whether the gate is still there.
const PATIENCE: Duration = Duration::from_mins(1);

const EXAMPLES: &str = "\
Examples:
  drawbridge blocked
  drawbridge blocked --since 10m
  drawbridge blocked --follow        names the process too, while the connection waits";

/// List what the gate denied, who wanted it, and the command that would allow it
///
/// Exit code 1 when something was blocked.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigArg,

    /// Only the last `10m`, `2h`, …
    #[arg(long, value_parser = clock::parse_duration, value_name = "TIME")]
    since: Option<u64>,

    /// Go on and print what happens
    #[arg(long, short, conflicts_with = "since")]
    follow: bool,
}

impl Args {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let protected = Protected::open(session, &self.config)?;
        let found = protected.containers()?;
        let sidecar = protected.sidecar(&found)?;
        if self.follow {
            let watch = Watch::open(&protected.engine, &sidecar, found.running_dev())?;
            return follow(watch, &protected, session);
        }
        let denials = merged(blocked::recent(&sidecar, self.since)?);
        if session.json {
            session.json(&json!({"blocked": show::json(&denials, protected.workspace.root())}))?;
        } else if denials.is_empty() {
            writeln!(session.err, "Nothing was blocked")?;
        } else {
            show::text(&denials, protected.workspace.root(), session.paint_out, session.out)?;
        }
        Ok(if denials.is_empty() { Outcome::Done } else { Outcome::Findings })
    }
}

fn follow(mut watch: Watch, protected: &Protected, session: &mut Session<'_>) -> Result<Outcome, CliError> {
    let root = protected.workspace.root();
    loop {
        match watch.next(PATIENCE) {
            Seen::Denied(denial) if session.json => {
                for line in show::json(std::slice::from_ref(&denial), root) {
                    writeln!(session.out, "{line}")?;
                }
            }
            Seen::Denied(denial) => {
                show::text(std::slice::from_ref(&denial), root, session.paint_out, session.out)?;
            }
            Seen::Changed(_) | Seen::Nothing => {}
            Seen::Ended => return Ok(Outcome::Done),
        }
        session.out.flush()?;
    }
}
