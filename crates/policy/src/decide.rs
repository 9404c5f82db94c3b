//! The decision: the same function for DNS, CONNECT, SNI, plain and inspected requests.
//!
//! Unknown means deny. A deny rule of any layer is looked for first; then all allow rules of the host
//! are compared and the one that agrees furthest names the reason.

use std::sync::Arc;

use crate::path::{self, CanonicalPath};
use crate::rule::{Agreement, Rule};
use crate::{Decision, Host, Policy, Reason, Request, RuleRef, Scheme, Verdict, address, catalogue};

/// What the allow rules say about one request.
#[derive(Default)]
struct Findings<'p> {
    /// The first live rule that agrees in full.
    allowed: Option<&'p Rule>,
    /// The rule that agrees furthest without allowing, and whether it would but for its end.
    closest: Option<(Agreement, bool, &'p Rule)>,
    pass_through: bool,
    limits_methods: bool,
    private: bool,
}

impl Policy {
    /// Judges one request, or a connection whose request is not known yet, at `now` in unix seconds.
    ///
    /// Allocates only for a path that is not in its plain canonical form, and to find out whether an
    /// ask that would explain a denial has been granted.
    pub fn decide(&self, request: &Request<'_>, now: i64) -> Decision {
        let host = request.host;
        if address::is_metadata_name(host) || address::is_loopback_name(host) {
            return refuse(Reason::AddressRefused, None);
        }
        let head_known = request.method.is_some() && request.scheme.has_requests();
        let path = match request.path {
            Some(raw) if head_known => Some(path::canonical(raw)),
            _ => None,
        };
        let canonical = path.as_ref().and_then(|path| path.as_ref().ok());

        let mut deny_looks = false;
        let mut deny_limits_methods = false;
        for index in self.deny_tree.rules(host) {
            let rule = &self.deny[index];
            if !rule.target.connects(request.scheme, request.port) {
                continue;
            }
            if !rule.target.is_constrained() || (head_known && rule.target.catches(request, canonical)) {
                return refuse(Reason::DeniedByRule, Some(rule));
            }
            deny_looks = true;
            deny_limits_methods |= rule.target.methods.is_some();
        }

        let found = self.compare(request, canonical, now);
        let observes = self.observes(now) && !host.is_ip();
        let (reason, rule) = match found.allowed {
            _ if matches!(path, Some(Err(_)))
                && (found.allowed.is_some() || found.connects() || observes) =>
            {
                return refuse(Reason::PathNotCanonical, found.nearest());
            }
            Some(rule) => (Reason::Allowed, Some(&rule.source)),
            None if observes => (Reason::Observed, self.observe.as_ref()),
            None => return self.explain_denial(request, &found, now),
        };
        if let Some(ip) = host.ip()
            && !address::class(ip).may_dial(found.private)
        {
            return refuse(Reason::AddressRefused, found.allowed);
        }
        let pass_through = (found.pass_through || observes) && !deny_looks;
        let must_look = request.scheme == Scheme::Https
            && (!pass_through || (self.inspect_always && !catalogue::is_never_inspected(host)));
        Decision {
            verdict: Verdict::Allow,
            reason,
            rule: rule.map(Arc::clone),
            inspect: must_look,
            pass_through,
            limits_methods: deny_limits_methods || (found.limits_methods && !found.pass_through),
            private: found.private,
        }
    }

    /// For DNS: whether any live rule, with any scheme and port, may allow a connection to `host`.
    pub fn steer(&self, host: &Host, now: i64) -> Decision {
        let mut last = None;
        for index in self.allow_tree.rules(host) {
            let target = &self.allow[index].target;
            for port in target.ports.as_deref().unwrap_or_default() {
                let scheme = target.scheme.unwrap_or(Scheme::Https);
                let decision = self.decide(&Request::connection(scheme, host, *port), now);
                if decision.is_allowed() {
                    return decision;
                }
                last = Some(decision);
            }
        }
        last.filter(|_| !self.observes(now))
            .unwrap_or_else(|| self.decide(&Request::connection(Scheme::Https, host, 443), now))
    }

