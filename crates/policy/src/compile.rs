//! Layers to one policy: what each layer may grant, and what it can only ask for.

use std::collections::HashMap;
use std::sync::Arc;

use crate::document::{self, AskEntry, Document, Entry, May, Mode, Use};
use crate::policy::OWN_PORTS;
use crate::report::Report;
use crate::rule::{Action, Rule, Target};
use crate::{Ask, AskKind, Diagnostic, Host, HostPattern, Layer, LayerKind, Loaded, Policy, RuleRef, Scheme};
use crate::{bundle, catalogue, lint};

/// Reads and compiles all layers.
pub(crate) fn load(layers: &[Layer], now: i64) -> Result<Loaded, Vec<Diagnostic>> {
    let mut ordered: Vec<&Layer> = layers.iter().collect();
    ordered.sort_by_key(|layer| layer.kind);
    let mut read: Vec<(Document, Report<'_>)> = Vec::new();
    for layer in ordered {
        let mut report = Report::new(layer);
        let document = document::read(&layer.text, &mut report);
        read.push((document, report));
    }
    if read.iter().any(|(_, report)| report.has_errors()) {
        return Err(finish(read));
    }
    let mut policy = Policy::default();
    let bounds: Vec<Vec<May>> =
        read.iter_mut().filter_map(|(document, _)| document.repository_may.take()).collect();
    let mut ports = HashMap::new();
    for (document, report) in &mut read {
        Compiler { policy: &mut policy, bounds: &bounds, ports: &mut ports, now, report }.add(document);
    }
    settle_mode(&mut policy, &mut read, now);
    if read.iter().any(|(_, report)| report.has_errors()) {
        return Err(finish(read));
    }
    for (document, report) in &mut read {
        lint::warn(document, &policy, now, report);
    }
    Ok(Loaded { policy, warnings: finish(read) })
}

/// Errors alone when there are any: a warning beside a policy that does not load only distracts.
fn finish(read: Vec<(Document, Report<'_>)>) -> Vec<Diagnostic> {
    let failed = read.iter().any(|(_, report)| report.has_errors());
    let all = read.into_iter().flat_map(|(_, report)| report.finish());
    all.filter(|one| !failed || one.severity == crate::Severity::Error).collect()
}

struct Compiler<'c, 'l> {
    policy: &'c mut Policy,
    /// `repositoryMay` of each layer that has one; all of them bind.
    bounds: &'c [Vec<May>],
    /// Which host a live `tcp` rule has claimed a port for.
    ports: &'c mut HashMap<u16, (Host, Arc<RuleRef>)>,
    now: i64,
    report: &'c mut Report<'l>,
}

impl Compiler<'_, '_> {
    fn add(&mut self, document: &Document) {
        for usage in &document.uses {
            self.add_bundle(usage);
        }
        for entry in &document.allow {
            self.add_allow(entry);
        }
        for entry in &document.deny {
            let target = self.without_forbidden_inspection(entry);
            let source = self.report.source(entry.span, target.describe(Action::Deny), &entry.note);
            self.policy.add(Rule { action: Action::Deny, target, source: Arc::new(source) });
        }
        for ask in &document.asks {
            self.add_ask(ask);
        }
        self.policy.inspect_always |= document.inspect_always;
        self.policy.requires_review |= document.requires_review;
        self.add_proxy(document);
        self.policy.denied_names = document.denied_names.unwrap_or(self.policy.denied_names);
    }

    fn add_proxy(&mut self, document: &Document) {
        let Some((proxy, span)) = &document.upstream_proxy else { return };
        if self.policy.upstream_proxy.as_ref().is_some_and(|other| other != proxy) {
            let message = "another of your policies names another upstream proxy";
            self.report.error(
                *span,
                "two-proxies",
                message,
                Some("all traffic takes one: keep one of the two"),
            );
        }
        self.policy.upstream_proxy = Some(proxy.clone());
    }

    fn add_bundle(&mut self, usage: &Use) {
        if self.is_repository() && !self.bounds.iter().all(|may| bundle_is_within(may, usage)) {
            let message =
                format!("`{}` is outside what `repositoryMay` lets a repository use", usage.describe());
            self.report.warn(
                usage.span,
                "repository-may-not",
                message,
                Some("ignored; allow it in your own policy"),
            );
            return;
        }
        for target in bundle::expand(usage) {
            let mut source = self.report.source(usage.span, target.describe(Action::Allow), &usage.note);
            source.bundle = Some(usage.bundle.id.clone());
            self.policy.add(Rule { action: Action::Allow, target, source: Arc::new(source) });
        }
    }

    fn add_allow(&mut self, entry: &Entry) {
        let source =
            Arc::new(self.report.source(entry.span, entry.target.describe(Action::Allow), &entry.note));
        let refusal = if self.is_repository() { self.refusal(&entry.target) } else { None };
        let Some((code, why)) = refusal else {
            self.claim_ports(entry, &source);
            self.policy.add(Rule { action: Action::Allow, target: entry.target.clone(), source });
            return;
        };
        let message = format!("`{}` is asked for, not granted: {why}", source.text);
        self.report.warn(
            entry.span,
            code,
            message,
            Some("allow the same target in your own policy to grant it"),
        );
        self.policy.add_ask(Ask { kind: AskKind::Rule, source, target: Some(entry.target.clone()) });
    }

    /// Why a repository cannot open `target` itself.
    fn refusal(&self, target: &Target) -> Option<(&'static str, &'static str)> {
        const CANNOT: &str = "repository-cannot-grant";
        if target.scheme == Some(Scheme::Tcp) {
            return Some((CANNOT, "a repository cannot open `tcp` targets"));
        }
        let opaque = |port: &u16| OWN_PORTS.contains(port);
        if target.scheme == Some(Scheme::Ssh)
            && target.ports.as_deref().is_some_and(|ports| ports.iter().any(opaque))
        {
            return Some((CANNOT, "a repository cannot have this port passed through unseen"));
        }
        if target.private || target.pattern.needs_private() {
            return Some((CANNOT, "a repository cannot open private addresses"));
        }
        if target.is_constrained()
            && target.scheme == Some(Scheme::Https)
            && catalogue::touches_never_inspected(&target.pattern)
        {
            return Some((CANNOT, "a repository cannot have this host inspected, which breaks it"));
        }
        let outside = self.bounds.iter().any(|may| !host_is_within(may, &target.pattern));
        outside
            .then_some(("repository-may-not", "it is outside what `repositoryMay` lets a repository allow"))
    }

    /// A repository that denies part of a host nobody may look into denies all of it.
    fn without_forbidden_inspection(&mut self, entry: &Entry) -> Target {
        let mut target = entry.target.clone();
        if self.is_repository()
            && target.is_constrained()
            && target.scheme != Some(Scheme::Http)
            && catalogue::touches_never_inspected(&target.pattern)
        {
            let message = "this host must not be inspected, so all of it is denied";
            self.report.warn(entry.span, "repository-cannot-grant", message, None);
            (target.methods, target.paths, target.query) = (None, None, None);
        }
        target
    }

    /// A listener knows only its port, so a port can lead to one host.
    fn claim_ports(&mut self, entry: &Entry, source: &Arc<RuleRef>) {
        let live = source.until.is_none_or(|until| self.now < until);
        let (Some(Scheme::Tcp), HostPattern::Exact(host), true) =
            (entry.target.scheme, &entry.target.pattern, live)
        else {
            return;
        };
        let ports = entry.target.ports.as_deref().unwrap_or_default();
        // No listener can be on these, so nothing is claimed.
        for port in ports.iter().filter(|port| !OWN_PORTS.contains(port)) {
            let (owner, other) =
                self.ports.entry(*port).or_insert_with(|| (host.clone(), Arc::clone(source)));
            if owner != host {
                let message = format!("port {port} already leads to another host, by {}", other.describe());
                self.report.error(
                    entry.span,
                    "port-taken",
                    message,
                    Some("one port can lead to one host only"),
                );
            }
        }
    }

    fn add_ask(&mut self, entry: &AskEntry) {
        let (kind, text, target, note, span) = match entry {
            AskEntry::Rule(Entry { target, note, span }) => {
                (AskKind::Rule, target.describe(Action::Allow), Some(target.clone()), note, *span)
            }
            AskEntry::Secret { name, host, note, span } => {
                let text = format!("secret `{name}` for {host}");
                (AskKind::Secret { name: name.clone(), host: host.clone() }, text, None, note, *span)
            }
            AskEntry::Observe { note, span } => {
                (AskKind::Observe, "mode: observe".to_owned(), None, note, *span)
            }
        };
        if !self.is_repository() {
            let hint = "write it under `allow`";
            self.report.warn(
                span,
                "asks-nobody",
                "only a repository has to ask; this has no effect",
                Some(hint),
            );
            return;
        }
        let source = Arc::new(self.report.source(span, text, note));
        self.policy.add_ask(Ask { kind, source, target });
    }

    fn is_repository(&self) -> bool {
        self.report.kind() == LayerKind::Repository
    }
}

fn bundle_is_within(may: &[May], usage: &Use) -> bool {
    may.iter().any(|may| matches!(may, May::Bundle(own) if own.permits(usage)))
}

fn host_is_within(may: &[May], pattern: &HostPattern) -> bool {
    may.iter().any(|may| matches!(may, May::Hosts(own) if own.covers(pattern)))
}

/// Longest time, in seconds, for which a policy file may let everything through.
const MAX_OBSERVE: i64 = 31 * 24 * 60 * 60;

/// Observes when a trusted layer says so, for a bounded time, and no trusted layer says `enforce`.
fn settle_mode(policy: &mut Policy, read: &mut [(Document, Report<'_>)], now: i64) {
    let mut enforce = false;
    for (document, report) in read {
        match &document.mode {
            Some(Mode::Enforce) => enforce |= report.kind().is_trusted(),
            Some(Mode::Observe { note, span }) => {
                let source = Arc::new(report.source(*span, "mode: observe".to_owned(), note));
                if report.kind().is_trusted() {
                    if note.until.is_none_or(|until| until - now > MAX_OBSERVE) {
                        let hint = "write `\"mode\": { \"observe\": { \"until\": \"YYYY-MM-DD\" } }` with a day in the next 31";
                        let message = "nothing is enforced, and nothing ends that soon";
                        report.error(*span, "observe-without-end", message, Some(hint));
                    }
                    policy.observe = Some(source);
                } else {
                    policy.add_ask(Ask { kind: AskKind::Observe, source, target: None });
                }
            }
            None => {}
        }
    }
    if enforce {
        policy.observe = None;
    }
}
