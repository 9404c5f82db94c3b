//! Whether a new policy opens anything that the old one did not.
//!
//! The answer decides whether a changed file applies at once or waits for a word from the host, so it
//! is wrong in one direction only: what cannot be shown to be covered is reported.

use std::sync::Arc;

use crate::rule::Rule;
use crate::{Policy, RuleRef, cover};

impl Policy {
    /// What `self` may newly allow, at `now` or later, compared with `older`; one line each, for
    /// people. Empty means that `self` only tightens or is equal.
    pub fn loosens(&self, older: &Self, now: i64) -> Vec<String> {
        let mut lines = Vec::new();
        for rule in self.allow.iter().filter(|rule| !rule.is_expired(now)) {
            let old = older.allow_tree.covering(&rule.target.pattern).map(|number| &older.allow[number]);
            let old: Vec<&Rule> = old.filter(|rule| !rule.is_expired(now)).collect();
            if !cover::allowed_by(&rule.target, rule.source.until, &old) {
                lines.push(format!("newly allows {}", rule.source.describe()));
            }
        }
        for rule in &older.deny {
            let own = self.deny_tree.covering(&rule.target.pattern).map(|number| &self.deny[number]);
            if !cover::denied_by(&rule.target, own) {
                lines.push(format!("no longer denies {}", rule.source.describe()));
            }
        }
        if let Some(source) = &self.observe
            && self.observes(now)
            && !older.observe.as_ref().is_some_and(|old| lasts_as_long(old, source))
        {
            lines.push("only observes: lets everything through and records it".to_owned());
        }
        if older.inspect_always && !self.inspect_always {
            lines.push("no longer inspects every host".to_owned());
        }
        if older.requires_review && !self.requires_review {
            lines.push("no longer requires a review of the repository's policy".to_owned());
        }
        lines
    }
}

fn lasts_as_long(old: &Arc<RuleRef>, new: &Arc<RuleRef>) -> bool {
    match (old.until, new.until) {
        (None, _) => true,
        (Some(old), Some(new)) => old >= new,
        (Some(_), None) => false,
    }
}
