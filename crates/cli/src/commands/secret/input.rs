//! A value from standard input, unseen where a person types it.

use std::io::{self, IsTerminal as _, Read as _};

use crate::error::CliError;
use crate::session::Session;

/// The gate refuses a longer value.
const CAP: u64 = 32 * 1024;

/// Reads the value: a line from a person, everything from a pipe.
pub(super) fn value(name: &str, session: &mut Session<'_>) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    if !(session.terminal && io::stdin().is_terminal()) {
        session.stdin.take(CAP).read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    write!(session.err, "Value of `{name}` (not shown): ")?;
    session.err.flush()?;
    let hidden = Hidden::start()?;
    let mut byte = [0];
    while session.stdin.read(&mut byte)? == 1 && byte != [b'\n'] && (bytes.len() as u64) < CAP {
        bytes.extend(byte);
    }
    drop(hidden);
    writeln!(session.err)?;
    Ok(bytes)
}

/// The terminal does not repeat what is typed while this lives.
struct Hidden(rustix::termios::Termios);

impl Hidden {
    fn start() -> io::Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Flush, &self.0);
    }
}
