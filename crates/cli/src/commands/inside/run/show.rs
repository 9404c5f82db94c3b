//! `drawbridge run --show`: the effective walls, without raising them.

use drawbridge_confine::environment::Change;
use drawbridge_confine::{Walls, foresee};
use serde_json::json;

use crate::error::CliError;
use crate::escape;
use crate::session::Session;

/// The walls as they would stand here, on standard output.
pub(super) fn show(walls: &Walls, session: &mut Session<'_>) -> Result<(), CliError> {
    if session.json {
        return Ok(session.json(&json!({"walls": walls, "kernel": foresee(walls)}))?);
    }
    writeln!(session.out, "profile {}", walls.profile)?;
    for (title, paths) in [("read and write", &walls.read_write), ("read only", &walls.read_only)] {
        writeln!(session.out, "{title}:")?;
        for path in paths {
            writeln!(session.out, "  {}", escape::foreign(&path.display().to_string()))?;
        }
    }
    if !walls.unprotected.is_empty() {
        writeln!(session.out, "of these, what the next start or the host runs, and nothing protects:")?;
    }
    for path in &walls.unprotected {
        writeln!(session.out, "  {}", escape::foreign(&path.display().to_string()))?;
    }
    writeln!(session.out, "out of reach:")?;
    for (path, why) in &walls.hidden {
        writeln!(session.out, "  {}  {why}", escape::foreign(&path.display().to_string()))?;
    }
    let other = if walls.sockets.is_empty() { "" } else { "other " };
    writeln!(session.out, "  {other}UNIX sockets, other processes, io_uring, raw and netlink sockets")?;
    if !walls.sockets.is_empty() {
        writeln!(session.out, "UNIX sockets in reach:")?;
    }
    for (path, gives) in &walls.sockets {
        writeln!(session.out, "  {}  {gives}", escape::foreign(&path.display().to_string()))?;
    }
    match &walls.ports {
        None => writeln!(session.out, "TCP: the gate decides")?,
        Some(ports) => writeln!(session.out, "TCP: only ports {ports:?}")?,
    }
    writeln!(session.out, "variables:")?;
    for change in &walls.environment {
        match change {
            Change::Remove { name, gives } => {
                writeln!(session.out, "  {} removed: {gives}", escape::foreign(name))?;
            }
            Change::Set { name, value } => {
                writeln!(session.out, "  {}={}", escape::foreign(name), escape::foreign(value))?;
            }
        }
    }
    let kernel = foresee(walls);
    writeln!(session.out, "kernel: Landlock interface {}, seccomp {}", kernel.landlock, kernel.seccomp)?;
    for missing in &kernel.missing {
        writeln!(session.out, "  missing: {missing}")?;
    }
    Ok(())
}
