//! `drawbridge status` and `drawbridge reload`

use drawbridge_host::containers;
use serde_json::{Value, json};

use crate::clock;
use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::protected::{ConfigArg, Protected};
use crate::session::Session;

/// Show what runs, which policy is in force and what waits for a word
///
/// Exit code 1 when something needs attention.
///
/// Example: drawbridge status --json
#[derive(Debug, clap::Args)]
pub(crate) struct Status {
    #[command(flatten)]
    config: ConfigArg,
}

/// Make the running gate read the policy again
///
/// A change that allows more than before applies only with `--accept`: it may have been written
/// from inside the container.
///
/// Example: drawbridge reload --accept
#[derive(Debug, clap::Args)]
pub(crate) struct Reload {
    #[command(flatten)]
    config: ConfigArg,

    /// Apply it even where it allows more than before
    #[arg(long)]
    accept: bool,
}

impl Status {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let protected = Protected::open(session, &self.config)?;
        let found = protected.containers()?;
        let gated = match found.running_dev() {
            Some(dev) => Some(containers::is_gated(&protected.engine, dev, &protected.plan)?),
            None => None,
        };
        let (gate, grants) = match protected.sidecar(&found) {
            Ok(sidecar) => (sidecar.ask(&["status"])?, sidecar.ask(&["grants"])?["grants"].clone()),
            Err(_) => (Value::Null, Value::Null),
        };
        let waits = gate["folder"]["state"].as_str().is_some_and(|state| state != "same");
        if session.json {
            session.json(&json!({"config": protected.plan.config, "gated": gated,
                "dev": found.dev.as_ref().map(|dev| &dev.name), "gate": gate, "grants": grants}))?;
        } else {
            show(&protected, gated, &gate, &grants, session)?;
        }
        let fine = gated != Some(false) && !waits;
        Ok(if fine { Outcome::Done } else { Outcome::Findings })
    }
}

fn show(
    protected: &Protected,
    gated: Option<bool>,
    gate: &Value,
    grants: &Value,
    session: &mut Session<'_>,
) -> Result<(), CliError> {
    let paint = session.paint_out;
    let dev = match gated {
        Some(true) => paint.green("runs behind the gate"),
        Some(false) => paint.red("runs WITHOUT the gate; drawbridge up --rebuild"),
        None => "does not run; drawbridge up".to_owned(),
    };
    writeln!(session.out, "{}: the dev container {dev}", protected.plan.config)?;
    if gate.is_null() {
        writeln!(session.out, "The gate does not run")?;
        return Ok(());
    }
    let text = |value: &Value| escape::foreign(value.as_str().unwrap_or_default()).into_owned();
    let policy = &gate["policy"];
    writeln!(
        session.out,
        "The gate: {} rules from {}, {} connections, {} denied so far",
        policy["rules"],
        text(&policy["source"]),
        gate["connections"],
        gate["denied"]
    )?;
    if gate["observes"] == true {
        let words = paint.red("The policy only observes: everything but forbidden addresses gets through");
        writeln!(session.out, "{words}; drawbridge observe --stop")?;
    }
    pending(&gate["folder"], session)?;
    for grant in grants.as_array().into_iter().flatten() {
        let until = grant["until"].as_i64().map(clock::format);
        let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
        writeln!(session.out, "Granted: {}{until}: {}", text(&grant["host"]), text(&grant["reason"]))?;
    }
    Ok(())
}

/// What the policy file says and the gate does not do yet.
fn pending(folder: &Value, session: &mut Session<'_>) -> Result<(), CliError> {
    let paint = session.paint_out;
    let list = |key: &str| {
        let items = folder[key].as_array().map(Vec::as_slice).unwrap_or_default();
        items
            .iter()
            .filter_map(Value::as_str)
            .map(|text| format!("  {}", escape::foreign(text)))
            .collect::<Vec<_>>()
    };
    match folder["state"].as_str() {
        Some("pending") => {
            let words =
                paint.yellow("The policy file allows more than the gate; drawbridge reload --accept:");
            writeln!(session.out, "{words}")?;
            for line in list("loosens") {
                writeln!(session.out, "{line}")?;
            }
        }
        Some("invalid") => {
            let words = paint.red("The policy file is broken; the last good one stays in force:");
            writeln!(session.out, "{words}")?;
            for line in list("errors") {
                writeln!(session.out, "{line}")?;
            }
        }
        Some("missing" | "unreadable") => {
            writeln!(
                session.out,
                "The gate cannot see the policy file: an edit needs drawbridge up --rebuild"
            )?;
        }
        _ => {}
    }
    Ok(())
}

impl Reload {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let protected = Protected::open(session, &self.config)?;
        let found = protected.containers()?;
        let mut words = vec!["reload"];
        if self.accept {
            words.push("--accept");
        }
        let answer = protected.sidecar(&found)?.ask(&words)?;
        let action = answer["action"].as_str().unwrap_or_default().to_owned();
        if session.json {
            session.json(&answer)?;
        } else {
            writeln!(session.out, "{}", escape::foreign(&action))?;
            for line in answer["loosens"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                writeln!(session.out, "  {}", escape::foreign(line))?;
            }
            if action == "pending" {
                writeln!(session.err, "It allows more than before: drawbridge reload --accept")?;
            }
        }
        Ok(if action == "pending" { Outcome::Findings } else { Outcome::Done })
    }
}
