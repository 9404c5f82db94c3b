//! `drawbridge allow`, `deny` and `revoke`

use drawbridge_host::policy_edit::{self, Edited, List, NewRule};
use drawbridge_policy::{Layer, LayerKind};
use drawbridge_service::protected::{self, Reloaded};
use serde_json::json;

use crate::clock;
use crate::diagnostics;
use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::project;
use crate::protected::{ConfigArg, Protected};
use crate::session::Session;

const TRUST_MISSING: &str = "The gate looks into such connections, and the container's programs do not know its certificate yet: \
     drawbridge protect && drawbridge up";

const EXAMPLES: &str = "\
Examples:
  drawbridge allow repo.example.org --reason \"our artifacts\"
  drawbridge allow files.example.net --for 2h --reason \"one download\"
  drawbridge allow \"GET files.example.net/v2/**\" --for 2h --reason \"one version\"
  drawbridge allow \"GET,HEAD docs.example/guide/**\" --reason \"manual\" --until 2030-01-31";

/// Let the dev container reach a host
///
/// Without `--for` the rule is written to the repository's policy file and applied to the running
/// gate at once; with `--for` the gate holds it and the repository stays as it is.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Allow {
    #[command(flatten)]
    config: ConfigArg,

    /// A host, or a rule in the policy's form
    #[arg(value_name = "HOST")]
    rule: String,

    /// Why; kept beside the rule
    #[arg(long, value_name = "TEXT")]
    reason: String,

    /// Only for this long: `90s`, `30m`, `2h`, `7d`
    #[arg(long = "for", value_parser = clock::parse_duration, value_name = "TIME")]
    lifetime: Option<u64>,

    /// With `--for`: only this port
    #[arg(long, requires = "lifetime", value_name = "PORT")]
    port: Option<u16>,

    /// With `--for`: also where the name leads to a private address
    #[arg(long, requires = "lifetime")]
    private: bool,

    /// The last day of the rule, `YYYY-MM-DD`
    #[arg(long, conflicts_with = "lifetime", value_name = "DATE")]
    until: Option<String>,
}

/// Deny a host, whatever allows it
///
/// Example: drawbridge deny gist.example --reason "content of strangers"
#[derive(Debug, clap::Args)]
pub(crate) struct Deny {
    #[command(flatten)]
    config: ConfigArg,

    /// A host, or a rule in the policy's form
    #[arg(value_name = "HOST")]
    rule: String,

    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Take back what was allowed for a host: grants, and rules of the repository's policy
///
/// Example: drawbridge revoke files.example.net
#[derive(Debug, clap::Args)]
pub(crate) struct Revoke {
    #[command(flatten)]
    config: ConfigArg,

    /// The host, as it was allowed
    host: String,
}

impl Allow {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        if self.reason.trim().is_empty() {
            return Err(CliError::refused("the reason is empty", "say why, for whoever reads it later"));
        }
        let protected = Protected::open(session, &self.config)?;
        if let Some(seconds) = self.lifetime {
            return self.grant(&protected, seconds, session);
        }
        let rule = NewRule { text: self.rule.clone(), reason: Some(self.reason), until: self.until };
        let edited = policy_edit::add(
            &protected.snapshot,
            &protected.options,
            &protected.plan,
            List::Allow,
            &rule,
            clock::now(),
        );
        let edited = edited.map_err(|error| refused(error, &protected))?;
        finish(&protected, &edited, &[&self.rule], &format!("allow {}", self.rule), session)
    }

    fn grant(
        &self,
        protected: &Protected,
        seconds: u64,
        session: &mut Session<'_>,
    ) -> Result<Outcome, CliError> {
        let found = protected.containers()?;
        let (seconds, port) = (seconds.to_string(), self.port.map(|port| port.to_string()));
        let mut words = vec!["grant", "--for", &seconds, "--reason", &self.reason];
        if let Some(port) = &port {
            words.extend(["--port", port]);
        }
        if self.private {
            words.push("--private");
        }
        words.extend(["--", &self.rule]);
        let answer = protected.sidecar(&found)?.ask(&words)?;
        if session.json {
            session.json(&answer)?;
        } else {
            let host = escape::foreign(&self.rule).into_owned();
            writeln!(session.out, "{host} is allowed for {seconds} s")?;
            if self.lacks_trust(protected) {
                writeln!(session.err, "{TRUST_MISSING}")?;
            }
        }
        Ok(Outcome::Done)
    }

