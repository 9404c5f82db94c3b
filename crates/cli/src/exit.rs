//! The only place that turns a result into an exit code.
//!
//! 0: done, nothing to report. 1: findings, something blocked, a proof failed. 2: could not run.
//! `exec` and `shell` pass on the code of what they ran.

use std::process::ExitCode;

use crate::error::CliError;
use crate::render;
use crate::session::Session;

/// How a command ended when it could do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing that needs attention.
    Done,
    /// Findings, denials, a failed proof, a plan that was not carried out.
    Findings,
    /// The code of a program that was run for the user.
    Code(u8),
}

const DONE: u8 = 0;
const FINDINGS: u8 = 1;
const COULD_NOT_RUN: u8 = 2;

/// Reports an error, if any, and gives the exit code.
pub(crate) fn finish(result: Result<Outcome, CliError>, session: &mut Session<'_>) -> ExitCode {
    let flushed = session.out.flush().map_err(CliError::from);
    match result.and_then(|outcome| flushed.map(|()| outcome)) {
        Ok(Outcome::Done) => ExitCode::from(DONE),
        Ok(Outcome::Findings) => ExitCode::from(FINDINGS),
        Ok(Outcome::Code(code)) => ExitCode::from(code),
        // Whoever reads our output has seen enough.
        Err(error) if error.is_broken_pipe() => ExitCode::from(DONE),
        Err(error) => {
            render::report(&error, session);
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}