    /// For CONNECT, which does not say what will be spoken: the scheme whose rule allows the port. A
    /// `tcp` rule comes first, because it says that the bytes are not to be looked at. Without such a
    /// rule the port decides in observe mode; a denial is the one that came closest to an allow.
    pub fn connect(&self, host: &Host, port: u16, now: i64) -> (Scheme, Decision) {
        let ask = |scheme| (scheme, self.decide(&Request::connection(scheme, host, port), now));
        let mut best = ask(Scheme::Https);
        for scheme in [Scheme::Tcp, Scheme::Https, Scheme::Ssh, Scheme::Http] {
            let next = ask(scheme);
            if next.1.reason == Reason::Allowed {
                return next;
            }
            if closeness(next.1.reason) > closeness(best.1.reason) {
                best = next;
            }
        }
        if best.1.is_allowed() {
            let usual = Scheme::ALL.into_iter().find(|scheme| scheme.default_port() == Some(port));
            return ask(usual.unwrap_or(Scheme::Tcp));
        }
        best
    }

    fn compare(&self, request: &Request<'_>, path: Option<&CanonicalPath<'_>>, now: i64) -> Findings<'_> {
        let mut found = Findings::default();
        let mut first = usize::MAX;
        for index in self.allow_tree.rules(request.host) {
            let rule = &self.allow[index];
            let agreement = rule.target.agreement(request, path);
            let live = !rule.is_expired(now);
            if live && rule.target.connects(request.scheme, request.port) {
                found.pass_through |= !rule.target.is_constrained();
                found.limits_methods |= rule.target.methods.is_some();
                found.private |= rule.target.private;
            }
            if live && agreement == Agreement::Full {
                if index < first {
                    first = index;
                    found.allowed = Some(rule);
                }
                continue;
            }
            let rank = (agreement, !live && agreement == Agreement::Full);
            if found.closest.is_none_or(|(best, expired, _)| rank > (best, expired)) {
                found.closest = Some((rank.0, rank.1, rule));
            }
        }
        found
    }

    fn explain_denial(&self, request: &Request<'_>, found: &Findings<'_>, now: i64) -> Decision {
        if let Some((agreement, expired, rule)) = found.closest
            && (expired || agreement >= Agreement::Port)
        {
            return refuse(reason_of(agreement, expired), Some(rule));
        }
        let asked = self.ask_tree.rules(request.host).map(|index| &self.asks[index]).find(|ask| {
            ask.target.as_ref().is_some_and(|target| target.connects(request.scheme, request.port))
                && !self.is_granted(ask, now)
        });
        if let Some(ask) = asked {
            return refuse_with(Reason::NotGranted, Some(&ask.source));
        }
        match found.closest {
            Some((agreement, expired, rule)) => refuse(reason_of(agreement, expired), Some(rule)),
            None if request.host.is_ip() => refuse(Reason::IpLiteral, None),
            None => refuse(Reason::HostNotAllowed, None),
        }
    }
}

impl<'p> Findings<'p> {
    /// Whether the connection itself would be allowed.
    fn connects(&self) -> bool {
        self.pass_through
            || self.closest.is_some_and(|(agreement, expired, _)| agreement >= Agreement::Port && !expired)
    }

    fn nearest(&self) -> Option<&'p Rule> {
        self.allowed.or(self.closest.map(|(_, _, rule)| rule))
    }
}

fn reason_of(agreement: Agreement, expired: bool) -> Reason {
    match agreement {
        _ if expired => Reason::Expired,
        Agreement::Host => Reason::SchemeNotAllowed,
        Agreement::Scheme => Reason::PortNotAllowed,
        Agreement::Port => Reason::Method,
        Agreement::Method => Reason::Path,
        Agreement::Path => Reason::Query,
        Agreement::Full => Reason::Expired,
    }
}

fn closeness(reason: Reason) -> u8 {
    match reason {
        Reason::Observed => 6,
        Reason::DeniedByRule | Reason::AddressRefused => 5,
        Reason::Expired => 4,
        Reason::NotGranted => 3,
        Reason::PortNotAllowed => 2,
        Reason::SchemeNotAllowed => 1,
        _ => 0,
    }
}

fn refuse(reason: Reason, rule: Option<&Rule>) -> Decision {
    refuse_with(reason, rule.map(|rule| &rule.source))
}

fn refuse_with(reason: Reason, source: Option<&Arc<RuleRef>>) -> Decision {
    Decision {
        verdict: Verdict::Deny,
        reason,
        rule: source.map(Arc::clone),
        inspect: false,
        pass_through: false,
        limits_methods: false,
        private: false,
    }
}
