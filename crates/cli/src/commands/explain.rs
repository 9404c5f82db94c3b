//! `drawbridge explain`

use drawbridge_core::rules::{RULES, find};
use drawbridge_report::{document, explain};
use serde_json::json;

use crate::error::CliError;
use crate::exit::Outcome;
use crate::session::Session;

/// Say what a rule of the audit finds and what to do; without a rule, list all
///
/// Example: drawbridge explain docker-socket-mounted
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Id or code
    rule: Option<String>,
}

impl Args {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let rules = match &self.rule {
            None => RULES.to_vec(),
            Some(name) => {
                let unknown = || {
                    CliError::refused(format!("there is no rule `{name}`"), "`drawbridge explain` lists them")
                };
                vec![find(name).ok_or_else(unknown)?]
            }
        };
        if session.json {
            let all: Vec<_> = rules
                .iter()
                .map(|rule| {
                    json!({"code": rule.code, "id": rule.id, "title": rule.title,
                        "severity": document::severity(rule.severity), "fix": document::fix_kind(rule.fix),
                        "strength": document::strength(rule.strength), "since": rule.since,
                        "page": explain::page(rule)})
                })
                .collect();
            session.json(&all)?;
        } else if let (Some(_), [rule]) = (&self.rule, rules.as_slice()) {
            write!(session.out, "{}", explain::page(rule))?;
        } else {
            for rule in rules {
                let severity = document::severity(rule.severity);
                writeln!(session.out, "{} {severity:<8} {}: {}", rule.code, rule.id, rule.title)?;
            }
        }
        Ok(Outcome::Done)
    }
}
