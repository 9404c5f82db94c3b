//! `drawbridge why` and `drawbridge check`

use drawbridge_core::protect;
use drawbridge_policy::{Diagnostic, Layer};
use serde_json::json;

use crate::clock;
use crate::diagnostics;
use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::protected::{ConfigArg, Protected};
use crate::render;
use crate::session::Session;

/// Say whether a URL may be reached, and which line of which file decides
///
/// Judges by the files, as the gate would after a start. Exit code 1 when it is denied.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: drawbridge why https://repo.example.org/m2/ --method PUT")]
pub(crate) struct Why {
    #[command(flatten)]
    config: ConfigArg,

    /// With its scheme: `https://`, `http://`, `ssh://`, `tcp://`
    url: String,

    /// The HTTP method
    #[arg(long, default_value = "GET")]
    method: String,
}

/// Check the policy: errors, warnings, and whether the gate's copy is up to date
///
/// Exit code 1 when there is something to correct.
///
/// Example: drawbridge check
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    #[command(flatten)]
    config: ConfigArg,
}

impl Why {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let protected = Protected::open(session, &self.config)?;
        let checked = protected.policy()?.check(&self.method, &self.url, clock::now()).map_err(|error| {
            CliError::Refused {
                message: error.to_string(),
                places: Vec::new(),
                hint: error.hint().map(str::to_owned),
            }
        })?;
        let decision = checked.decision;
        let allowed = decision.is_allowed();
        if session.json {
            session.json(&json!({"url": self.url, "method": self.method, "decision": decision,
                "explanation": decision.explain()}))?;
        } else {
            let paint = session.paint_out;
            let verdict = if allowed { paint.green("allowed") } else { paint.red("denied") };
            writeln!(session.out, "{verdict}: {}", escape::foreign(&decision.explain()))?;
            if decision.inspect {
                writeln!(session.out, "  the gate looks into the connection to decide")?;
            }
        }
        Ok(if allowed { Outcome::Done } else { Outcome::Findings })
    }
}

impl Check {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let protected = Protected::open(session, &self.config)?;
        let layers = protected.layers()?;
        let (found, loads) = match drawbridge_policy::load(&layers, clock::now()) {
            Ok(loaded) => (loaded.warnings, true),
            Err(found) => (found, false),
        };
        // Planning anew tells what differs, among others the gate's copy of the policy.
        let changes = protect::plan(&protected.snapshot, &protected.options).map(|plan| plan.changes);
        let stale: Vec<String> =
            changes.unwrap_or_default().iter().map(|change| change.path.to_string()).collect();
        if session.json {
            let list: Vec<_> = found.iter().map(diagnostics::json).collect();
            session.json(&json!({"loads": loads, "diagnostics": list, "out_of_date": stale}))?;
        } else {
            show(&found, &layers, &stale, session)?;
        }
        let fine = found.is_empty() && stale.is_empty();
        Ok(if fine { Outcome::Done } else { Outcome::Findings })
    }
}

fn show(
    found: &[Diagnostic],
    layers: &[Layer],
    stale: &[String],
    session: &mut Session<'_>,
) -> Result<(), CliError> {
    for diagnostic in found {
        let place = diagnostics::place(diagnostic, layers);
        write!(session.out, "{}", render::place(&place, session.paint_out))?;
        if let Some(hint) = &diagnostic.hint {
            writeln!(session.out, "hint: {}", escape::foreign(hint))?;
        }
    }
    for path in stale {
        let path = escape::foreign(path);
        writeln!(session.out, "{path} is out of date: drawbridge protect")?;
    }
    if found.is_empty() && stale.is_empty() {
        writeln!(session.err, "Nothing to correct")?;
    }
    Ok(())
}
