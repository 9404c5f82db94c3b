//! A value from standard input, unseen where a person types it.

use std::io::{self, IsTerminal as _, Read as _};

use crate::error::CliError;
use crate::session::Session;

/// The gate refuses a longer value.
const CAP: u64 = 32 * 1024;

/// Reads the value: a line from a person, everything from a pipe.
pub(super) fn value(name: &str, session: &mut Session<'_>) -> Result<Vec<u8>, CliError> {
    if !(session.terminal && io::stdin().is_terminal()) {
        let mut bytes = Vec::new();
        session.stdin.take(CAP).read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    write!(session.err, "Value of `{name}` (not shown): ")?;
    session.err.flush()?;
    Ok(rpassword::read_password()?.into_bytes())
}
