//! What must be in place before the container is made: engine, policy, image, addresses, layers.

use drawbridge_host::addresses;
use drawbridge_host::ignore::{self, Ignoring};
use drawbridge_host::journal::FileChange;

use crate::commands::{layers, sidecar};
use crate::diagnostics;
use crate::error::CliError;
use crate::escape;
use crate::project;
use crate::protected::Protected;
use crate::session::Session;

/// Does it all; the first thing that cannot be had ends it.
pub(super) fn prepare(protected: &Protected, session: &mut Session<'_>) -> Result<(), CliError> {
    protected.engine.check()?;
    policy_loads(protected)?;
    sidecar::ensure(&protected.engine, session)?;
    layers::push(&protected.engine, protected.options.trust_host_cas, session)?;
    addresses(protected, session)
}

/// The gate would refuse a broken policy too, but only after a minute of building.
fn policy_loads(protected: &Protected) -> Result<(), CliError> {
    let layers = protected.layers()?;
    match drawbridge_policy::load(&layers, crate::clock::now()) {
        Ok(_) => Ok(()),
        Err(found) => Err(diagnostics::refused(&found, &layers)),
    }
}

/// Writes free addresses to `.env` when the defaults clash with something on this machine.
fn addresses(protected: &Protected, session: &mut Session<'_>) -> Result<(), CliError> {
    let wanted = addresses::wanted(&protected.engine, &protected.workspace, &protected.plan)?;
    let Some(change) = addresses::change(&protected.workspace, &protected.plan, &wanted) else {
        return Ok(());
    };
    let path = change.path.clone();
    let mut changes: Vec<FileChange> = vec![change];
    match ignore::ignoring(&protected.workspace, &path) {
        Ignoring::Done => {}
        Ignoring::Change(ignoring) => changes.push(ignoring),
        Ignoring::Outside(outside) => outside.write()?,
        Ignoring::Tracked => {
            let warning = session.paint_err.yellow("warning:");
            writeln!(session.err, "{warning} {path} is committed; leave our lines out of commits")?;
        }
    }
    project::journal(&protected.workspace, session)?.apply("up", true, &changes)?;
    for why in &wanted.because {
        writeln!(session.err, "{}: wrote free ones to {path}", escape::foreign(why))?;
    }
    Ok(())
}
