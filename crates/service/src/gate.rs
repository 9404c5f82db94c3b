//! The policy, the running gate, and what it denies.

use std::time::Duration;

use drawbridge_core::project::discover;
use drawbridge_host::blocked::{self, Causes, Change, Denial, Seen, Watch, merged};
use drawbridge_host::containers::{self, Found};
use drawbridge_host::ctl::Sidecar;
use drawbridge_host::policy_edit::{self, Edited, List, NewRule};
use drawbridge_policy::{Action, Rule};

use crate::project::{locked, now};
use crate::protected::{self, Protected, reload};
use crate::protocol::{AllowRequest, Allowed, Blocked, Event, Policy, PolicyRule};
use crate::{Error, Project};

/// A grant that lasts longer is a rule.
const LONGEST: u64 = 30 * 86_400;

/// The rules in force by the files, denials first.
pub fn rules(protected: &Protected) -> Result<Vec<PolicyRule>, Error> {
    let layers = protected.layers()?;
    let loaded = drawbridge_policy::load(&layers, now()).map_err(Error::Policy)?;
    let mut rules: Vec<PolicyRule> = loaded.policy.rules().map(rule).collect();
    rules.sort_by_key(|rule| rule.action != "deny");
    Ok(rules)
}

impl Project {
    /// The rules by the files, and what the running gate denied.
    pub fn policy(&self) -> Result<Policy, Error> {
        let protected = match self.protected() {
            Ok(protected) => protected,
            Err(Error::NotProtected | Error::Refused { .. }) => {
                return Ok(Policy {
                    state: "unprotected",
                    file: None,
                    rules: Vec::new(),
                    blocked: Vec::new(),
                });
            }
            Err(error) => return Err(error),
        };
        let rules = rules(&protected)?;
        let (state, blocked) = match self.found(&protected) {
            Err(_) => ("no-engine", Vec::new()),
            Ok(found) => match protected::sidecar(&self.engine(), &found) {
                Err(_) => ("stopped", Vec::new()),
                Ok(sidecar) => ("running", self.recent(&sidecar)?),
            },
        };
        Ok(Policy { state, file: Some(protected.plan.policy.to_string()), rules, blocked })
    }

    /// Lets the container reach a host: for a time by the gate alone, else by the policy's file.
    pub fn allow(&self, request: &AllowRequest) -> Result<Allowed, Error> {
        if request.reason.trim().is_empty() {
            return Err(Error::Argument("the reason is empty".to_owned()));
        }
        let protected = self.protected()?;
        let Some(seconds) = request.seconds else {
            return self.add(&protected, List::Allow, &request.rule, &request.reason);
        };
        if seconds == 0 || seconds > LONGEST {
            return Err(Error::Argument("a grant lasts between one second and 30 days".to_owned()));
        }
        let sidecar = protected::sidecar(&self.engine(), &self.found(&protected)?)?;
        let time = seconds.to_string();
        sidecar.ask(&["grant", "--for", &time, "--reason", &request.reason, "--", &request.rule])?;
        Ok(Allowed { state: "in-force", files: Vec::new(), loosens: Vec::new() })
    }

    /// Closes a host, whatever allows it.
    pub fn deny(&self, rule: &str, reason: &str) -> Result<Allowed, Error> {
        self.add(&self.protected()?, List::Deny, rule, reason)
    }

    /// Takes back grants and rules of the file for exactly this host.
    pub fn revoke(&self, host: &str) -> Result<Allowed, Error> {
        let protected = self.protected()?;
        let (snapshot, options, plan) = (&protected.snapshot, &protected.options, &protected.plan);
        let edited = policy_edit::remove(snapshot, options, plan, host, now())?;
        if let Ok(found) = self.found(&protected)
            && let Ok(sidecar) = protected::sidecar(&self.engine(), &found)
        {
            sidecar.ask(&["revoke", "--", host])?;
        }
        self.write(&protected, &edited, &[host], &format!("revoke {host}"))
    }

    /// Follows what the running gate denies and who changes its policy from now on.
    pub fn follow(&self) -> Result<Feed, Error> {
        let protected = self.protected()?;
        let found = self.found(&protected)?;
        let engine = self.engine();
        let sidecar = protected::sidecar(&engine, &found)?;
        let watch = Watch::open(&engine, &sidecar, found.running_dev())?;
        Ok(Feed { watch, causes: Causes::read(self.workspace.root()) })
    }

