//! The answer to one question, with the line of a policy that gave it.

use std::sync::Arc;

use crate::LayerKind;

/// Whether the request may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Forward it.
    Allow,
    /// Refuse it.
    Deny,
}

/// Why. The serialised form is the code that logs and 403 answers carry; it does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// A rule allows it.
    Allowed,
    /// No rule does, but the policy is in `observe` mode.
    Observed,
    /// No rule names the host.
    HostNotAllowed,
    /// The host is an address and no rule names that address.
    IpLiteral,
    /// The address is one that the matching rule does not open, or that no rule can open.
    AddressRefused,
    /// The host is allowed with another scheme.
    SchemeNotAllowed,
    /// The host is allowed on another port.
    PortNotAllowed,
    /// The path has no single canonical form.
    PathNotCanonical,
    /// The host is allowed with other methods.
    Method,
    /// The host is allowed with other paths.
    Path,
    /// The path is allowed with another query.
    Query,
    /// The rule that allowed it has expired.
    Expired,
    /// A deny rule of any layer.
    DeniedByRule,
    /// The repository asks for it; nobody on the host has granted it.
    NotGranted,
}

impl Reason {
    /// The kebab-case code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Observed => "observed",
            Self::HostNotAllowed => "host-not-allowed",
            Self::IpLiteral => "ip-literal",
            Self::AddressRefused => "address-refused",
            Self::SchemeNotAllowed => "scheme-not-allowed",
            Self::PortNotAllowed => "port-not-allowed",
            Self::PathNotCanonical => "path-not-canonical",
            Self::Method => "method",
            Self::Path => "path",
            Self::Query => "query",
            Self::Expired => "expired",
            Self::DeniedByRule => "denied-by-rule",
            Self::NotGranted => "not-granted",
        }
    }
}

/// Where a rule stands, for people.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RuleRef {
    /// The rule in the string grammar, canonical.
    pub text: String,
    /// The layer that wrote it.
    pub layer: LayerKind,
    /// That layer's file, as the caller named it.
    pub file: String,
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// The catalogue bundle the rule comes from; then `line` is that of the `use` entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle: Option<String>,
    /// The author's reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Unix seconds; from then on the rule no longer allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
}

/// The answer of [`Policy::decide`](crate::Policy::decide).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts about one connection")]
pub struct Decision {
    /// Forward or refuse.
    pub verdict: Verdict,
    /// Why, as a code.
    pub reason: Reason,
    /// The rule that decided; on a denial without a deny rule, the one that came closest.
    #[serde(serialize_with = "serialize_rule", skip_serializing_if = "Option::is_none")]
    pub rule: Option<Arc<RuleRef>>,
    /// TLS must end in the sidecar, because the verdict depends on each request or the policy says
    /// `inspect: always`. False for plain HTTP, where every request is seen anyway.
    pub inspect: bool,
    /// A rule allows the connection without looking inside and no deny needs a look. A sidecar that
    /// cannot inspect forwards only where this is true.
    pub pass_through: bool,
    /// The matching rules limit methods, so headers that override the method must be refused.
    pub limits_methods: bool,
    /// A trusted rule opens private addresses for this host and port
    /// (argument of [`AddressClass::may_dial`](crate::address::AddressClass::may_dial)).
    pub private: bool,
}

impl Decision {
    /// Whether the request may pass.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.verdict == Verdict::Allow
    }

    /// One line for a person: the reason and the rule, without markup. Foreign text is not escaped.
    pub fn explain(&self) -> String {
        let rule = match &self.rule {
            Some(rule) => rule.describe(),
            None => String::new(),
        };
        let because = |what: &str| if rule.is_empty() { what.to_owned() } else { format!("{what} {rule}") };
        match self.reason {
            Reason::Allowed => because("allowed by"),
            Reason::Observed => "no rule allows it; let through because the policy only observes".to_owned(),
            Reason::HostNotAllowed => "no rule allows this host".to_owned(),
            Reason::IpLiteral => "no rule allows this address; rules for names do not cover it".to_owned(),
            Reason::AddressRefused => because("this kind of address is refused, whatever is said by"),
            Reason::SchemeNotAllowed => because("the host is allowed with another scheme, by"),
            Reason::PortNotAllowed => because("the host is allowed on another port, by"),
            Reason::PathNotCanonical => "the path can be read in two ways".to_owned(),
            Reason::Method => because("the method is not among those allowed by"),
            Reason::Path => because("the path is not among those allowed by"),
            Reason::Query => because("the query is not among those allowed by"),
            Reason::Expired => because("expired:"),
            Reason::DeniedByRule => because("denied by"),
            Reason::NotGranted => because("asked for, but not granted on the host:"),
        }
    }
}

impl RuleRef {
    /// `text (layer, file:line), reason`.
    pub fn describe(&self) -> String {
        use std::fmt::Write as _;

        let mut out = format!("`{}` ({}, {}:{}", self.text, self.layer, self.file, self.line);
        if let Some(bundle) = &self.bundle {
            let _ = write!(out, ", bundle {bundle}");
        }
        out.push(')');
        if let Some(until) = self.until {
            let _ = write!(out, ", until {}", crate::date::format(until));
        }
        if let Some(reason) = &self.reason {
            let _ = write!(out, ", reason: {reason}");
        }
        out
    }
}

#[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
fn serialize_rule<S: serde::Serializer>(
    rule: &Option<Arc<RuleRef>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(&rule.as_deref(), serializer)
}
