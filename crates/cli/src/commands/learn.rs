//! `drawbridge observe` and `drawbridge learn`

use drawbridge_host::blocked::{self, Causes};
use drawbridge_host::learn::{Cause, Group, propose};
use drawbridge_host::policy_edit::{self, List, NewRule};
use serde_json::json;

use super::allow::{finish, refused};
use crate::clock;
use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::protected::{ConfigArg, Protected};
use crate::session::Session;

/// Longest time without a wall, in seconds.
const LONGEST: u64 = 24 * 3600;

/// Let everything through for a while, and record it
///
/// Addresses of metadata services, of this machine and of private networks stay closed, deny rules hold, and
/// no secret goes anywhere else. Only a word from the host begins it; it ends by itself.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: drawbridge observe --for 30m --reason \"first build\" && drawbridge exec -- make && drawbridge learn"
)]
pub(crate) struct Observe {
    #[command(flatten)]
    config: ConfigArg,

    /// How long: `30m`, `2h`; at most a day
    #[arg(long = "for", value_parser = clock::parse_duration, required_unless_present = "stop", value_name = "TIME")]
    lifetime: Option<u64>,

    /// Why; kept in the log
    #[arg(long, required_unless_present = "stop", value_name = "TEXT")]
    reason: Option<String>,

    /// End it now
    #[arg(long, conflicts_with_all = ["lifetime", "reason"])]
    stop: bool,
}

/// Propose rules for what was blocked or only observed, by cause
///
/// Prints the narrowest rules. With --write they go into the repository's policy, group by group, after
/// a yes to each.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: drawbridge learn --since 1h --write")]
pub(crate) struct Learn {
    #[command(flatten)]
    config: ConfigArg,

    /// Only the last `10m`, `2h`, …
    #[arg(long, value_parser = clock::parse_duration, value_name = "TIME")]
    since: Option<u64>,

    /// Ask for each group, and write what is approved
    #[arg(long)]
    write: bool,
}

impl Observe {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let seconds = self.lifetime.unwrap_or(0);
        if seconds > LONGEST {
            return Err(CliError::refused(
                "the gate only observes for a day at most",
                "for longer, write `mode` with an `until` into your personal policy",
            ));
        }
        let protected = Protected::open(session, &self.config)?;
        let found = protected.containers()?;
        let sidecar = protected.sidecar(&found)?;
        let (time, reason) = (seconds.to_string(), self.reason.unwrap_or_default());
        let words = ["observe", "--for", &time, "--reason", &reason];
        let answer = sidecar.ask(&words)?;
        if session.json {
            session.json(&answer)?;
        } else if self.stop {
            writeln!(session.out, "The policy is enforced again")?;
        } else {
            writeln!(
                session.err,
                "For {seconds} s everything but forbidden addresses gets through and is recorded."
            )?;
            writeln!(session.err, "Then, or after drawbridge observe --stop: drawbridge learn")?;
        }
        Ok(Outcome::Done)
    }
}

impl Learn {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let protected = Protected::open(session, &self.config)?;
        let found = protected.containers()?;
        let sidecar = protected.sidecar(&found)?;
        let mut seen = blocked::recent(&sidecar, self.since)?;
        seen.extend(blocked::observed(&sidecar, self.since)?);
        let groups = propose(&seen, &Causes::read(protected.workspace.root()));
        if session.json && !self.write {
            session.json(&json!({ "groups": groups }))?;
            return Ok(outcome(&groups));
        }
        if groups.is_empty() {
            writeln!(session.err, "Nothing was blocked or observed")?;
            return Ok(Outcome::Done);
        }
        let mut approved = Vec::new();
        for group in &groups {
            show(group, session)?;
            if self.write && session.confirm(&format!("Allow these {}?", group.proposals.len()))? {
                approved.extend(group.proposals.iter().map(|proposal| NewRule {
                    text: proposal.rule.clone(),
                    reason: Some(proposal.reason.clone()),
                    until: None,
                }));
            }
        }
        if !self.write {
            writeln!(session.err, "Write them, group by group: drawbridge learn --write")?;
            return Ok(outcome(&groups));
        }
        if approved.is_empty() {
            writeln!(session.err, "Nothing was written")?;
            return Ok(outcome(&groups));
        }
        let edited = policy_edit::add_all(
            &protected.snapshot,
            &protected.options,
            &protected.plan,
            List::Allow,
            &approved,
            clock::now(),
        );
        let edited = edited.map_err(|error| refused(error, &protected))?;
        let rules: Vec<&str> = approved.iter().map(|rule| rule.text.as_str()).collect();
        finish(&protected, &edited, &rules, "learn --write", session)
    }
}

fn outcome(groups: &[Group]) -> Outcome {
    if groups.is_empty() { Outcome::Done } else { Outcome::Findings }
}

fn show(group: &Group, session: &mut Session<'_>) -> Result<(), CliError> {
    let title = match &group.cause {
        Cause::Declared { file } => format!("declared in {}", escape::foreign(file)),
        Cause::Tool { bundle, about } => format!("{bundle}: {about}"),
        Cause::Unknown => "nobody says why".to_owned(),
    };
    // Beside the question when there is one; data when there is none.
    writeln!(session.out, "{title}")?;
    for proposal in &group.proposals {
        let rule = escape::foreign(&proposal.rule);
        let who: Vec<_> = proposal.processes.iter().map(|name| escape::foreign(name)).collect();
        let who = if who.is_empty() { String::new() } else { format!("  {}", who.join(", ")) };
        writeln!(session.out, "  {rule}{who}  ({} times)", proposal.count)?;
        if let Some(warning) = &proposal.warning {
            let note = session.paint_out.yellow("note:");
            writeln!(session.out, "    {note} {}", escape::foreign(warning))?;
        }
    }
    Ok(())
}
