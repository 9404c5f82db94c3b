//! `drawbridge prove`

mod targets;

use std::path::{Path, PathBuf};
use std::time::Duration;

use drawbridge_host::prove::{self, Check, Status};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::protected::{ConfigArg, Protected};
use crate::session::Session;

/// All canaries together take little more than two seconds.
const LONGEST: Duration = Duration::from_mins(1);

/// Try to get out of the dev container, and print what happened
///
/// Runs as the container's own user. PASS: the way is closed. FAIL: it is open. SKIP: it could not
/// be tried, with the reason. Exit code 1 when something failed.
///
/// Example: drawbridge prove
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigArg,

    /// Canaries with other targets, as JSON; replaces what is found
    #[arg(long, value_name = "FILE", hide = true)]
    targets: Option<PathBuf>,
}

/// One line of the result, from the host or from the container.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) id: String,
    /// `pass`, `fail`, `skip`
    pub(super) status: String,
    pub(super) attempt: String,
    pub(super) detail: String,
}

impl Args {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let protected = Protected::open(session, &self.config)?;
        let (name, lines) = outcomes(&protected, self.targets.as_deref())?;
        let failed = lines.iter().filter(|line| line.status == "fail").count();
        if session.json {
            session.json(&json!({"container": name, "failed": failed, "outcomes": lines}))?;
        } else {
            show(&lines, session)?;
        }
        Ok(if failed == 0 { Outcome::Done } else { Outcome::Findings })
    }
}

/// Tries everything: the container's name, and how each attempt ended.
pub(super) fn outcomes(
    protected: &Protected,
    targets: Option<&Path>,
) -> Result<(String, Vec<Line>), CliError> {
    let found = protected.containers()?;
    let Some(dev) = found.running_dev() else {
        return Err(CliError::refused("the dev container does not run", "drawbridge up"));
    };
    let facts = prove::facts(&protected.engine, dev, found.running_sidecar(), &protected.plan)?;
    let targets = targets::collect(protected, &facts, targets)?;
    let mut lines: Vec<Line> =
        prove::checks(&protected.engine, dev, &protected.plan)?.into_iter().map(Line::from).collect();
    let argv = [prove::BINARY, "probe", "canaries", "--stdin", "--json"];
    let user = facts.user.as_deref();
    let output = protected.engine.exec(&dev.id, user, &argv, targets.to_string().as_bytes(), LONGEST)?;
    let inside: Vec<Line> = serde_json::from_slice(&output.stdout).map_err(|_| {
        CliError::refused(
            format!("the canaries did not run: {}", output.complaint()),
            "drawbridge up --rebuild",
        )
    })?;
    lines.extend(inside);
    Ok((dev.name.clone(), lines))
}

fn show(lines: &[Line], session: &mut Session<'_>) -> Result<(), CliError> {
    let paint = session.paint_out;
    for line in lines {
        let status = match line.status.as_str() {
            "pass" => paint.green("PASS"),
            "fail" => paint.red("FAIL"),
            _ => paint.yellow("SKIP"),
        };
        let id = escape::foreign(&line.id);
        writeln!(session.out, "{status}  {id}")?;
        writeln!(session.out, "      {}", paint.dim(&escape::foreign(&line.attempt)))?;
        if line.status != "pass" {
            writeln!(session.out, "      {}", escape::foreign(&line.detail))?;
        }
    }
    let count = |status: &str| lines.iter().filter(|line| line.status == status).count();
    writeln!(session.err, "{} closed, {} open, {} not tried", count("pass"), count("fail"), count("skip"))?;
    Ok(())
}

impl From<Check> for Line {
    fn from(check: Check) -> Self {
        let status = match check.status {
            Status::Pass => "pass",
            Status::Fail => "fail",
            Status::Skip => "skip",
        };
        Self { id: check.id, status: status.to_owned(), attempt: check.attempt, detail: check.detail }
    }
}
