//! `drawbridge catalogue`

use drawbridge_policy::catalogue::{self, Bundle, Entry};
use serde_json::{Value, json};

use crate::error::CliError;
use crate::exit::Outcome;
use crate::session::Session;

/// The lists of hosts that a policy's `use` names
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the bundles
    List,
    /// Show the hosts of a bundle, each with its reason and source
    ///
    /// Example: drawbridge catalogue show maven
    Show {
        /// The bundle
        bundle: String,
    },
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        match self {
            Self::List => list(session)?,
            Self::Show { bundle } => {
                let bundle = catalogue::bundle(&bundle).ok_or_else(|| {
                    CliError::refused(format!("there is no bundle `{bundle}`"), "drawbridge catalogue list")
                })?;
                show(bundle, session)?;
            }
        }
        Ok(Outcome::Done)
    }
}

fn list(session: &mut Session<'_>) -> Result<(), CliError> {
    if session.json {
        let bundles: Vec<Value> = catalogue::bundles()
            .iter()
            .map(|bundle| json!({"id": bundle.id, "about": bundle.about, "hosts": bundle.hosts.len()}))
            .collect();
        session.json(&json!({"bundles": bundles}))?;
        return Ok(());
    }
    let width = catalogue::bundles().iter().map(|bundle| bundle.id.len()).max().unwrap_or(0);
    for bundle in catalogue::bundles() {
        writeln!(session.out, "{:width$}  {}", bundle.id, bundle.about)?;
    }
    Ok(())
}

fn show(bundle: &Bundle, session: &mut Session<'_>) -> Result<(), CliError> {
    let host = |entry: &Entry| entry.pattern().to_string();
    if session.json {
        let hosts: Vec<Value> = bundle
            .hosts
            .iter()
            .map(|entry| {
                json!({"host": host(entry), "phase": entry.phase.name(), "about": entry.about,
                    "ifDenied": entry.if_denied, "shared": entry.shared, "source": entry.source,
                    "date": entry.date})
            })
            .collect();
        session.json(&json!({"id": bundle.id, "about": bundle.about, "hosts": hosts}))?;
        return Ok(());
    }
    let paint = session.paint_out;
    writeln!(session.out, "{}: {}", paint.bold(&bundle.id), bundle.about)?;
    for entry in &bundle.hosts {
        writeln!(session.out, "  {}  ({})  {}", host(entry), entry.phase.name(), entry.about)?;
        writeln!(session.out, "    if denied: {}", entry.if_denied)?;
        if entry.shared {
            writeln!(session.out, "    strangers can put content there: limit the paths")?;
        }
        let source = format!("source: {} ({})", entry.source, entry.date);
        writeln!(session.out, "    {}", paint.dim(&source))?;
    }
    Ok(())
}
