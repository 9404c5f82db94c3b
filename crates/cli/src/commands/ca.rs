//! `drawbridge ca`

use serde_json::Value;

use crate::clock;
use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::protected::{ConfigArg, Protected};
use crate::session::Session;

/// The certificate authority with which the gate looks into connections
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Show its certificate; its key never leaves the gate
    ///
    /// One per project, made by the gate. It signs for the hosts whose rules name methods, paths or
    /// queries, and for those of a secret; everything else passes through untouched.
    ///
    /// Example: drawbridge ca show > gate.pem
    Show(Show),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    #[command(flatten)]
    config: ConfigArg,
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let Self::Show(Show { config }) = self;
        let protected = Protected::open(session, &config)?;
        let found = protected.containers()?;
        let answer = protected.sidecar(&found)?.ask(&["ca"])?;
        if session.json {
            session.json(&answer)?;
            return Ok(Outcome::Done);
        }
        let text = |key: &str| answer[key].as_str().unwrap_or_default();
        writeln!(session.err, "{}", escape::foreign(text("subject")))?;
        writeln!(session.err, "SHA-256 {}", escape::foreign(text("fingerprint_sha256")))?;
        let ends = answer["not_after"].as_i64().map(clock::format).unwrap_or_default();
        writeln!(session.err, "ends {ends}")?;
        // Lines of base64 and their frame; nothing that a terminal obeys.
        let pem = answer.get("pem").and_then(Value::as_str).unwrap_or_default();
        for line in pem.lines() {
            writeln!(session.out, "{}", escape::foreign(line))?;
        }
        Ok(Outcome::Done)
    }
}
