//! Warnings at load: what has no effect, or a wider one than it seems.

use crate::catalogue;
use crate::cover;
use crate::document::{AskEntry, Document, Entry, Mode, Use};
use crate::policy::OWN_PORTS;
use crate::report::Report;
use crate::rule::{Action, Rule};
use crate::{Host, LayerKind, Policy, Request, Scheme, date};

pub(crate) fn warn(document: &Document, policy: &Policy, now: i64, report: &mut Report<'_>) {
    for usage in &document.uses {
        warn_bundle(usage, now, report);
    }
    for entry in &document.allow {
        warn_allow(entry, policy, now, report);
    }
    if report.kind() == LayerKind::Repository {
        warn_asks(document, policy, now, report);
    }
    if let Some(Mode::Observe { span, .. }) = &document.mode
        && !report.kind().is_trusted()
    {
        let hint = "set it in your own policy, for a limited time";
        report.warn(*span, "repository-cannot-grant", "a repository cannot turn enforcement off", Some(hint));
    }
}

fn warn_bundle(usage: &Use, now: i64, report: &mut Report<'_>) {
    warn_expired(usage.note.until, usage.span, &usage.describe(), now, report);
    if usage.read || !usage.repos.is_empty() {
        return;
    }
    let shared: Vec<String> = usage
        .bundle
        .hosts
        .iter()
        .filter(|entry| entry.shared && entry.surfaces.is_empty() && usage.phases.contains(&entry.phase))
        .map(|entry| entry.pattern().to_string())
        .collect();
    if !shared.is_empty() {
        let message = format!(
            "`{}` opens hosts where anybody can put content: {}",
            usage.describe(),
            shared.join(", ")
        );
        let hint = if usage.bundle.hosts.iter().any(|entry| entry.repo.is_some()) {
            format!("limit it: `{{ \"bundle\": \"{}\", \"repos\": [\"owner/name\"] }}`", usage.bundle.id)
        } else {
            format!("`{}:read` closes the way out through uploads", usage.bundle.id)
        };
        report.warn(usage.span, "shared-host", message, Some(&hint));
    }
}

fn warn_allow(entry: &Entry, policy: &Policy, now: i64, report: &mut Report<'_>) {
    let Entry { target, note, span } = entry;
    let text = target.describe(Action::Allow);
    warn_expired(note.until, *span, &text, now, report);
    if target.paths.is_none()
        && let Some(why) = catalogue::shared(&target.pattern)
    {
        let message = format!("`{}` is not only yours: {why}", target.pattern);
        report.warn(
            *span,
            "shared-host",
            message,
            Some("add the paths that are needed, which has the host inspected"),
        );
    }
    if let Some(deny) = shadow(entry, policy) {
        let message = format!("`{text}` has no effect: denied by {}", deny.source.describe());
        report.warn(*span, "shadowed", message, Some("remove one of the two"));
    }
    let is_granted = report.kind().is_trusted();
    let is_wide = target.pattern.is_wildcard()
        || (is_granted && (target.private || target.scheme == Some(Scheme::Tcp)));
    if is_wide && note.reason.is_none() {
        let hint = "use the object form and add `\"reason\": \"…\"`";
        report.warn(*span, "no-reason", format!("`{text}` opens much and does not say why"), Some(hint));
    }
    if target.paths.as_deref().is_some_and(|paths| matches!(paths, [only] if only.as_str() == "/")) {
        let hint = "remove the `/` to allow the host, or write `/**`";
        report.warn(*span, "root-path", format!("`{text}` allows the path `/` alone"), Some(hint));
    }
    if target.scheme == Some(Scheme::Tcp)
        && target.ports.as_deref().is_some_and(|ports| ports.iter().any(|port| OWN_PORTS.contains(port)))
    {
        let message = "the sidecar itself listens on this port, so only clients that use CONNECT get through";
        report.warn(*span, "own-port", message, None);
    }
    if target.pattern.needs_private() && !target.private && is_granted {
        let hint = "use the object form and add `\"private\": true`";
        report.warn(
            *span,
            "needs-private",
            format!("`{}` is a private address and stays closed", target.pattern),
            Some(hint),
        );
    }
}

fn warn_expired(
    until: Option<i64>,
    span: drawbridge_text::Span,
    text: &str,
    now: i64,
    report: &mut Report<'_>,
) {
    if let Some(until) = until.filter(|until| now >= *until) {
        let message = format!("`{text}` has expired: it ended with {}", date::format(until));
        report.warn(span, "expired", message, Some("remove it, or set a new date"));
    }
}

/// A deny that takes away all that `entry` allows.
fn shadow<'p>(entry: &'p Entry, policy: &'p Policy) -> Option<&'p Rule> {
    let mut covering = policy.deny_tree.covering(&entry.target.pattern).map(|number| &policy.deny[number]);
    covering.find(|rule| cover::denied_by(&entry.target, [*rule]))
}

/// Asks for a secret whose host is closed: it could never be sent.
fn warn_asks(document: &Document, policy: &Policy, now: i64, report: &mut Report<'_>) {
    let closed =
        |host: &Host| !policy.decide(&Request::connection(Scheme::Https, host, 443), now).is_allowed();
    for ask in &document.asks {
        if let AskEntry::Secret { name, host, span, .. } = ask
            && closed(host)
        {
            let message = format!("the secret `{name}` is for {host}, which is not allowed");
            report.warn(*span, "secret-host-closed", message, Some("allow the host, or remove the ask"));
        }
    }
}