    fn protected(&self) -> Result<Protected, Error> {
        let chosen = self.chosen();
        let read = Protected::read(&self.workspace, chosen.as_ref());
        if chosen.is_none() && matches!(read, Err(Error::NotProtected)) {
            let all = discover(&self.workspace.snapshot(None)?);
            if all.len() > 1 {
                return Err(Error::Several(all.into_iter().map(|candidate| candidate.path).collect()));
            }
        }
        read
    }

    fn found(&self, protected: &Protected) -> Result<Found, Error> {
        Ok(containers::find(&self.engine(), &self.workspace, &protected.plan)?)
    }

    fn recent(&self, sidecar: &Sidecar) -> Result<Vec<Blocked>, Error> {
        let causes = Causes::read(self.workspace.root());
        let mut denials = merged(blocked::recent(sidecar, None)?);
        denials.sort_by_key(|denial| std::cmp::Reverse(denial.last));
        *locked(&self.denied) =
            denials.iter().filter(|denial| denial.is_allowable()).map(|denial| denial.host.clone()).collect();
        Ok(denials.iter().map(|denial| shown(denial, &causes)).collect())
    }

    fn add(&self, protected: &Protected, list: List, rule: &str, reason: &str) -> Result<Allowed, Error> {
        let reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        let new = NewRule { text: rule.to_owned(), reason, until: None };
        let (snapshot, options, plan) = (&protected.snapshot, &protected.options, &protected.plan);
        let edited = policy_edit::add(snapshot, options, plan, list, &new, now())?;
        let word = if list == List::Allow { "allow" } else { "deny" };
        self.write(protected, &edited, &[rule], &format!("{word} {rule}"))
    }

    /// Writes the edit, journaled, and gives the running gate the word as far as `rules` go.
    fn write(
        &self,
        protected: &Protected,
        edited: &Edited,
        rules: &[&str],
        command: &str,
    ) -> Result<Allowed, Error> {
        if !edited.changes.is_empty() {
            self.journal()?.apply(command, false, &edited.changes)?;
        }
        let files = edited.changes.iter().map(|change| change.path.clone()).collect();
        let allowed = |state, loosens| Ok(Allowed { state, files, loosens });
        // Without an engine the file is what counts, at the next start.
        let Ok(found) = self.found(protected) else { return allowed("next-start", Vec::new()) };
        let Ok(sidecar) = protected::sidecar(&self.engine(), &found) else {
            return allowed("next-start", Vec::new());
        };
        let reloaded = reload(&sidecar, &edited.text, rules)?;
        if reloaded.is_pending() {
            return allowed("pending", reloaded.loosens().map(str::to_owned).collect());
        }
        allowed("in-force", Vec::new())
    }
}

/// An open feed of the gate's events; dropping it ends it.
#[derive(Debug)]
pub struct Feed {
    watch: Watch,
    causes: Causes,
}

impl Feed {
    /// Waits for the next event; `None` when there is none in the given time.
    pub fn next(&mut self, wait: Duration) -> Option<Event> {
        Some(match self.watch.next(wait) {
            Seen::Denied(denial) => Event::Blocked { blocked: shown(&denial, &self.causes) },
            Seen::Changed(Change::Grant { action, host, reason }) => Event::Grant { action, host, reason },
            Seen::Changed(Change::Reload { action, loosens, errors }) => {
                Event::Reload { action, loosens, errors }
            }
            Seen::Nothing => return None,
            Seen::Ended => Event::Ended,
        })
    }
}

fn shown(denial: &Denial, causes: &Causes) -> Blocked {
    let cause = causes.find(&denial.host);
    Blocked {
        host: denial.host.clone(),
        port: denial.port,
        method: denial.method.clone(),
        path: denial.path.clone(),
        process: denial.process.clone(),
        count: denial.count,
        last: denial.last,
        why: denial.why.clone().unwrap_or_else(|| denial.reason.clone()),
        cause: cause.map(|cause| format!("{}:{}", cause.file, cause.line)),
        rule: denial.rule(),
    }
}

fn rule(rule: &Rule) -> PolicyRule {
    let source = rule.source();
    // A bundle is one line of the file and many hosts.
    let text = match &source.bundle {
        Some(bundle) => format!("{} ({bundle})", rule.pattern()),
        None => source.text.clone(),
    };
    PolicyRule {
        action: match rule.action() {
            Action::Allow => "allow",
            Action::Deny => "deny",
        },
        text,
        layer: source.layer.to_string(),
        file: source.file.clone(),
        line: source.line.saturating_sub(1),
        reason: source.reason.clone(),
    }
}