    /// Whether the rule, were it in the repository's policy, would need variables that are not there.
    fn lacks_trust(&self, protected: &Protected) -> bool {
        let rule = NewRule { text: self.rule.clone(), reason: None, until: None };
        let (snapshot, options, plan) = (&protected.snapshot, &protected.options, &protected.plan);
        policy_edit::add(snapshot, options, plan, List::Allow, &rule, clock::now())
            .is_ok_and(|edited| edited.trust_missing)
    }
}

impl Deny {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let protected = Protected::open(session, &self.config)?;
        let rule = NewRule { text: self.rule.clone(), reason: self.reason, until: None };
        let edited = policy_edit::add(
            &protected.snapshot,
            &protected.options,
            &protected.plan,
            List::Deny,
            &rule,
            clock::now(),
        );
        let edited = edited.map_err(|error| refused(error, &protected))?;
        finish(&protected, &edited, &[&self.rule], &format!("deny {}", self.rule), session)
    }
}

impl Revoke {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let protected = Protected::open(session, &self.config)?;
        let edited = policy_edit::remove(
            &protected.snapshot,
            &protected.options,
            &protected.plan,
            &self.host,
            clock::now(),
        );
        let edited = edited.map_err(|error| refused(error, &protected))?;
        if let Ok(found) = protected.containers()
            && let Ok(sidecar) = protected.sidecar(&found)
        {
            sidecar.ask(&["revoke", "--", &self.host])?;
            if !session.json {
                writeln!(session.err, "Grants for {} are taken back", escape::foreign(&self.host))?;
            }
        }
        finish(&protected, &edited, &[&self.host], &format!("revoke {}", self.host), session)
    }
}

/// Writes the edit and gives the running gate the word, as far as `rules` go.
pub(super) fn finish(
    protected: &Protected,
    edited: &Edited,
    rules: &[&str],
    command: &str,
    session: &mut Session<'_>,
) -> Result<Outcome, CliError> {
    let changed = !edited.changes.is_empty();
    if changed {
        project::journal(&protected.workspace, session)?.apply(command, false, &edited.changes)?;
    }
    if edited.reason_dropped {
        writeln!(session.err, "The reason was not kept: this rule has only a string form")?;
    }
    if edited.trust_missing {
        writeln!(session.err, "{TRUST_MISSING}")?;
    }
    let reloaded = reload(protected, &edited.text, rules)?;
    let pending = reloaded.as_ref().is_some_and(Reloaded::is_pending);
    let outcome = if pending { Outcome::Findings } else { Outcome::Done };
    if session.json {
        session.json(&json!({"changed": changed, "policy": protected.plan.policy, "reload": reloaded.map(|reloaded| reloaded.answer)}))?;
        return Ok(outcome);
    }
    if changed {
        writeln!(session.out, "{}: {}", protected.plan.policy, escape::foreign(command))?;
    } else {
        writeln!(session.err, "{} says so already", protected.plan.policy)?;
    }
    match reloaded {
        Some(reloaded) if pending => {
            writeln!(session.err, "Not in force: the file opens more, and nobody has confirmed that:")?;
            for line in reloaded.loosens() {
                writeln!(session.err, "  {}", escape::foreign(line))?;
            }
            writeln!(session.err, "If that is meant: drawbridge reload --accept")?;
        }
        Some(_) => writeln!(session.err, "In force now. Undo: drawbridge undo")?,
        None => writeln!(session.err, "The gate does not run; it applies at the next start")?,
    }
    Ok(outcome)
}

/// `None` when no gate runs: without an engine the file is what counts, at the next start.
fn reload(protected: &Protected, text: &str, rules: &[&str]) -> Result<Option<Reloaded>, CliError> {
    let Ok(found) = protected.containers() else { return Ok(None) };
    let Ok(sidecar) = protected.sidecar(&found) else { return Ok(None) };
    Ok(Some(protected::reload(&sidecar, text, rules)?))
}

pub(super) fn refused(error: policy_edit::EditError, protected: &Protected) -> CliError {
    match error {
        policy_edit::EditError::Invalid { diagnostics, text } => {
            let file = protected.plan.policy.to_string();
            let layer = Layer { kind: LayerKind::Repository, file, text };
            diagnostics::refused(&diagnostics, &[layer])
        }
        policy_edit::EditError::Refused(refusal) => project::refused(refusal, &protected.snapshot),
        other => CliError::refused(other.to_string(), "nothing was written"),
    }
}
