//! Policies of other tools to ours, with a report of what could not be carried over.
//!
//! YAML and JSON are read by the caller: the importers take the value. Where the other tool allows more than
//! a rule of ours can say, the narrower rule is written; every difference, in either direction, is
//! reported.

use serde_json::{Map, Value, json};

use crate::grammar;
use crate::rule::Action;

pub use self::agent_sandbox::agent_sandbox;
pub use self::harden_runner::harden_runner;
pub use self::sandbox_runtime::sandbox_runtime;

mod agent_sandbox;
mod harden_runner;
mod sandbox_runtime;

/// Longest list that is read.
const MAX_ENTRIES: usize = 10_000;

/// A policy of ours, and what it does not say.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// A policy file as JSON; it always loads.
    pub policy: Value,
    /// What was left out or means something else now, in the order of the source.
    pub lost: Vec<Lost>,
}

/// One difference between the source and the imported policy.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Lost {
    /// Where in the source: `/domains/2/rules/0`, or `line 3`.
    pub at: String,
    /// What stands there, in short. Foreign text, not escaped.
    pub what: String,
    /// What became of it and why.
    pub why: String,
}

/// Collects rules and differences.
#[derive(Default)]
struct Draft {
    uses: Vec<Value>,
    allow: Vec<Value>,
    deny: Vec<Value>,
    lost: Vec<Lost>,
}

impl Draft {
    fn lose(&mut self, at: &str, what: &(impl ToString + ?Sized), why: impl Into<String>) {
        let what: String = what.to_string().chars().take(200).collect();
        self.lost.push(Lost { at: at.to_owned(), what, why: why.into() });
    }

    /// Adds a rule in string form if it is one.
    fn rule(&mut self, action: Action, rule: &str, at: &str) {
        self.push(action, rule, Value::from(rule), at);
    }

    /// Adds `written` if `rule`, its string form or the part of it that may be wrong, is one.
    fn push(&mut self, action: Action, rule: &str, written: Value, at: &str) {
        let checked = grammar::parse(rule, action);
        let closed =
            |target: &crate::rule::Target| action == Action::Allow && target.pattern.is_unreachable();
        match checked {
            Ok(target) if closed(&target) => self.lose(at, rule, "left out: no policy can open it"),
            Ok(_) => {
                let list = if action == Action::Allow { &mut self.allow } else { &mut self.deny };
                if !list.contains(&written) {
                    list.push(written);
                }
            }
            Err(error) => self.lose(at, rule, format!("left out: {error}")),
        }
    }

    /// `host:port`, which does not say what is spoken there.
    fn endpoint(&mut self, action: Action, host: &str, port: Option<&str>, at: &str) {
        match port {
            None | Some("443") => self.rule(action, host, at),
            Some("80") => self.rule(action, &format!("http://{host}"), at),
            Some("22") => self.rule(action, &format!("ssh://{host}"), at),
            Some(port) => {
                let rule = format!("{host}:{port}");
                let before = self.allow.len();
                self.rule(action, &rule, at);
                if action == Action::Allow && self.allow.len() > before {
                    self.lose(
                        at,
                        &rule,
                        "taken for TLS; if it is not, write `tcp://` in front in your own policy",
                    );
                }
            }
        }
    }

    fn finish(self) -> Imported {
        let mut policy = Map::new();
        policy.insert("version".to_owned(), json!(1));
        for (key, list) in [("use", self.uses), ("allow", self.allow), ("deny", self.deny)] {
            if !list.is_empty() {
                policy.insert(key.to_owned(), Value::Array(list));
            }
        }
        Imported { policy: Value::Object(policy), lost: self.lost }
    }
}

/// Splits the port off `host:port`; an IPv6 address keeps its colons.
fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    }
}
