//! `drawbridge probe`: what runs in the dev container to find out how it is.

use std::io::{self, Read};
use std::path::PathBuf;

use drawbridge_host::live;
use drawbridge_probe::canary::{self, Status, Targets};
use drawbridge_probe::confined;
use drawbridge_probe::facts;
use drawbridge_probe::owner::{self, Proc};

use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::session::Session;

/// The targets are a few KiB.
const CAP: u64 = 1 << 20;

/// Look at this container from inside
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Try to get out, and print what happened
    Canaries {
        /// Read the targets as JSON from standard input
        #[arg(long)]
        stdin: bool,
    },
    /// Show what of the editor's bridge is here, as this user sees it
    Facts {
        /// The opened folder: look at its files too
        #[arg(long, value_name = "FOLDER")]
        workspace: Option<PathBuf>,
        /// Ask ssh agents for their list of identities
        #[arg(long)]
        active: bool,
        /// Take digests of the editor's extensions
        #[arg(long)]
        digests: bool,
    },
    /// Delete the program that this is, which `audit --live` copied in
    #[command(hide = true)]
    RemoveItself,
    /// List the processes inside the walls of `drawbridge run`, as JSON
    Confined,
    /// Name the owner of each local port that standard input lists
    Owners,
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        match self {
            Self::Canaries { stdin } => canaries(stdin, session),
            Self::Facts { workspace, active, digests } => {
                let facts = facts::collect(&facts::Options {
                    workspace,
                    active,
                    digests,
                    ..facts::Options::default()
                });
                session.json(&facts)?;
                Ok(Outcome::Done)
            }
            Self::RemoveItself => remove_itself(),
            Self::Confined => {
                session.json(&confined::list(&Proc::default()))?;
                Ok(Outcome::Done)
            }
            Self::Owners => {
                owner::owners(&Proc::default(), &mut io::stdin().lock(), session.out)?;
                Ok(Outcome::Done)
            }
        }
    }
}

/// Only under the name that a copy has, so that nobody removes an installed program.
fn remove_itself() -> Result<Outcome, CliError> {
    let path = std::env::current_exe()?;
    let copied = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(live::COPY));
    if !copied {
        return Err(CliError::refused(
            "this program was not copied in for a look",
            "see `drawbridge audit --help`",
        ));
    }
    std::fs::remove_file(path)?;
    Ok(Outcome::Done)
}

fn canaries(stdin: bool, session: &mut Session<'_>) -> Result<Outcome, CliError> {
    let targets = if stdin {
        let mut text = String::new();
        session.stdin.take(CAP).read_to_string(&mut text)?;
        serde_json::from_str(&text).map_err(|error| {
            CliError::refused(format!("the targets are not understood: {error}"), "see `--help`")
        })?
    } else {
        Targets::default()
    };
    print(&canary::run(&targets), session)
}

/// One line for each outcome; findings when a door is open.
pub(super) fn print(outcomes: &[canary::Outcome], session: &mut Session<'_>) -> Result<Outcome, CliError> {
    if session.json {
        session.json(&outcomes)?;
    } else {
        for outcome in outcomes {
            let status = match outcome.status {
                Status::Pass => "PASS",
                Status::Fail => "FAIL",
                Status::Skip => "SKIP",
            };
            let detail = escape::foreign(&outcome.detail);
            let (id, attempt) = (escape::foreign(&outcome.id), escape::foreign(&outcome.attempt));
            writeln!(session.out, "{status} {id}: {attempt}: {detail}")?;
        }
    }
    let failed = outcomes.iter().any(|outcome| outcome.status == Status::Fail);
    Ok(if failed { Outcome::Findings } else { Outcome::Done })
}
