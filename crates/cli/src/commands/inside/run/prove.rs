//! `drawbridge run --prove`: the canaries, and the bridge's own doors, from inside the walls.

use std::ffi::OsString;
use std::process::{Command, Stdio};

use drawbridge_confine::prove::{Attempt, Ending, Proof};
use drawbridge_confine::{Facts, Walls, raise};
use drawbridge_probe::canary::{self, Outcome as Canary, Status, Targets};

use super::super::probe;
use super::warn;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::session::Session;

/// Raises the walls round this process and tries them.
pub(super) fn prove(
    facts: &Facts,
    walls: &Walls,
    best_effort: bool,
    session: &mut Session<'_>,
) -> Result<Outcome, CliError> {
    let proof = Proof::outside(facts, walls).map_err(|error| {
        CliError::refused(
            format!("nothing can be proved here: {error}"),
            "inside other walls every attempt fails before it is made; prove them where they are raised",
        )
    })?;
    let report = raise(walls, best_effort)?;
    warn(&report, session);
    let mut outcomes: Vec<Canary> = proof.inside().into_iter().map(canary).collect();
    outcomes.extend(canary::run(&Targets::default()));
    probe::print(&outcomes, session)
}

fn canary(attempt: Attempt) -> Canary {
    let status = match attempt.ending {
        Ending::Closed => Status::Pass,
        Ending::Open => Status::Fail,
        Ending::Untried => Status::Skip,
    };
    Canary { id: attempt.id, status, attempt: attempt.attempt, detail: attempt.detail, ms: 0 }
}

/// Proves walls like these in a process of its own, before a command is started; what it prints goes to standard error.
pub(super) fn first(session: &mut Session<'_>) -> Result<(), CliError> {
    let arguments: Vec<OsString> = std::env::args_os()
        .skip(1)
        .take_while(|argument| argument != "--")
        .filter(|argument| argument != "--show")
        .collect();
    let program = std::env::current_exe()?;
    let output =
        Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    session.err.write_all(&output.stdout)?;
    if output.status.success() {
        return Ok(());
    }
    Err(CliError::refused(
        "a wall does not hold, so the command was not started",
        "FAIL above names it; without --prove the command starts all the same",
    ))
}
