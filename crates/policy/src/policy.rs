//! The policy in force: compiled rules of all layers.

use std::sync::Arc;

use crate::rule::{Action, Rule};
use crate::tree::Tree;
use crate::{Ask, AskKind, Authority, Diagnostic, Host, HostPattern, Layer, RuleRef, Scheme, compile, cover};

/// Ports on which the sidecar itself listens; a `tcp` rule cannot have a listener there.
pub(crate) const OWN_PORTS: [u16; 4] = [53, 80, 443, 3128];

/// All layers, compiled. The default allows nothing.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    pub(crate) allow: Vec<Rule>,
    pub(crate) deny: Vec<Rule>,
    pub(crate) asks: Vec<Ask>,
    pub(crate) allow_tree: Tree,
    pub(crate) deny_tree: Tree,
    pub(crate) ask_tree: Tree,
    pub(crate) inspect_always: bool,
    pub(crate) observe: Option<Arc<RuleRef>>,
    pub(crate) denied_names: DeniedNames,
    pub(crate) requires_review: bool,
    pub(crate) upstream_proxy: Option<UpstreamProxy>,
}

/// A company's proxy through which everything leaves that is not private.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UpstreamProxy {
    /// Where it listens for CONNECT, without TLS.
    pub authority: Authority,
    /// The name of the secret with its credentials.
    pub secret: Option<String>,
}

/// A policy, and what its authors should know.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The compiled policy.
    pub policy: Policy,
    /// Findings that do not stop it, in the order of the layers.
    pub warnings: Vec<Diagnostic>,
}

/// What the sidecar's DNS answers for a name that is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeniedNames {
    /// NXDOMAIN.
    #[default]
    Nxdomain,
    /// The sidecar's own address, so that a client gets a 403 with the reason.
    Explain,
}

/// A port that the sidecar has to listen on for a `tcp` rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Never one of the sidecar's own ports; each occurs once.
    pub port: u16,
    /// Where connections go.
    pub host: Host,
    /// The rule that asked for it.
    pub rule: Arc<RuleRef>,
}

/// Reads and compiles `layers`, which may come in any order; `now` is in unix seconds and decides
/// only which warnings are given. No layer, or empty ones, allow nothing.
///
/// # Errors
///
/// Every error of every layer, with file, line and column. Nothing is loaded then.
pub fn load(layers: &[Layer], now: i64) -> Result<Loaded, Vec<Diagnostic>> {
    compile::load(layers, now)
}

impl Policy {
    /// All rules, allow before deny, in the order of the layers.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.allow.iter().chain(&self.deny)
    }

    /// The rules whose pattern means `host`, allow before deny, live or not.
    pub fn rules_about<'p>(&'p self, host: &'p Host) -> impl Iterator<Item = &'p Rule> {
        let allow = self.allow_tree.rules(host).map(|index| &self.allow[index]);
        allow.chain(self.deny_tree.rules(host).map(|index| &self.deny[index]))
    }

    /// What the repository asks for, granted or not.
    pub fn asks(&self) -> &[Ask] {
        &self.asks
    }

    /// Whether a trusted layer allows all that `ask` is about. Secrets and modes are never granted
    /// by a rule: false.
    pub fn is_granted(&self, ask: &Ask, now: i64) -> bool {
        let live = |rule: &&Rule| rule.source.layer.is_trusted() && !rule.is_expired(now);
        ask.target.as_ref().is_some_and(|target| {
            let rules: Vec<&Rule> = self.allow.iter().filter(live).collect();
            cover::allowed_by(target, Some(now), &rules)
        })
    }

    /// The listeners of `tcp` rules that name one host, by port.
    pub fn listeners(&self, now: i64) -> Vec<Listener> {
        let mut listeners: Vec<Listener> = Vec::new();
        for rule in self.allow.iter().filter(|rule| !rule.is_expired(now)) {
            let (Some(Scheme::Tcp), HostPattern::Exact(host)) = (rule.scheme(), rule.pattern()) else {
                continue;
            };
            for port in rule.ports().unwrap_or_default() {
                let taken = OWN_PORTS.contains(port) || listeners.iter().any(|one| one.port == *port);
                if !taken {
                    let rule = Arc::clone(&rule.source);
                    listeners.push(Listener { port: *port, host: host.clone(), rule });
                }
            }
        }
        listeners.sort_by_key(|listener| listener.port);
        listeners
    }

    /// Whether a live rule of a trusted layer opens private addresses for `host` and `port`. The same
    /// is in [`Decision::private`](crate::Decision::private), narrowed to the scheme.
    pub fn addresses_private_allowed(&self, host: &Host, port: u16, now: i64) -> bool {
        self.allow_tree
            .rules(host)
            .map(|index| &self.allow[index])
            .any(|rule| rule.target.private && rule.target.has_port(port) && !rule.is_expired(now))
    }

    /// Whether the policy lets everything through at `now` and only records.
    pub fn observes(&self, now: i64) -> bool {
        self.observe.as_ref().is_some_and(|source| source.until.is_none_or(|until| now < until))
    }

    /// Whether some host is looked into, will be once its secret is there, or is told inside TLS why it is
    /// closed: then the programs of the
    /// container have to know the gate's certificate.
    pub fn inspects(&self) -> bool {
        self.inspect_always
            || self.denied_names == DeniedNames::Explain
            || self.rules().any(Rule::needs_inspection)
            || self.asks.iter().any(|ask| matches!(ask.kind, AskKind::Secret { .. }))
    }

    /// What DNS answers for a name that is not allowed.
    pub fn denied_names(&self) -> DeniedNames {
        self.denied_names
    }

    /// The proxy that everything leaves through.
    pub fn upstream_proxy(&self) -> Option<&UpstreamProxy> {
        self.upstream_proxy.as_ref()
    }

    /// Whether content of the repository's policy that nobody accepted must not be used.
    pub fn requires_review(&self) -> bool {
        self.requires_review
    }

    /// The next moment after `now` at which a rule or the mode expires, so that live connections can
    /// be judged again then.
    pub fn next_expiry(&self, now: i64) -> Option<i64> {
        let rules = self.allow.iter().filter_map(|rule| rule.source.until);
        let mode = self.observe.as_ref().and_then(|source| source.until);
        rules.chain(mode).filter(|until| *until > now).min()
    }

    pub(crate) fn add(&mut self, rule: Rule) {
        let (rules, tree) = match rule.action {
            Action::Allow => (&mut self.allow, &mut self.allow_tree),
            Action::Deny => (&mut self.deny, &mut self.deny_tree),
        };
        let number = u32::try_from(rules.len()).expect("the loader bounds the number of rules");
        tree.insert(&rule.target.pattern, number);
        rules.push(rule);
    }

    pub(crate) fn add_ask(&mut self, ask: Ask) {
        if let Some(target) = &ask.target {
            let number = u32::try_from(self.asks.len()).expect("the loader bounds the number of asks");
            self.ask_tree.insert(&target.pattern, number);
        }
        self.asks.push(ask);
    }
}
