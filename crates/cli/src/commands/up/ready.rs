//! What must be in place before the container is made: engine, policy, image, addresses, layers.

use drawbridge_host::addresses;
use drawbridge_host::ignore::{self, Ignoring};
use drawbridge_host::journal::FileChange;
use drawbridge_host::verify::{self, Verified};

use crate::commands::{layers, sidecar};
use crate::error::CliError;
use crate::escape;
use crate::project;
use crate::protected::Protected;
use crate::session::Session;

/// Bound read-only, because the host runs what is in it.
const HOOKS: &str = ".git/hooks";

/// Does it all; the first thing that cannot be had ends it.
pub(super) fn prepare(protected: &Protected, session: &mut Session<'_>) -> Result<(), CliError> {
    protected.engine.check()?;
    // The gate would refuse a broken policy too, but only after a minute of building.
    protected.policy()?;
    still_closed(protected)?;
    sidecar::ensure(&protected.engine, session)?;
    layers::push(&protected.engine, protected.options.trust_host_cas, session)?;
    addresses(protected, session)
}

/// The user's own Compose files may have changed since, and a bind without a source fails late.
fn still_closed(protected: &Protected) -> Result<(), CliError> {
    let (workspace, plan) = (&protected.workspace, &protected.plan);
    let missing = match verify::networks(&protected.engine, workspace, plan) {
        Ok(Verified::Closed { missing }) => missing,
        // The official CLI will say what Compose does not accept.
        Ok(Verified::Unknown(_)) => return Ok(()),
        Err(error) => return Err(CliError::refused(error.to_string(), "drawbridge protect")),
    };
    let hooks = workspace.path().join(HOOKS);
    for path in missing {
        // A clone made without git's templates has no such folder.
        if path == hooks && workspace.root().create_folder(HOOKS).is_ok() {
            continue;
        }
        let path = path.strip_prefix(workspace.path()).unwrap_or(&path).display().to_string();
        return Err(CliError::refused(
            format!("`{path}` is not there, and the dev container binds it read-only"),
            "drawbridge protect   (leaves it out; in a linked worktree do not commit that)",
        ));
    }
    Ok(())
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
