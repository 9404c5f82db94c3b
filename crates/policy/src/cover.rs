//! Whether rules surely allow, or surely deny, all that a target means. Unsure is no.

use crate::rule::{Rule, Target};

/// Whether `rules` together allow every request of `target` up to `until` (`None`: for ever).
///
/// Ports and methods may be shared out among several rules. Paths may not: a path with several
/// readings must be allowed by one rule.
pub(crate) fn allowed_by(target: &Target, until: Option<i64>, rules: &[&Rule]) -> bool {
    let lasts = |rule: &Rule| match (rule.source.until, until) {
        (None, _) => true,
        (Some(end), Some(until)) => end >= until,
        (Some(_), None) => false,
    };
    let candidates: Vec<&Target> = rules
        .iter()
        .filter(|rule| lasts(rule))
        .map(|rule| &rule.target)
        .filter(|own| {
            own.pattern.covers(&target.pattern)
                && own.scheme == target.scheme
                && (own.private || !target.private)
                && paths_cover(own, target)
                && (own.query.is_none() || own.query == target.query)
        })
        .collect();
    let Some(ports) = target.ports.as_deref() else {
        return false;
    };
    ports.iter().all(|port| {
        let with_port = || candidates.iter().filter(|own| own.has_port(*port));
        match target.methods.as_deref() {
            None => with_port().any(|own| own.methods.is_none()),
            Some(methods) => methods.iter().all(|method| {
                with_port().any(|own| own.methods.as_deref().is_none_or(|own| own.contains(method)))
            }),
        }
    })
}

/// Whether one of `rules` denies all that `target`, a deny, denies.
pub(crate) fn denied_by<'r>(target: &Target, rules: impl IntoIterator<Item = &'r Rule>) -> bool {
    rules.into_iter().map(|rule| &rule.target).any(|own| {
        own.pattern.covers(&target.pattern)
            && (own.scheme.is_none() || own.scheme == target.scheme)
            && own.ports.as_deref().is_none_or(|own| {
                target.ports.as_deref().is_some_and(|ports| ports.iter().all(|port| own.contains(port)))
            })
            && own.methods.as_deref().is_none_or(|own| {
                target.methods.as_deref().is_some_and(|all| all.iter().all(|method| own.contains(method)))
            })
            && paths_cover(own, target)
            && (own.query.is_none() || own.query == target.query)
    })
}

fn paths_cover(own: &Target, target: &Target) -> bool {
    own.paths.as_deref().is_none_or(|own| {
        target
            .paths
            .as_deref()
            .is_some_and(|globs| globs.iter().all(|glob| own.iter().any(|own| own.covers(glob))))
    })
}
