//! What follows a write: is the network really closed, is the image there, what still runs open?

use drawbridge_core::protect::Plan;
use drawbridge_host::journal::Journal;
use drawbridge_host::sidecar;
use drawbridge_host::workspace::Workspace;
use drawbridge_service::Written;
use serde::Serialize;

use crate::commands::layers;
use crate::commands::sidecar::ensure;
use crate::error::CliError;
use crate::escape;
use crate::project;
use crate::session::Session;

/// For `--json`.
#[derive(Debug, Serialize)]
pub(super) struct After {
    /// `docker compose config` showed one closed network.
    verified: bool,
    /// Names of containers that still run without the gate.
    open_containers: Vec<String>,
    /// What the user should know.
    warnings: Vec<String>,
}

/// Verifies the result and puts everything back when it is not closed.
pub(super) fn written(
    workspace: &Workspace,
    plan: &Plan,
    journal: &mut Journal,
    trust_host_cas: bool,
    session: &mut Session<'_>,
) -> Result<After, CliError> {
    let engine = project::engine(workspace);
    let Written { verified, open: open_containers, mut warnings } =
        drawbridge_service::written(&engine, workspace, plan, journal)?;
    // Without an engine there is nothing to make it for.
    if matches!(sidecar::present(&engine), Ok(false))
        && let Err(error) = ensure(&engine, session)
    {
        let hint = error.hint().unwrap_or_default();
        warnings.push(format!("the gate's image is missing: {error}; {hint}"));
    }
    // An editor starts the container without asking us again.
    if trust_host_cas && !matches!(layers::push(&engine, true, session), Ok(())) {
        let words =
            "this machine's certificate authorities were not handed to the gate: `drawbridge up` does it";
        warnings.push(words.to_owned());
    }
    let after = After { verified, open_containers, warnings };
    if !session.json {
        tell(&after, session)?;
    }
    Ok(after)
}

fn tell(after: &After, session: &mut Session<'_>) -> Result<(), CliError> {
    let warning = session.paint_err.yellow("warning:");
    for text in &after.warnings {
        writeln!(session.err, "{warning} {}", escape::foreign(text))?;
    }
    for name in &after.open_containers {
        let name = escape::foreign(name);
        writeln!(session.err, "{warning} container {name} still runs WITHOUT the gate until you rebuild")?;
        writeln!(session.err, "         stop it now: docker stop {name}")?;
    }
    if after.verified {
        writeln!(session.err, "Verified: the dev container's only network is the gate's")?;
    }
    writeln!(session.err, "Written. Undo: drawbridge undo. Now rebuild the container: drawbridge up")?;
    Ok(())
}
