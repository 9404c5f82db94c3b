//! One compiled line of a policy.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::glob::{Case, Glob};
use crate::path::CanonicalPath;
use crate::query::Query;
use crate::{HostPattern, Request, RuleRef, Scheme};

/// What a matching rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Opens.
    Allow,
    /// Closes, whatever any layer allows.
    Deny,
}

/// A rule in force. Which requests it is about, and where it stands.
#[derive(Debug, Clone)]
pub struct Rule {
    pub(crate) action: Action,
    pub(crate) target: Target,
    pub(crate) source: Arc<RuleRef>,
}

/// The requests a rule is about. `None` in a field means any.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Target {
    pub(crate) pattern: HostPattern,
    pub(crate) scheme: Option<Scheme>,
    pub(crate) ports: Option<Box<[u16]>>,
    pub(crate) methods: Option<Box<[Box<str>]>>,
    pub(crate) paths: Option<Box<[Glob]>>,
    pub(crate) query: Option<Query>,
    pub(crate) private: bool,
}

/// How far a request agrees with a rule; the further, the better the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Agreement {
    Host,
    Scheme,
    Port,
    Method,
    Path,
    Full,
}

impl Rule {
    /// Opens or closes.
    pub fn action(&self) -> Action {
        self.action
    }

    /// Which hosts.
    pub fn pattern(&self) -> &HostPattern {
        &self.target.pattern
    }

    /// Which scheme; `None`, in deny rules only, is any.
    pub fn scheme(&self) -> Option<Scheme> {
        self.target.scheme
    }

    /// Which ports; `None`, in deny rules only, is any.
    pub fn ports(&self) -> Option<&[u16]> {
        self.target.ports.as_deref()
    }

    /// Whether TLS has to end in the sidecar for this rule to be judged.
    pub fn needs_inspection(&self) -> bool {
        self.target.is_constrained() && self.target.scheme != Some(Scheme::Http)
    }

    /// Whether the rule opens private addresses.
    pub fn is_private(&self) -> bool {
        self.target.private
    }

    /// Where the rule stands, with its text, reason and end.
    pub fn source(&self) -> &RuleRef {
        &self.source
    }

    /// Whether the rule no longer allows anything.
    pub fn is_expired(&self, now: i64) -> bool {
        self.source.until.is_some_and(|until| now >= until)
    }
}

impl Target {
    /// Whether the verdict depends on the request, not only on the connection.
    pub(crate) fn is_constrained(&self) -> bool {
        self.methods.is_some() || self.paths.is_some() || self.query.is_some()
    }

    pub(crate) fn has_port(&self, port: u16) -> bool {
        self.ports.as_deref().is_none_or(|ports| ports.contains(&port))
    }

    /// Scheme and port agree. A constrained rule is never about a connection without requests.
    pub(crate) fn connects(&self, scheme: Scheme, port: u16) -> bool {
        self.scheme.is_none_or(|own| own == scheme)
            && self.has_port(port)
            && (scheme.has_requests() || !self.is_constrained())
    }

    /// Compares a request whose host already agrees with an allow rule. A head that is not known
    /// agrees with any constraint: the caller must ask again when it is.
    pub(crate) fn agreement(&self, request: &Request<'_>, path: Option<&CanonicalPath<'_>>) -> Agreement {
        if self.scheme.is_some_and(|own| own != request.scheme) {
            return Agreement::Host;
        }
        if !self.has_port(request.port) {
            return Agreement::Scheme;
        }
        let Some(method) = request.method else {
            return Agreement::Full;
        };
        if self.methods.as_deref().is_some_and(|methods| !methods.iter().any(|own| **own == *method)) {
            return Agreement::Port;
        }
        let matches = |globs: &[Glob]| path.is_some_and(|path| all_readings(globs, path));
        if self.paths.as_deref().is_some_and(|globs| !matches(globs)) {
            return Agreement::Method;
        }
        if self.query.as_ref().is_some_and(|query| !query.permits(request.query)) {
            return Agreement::Path;
        }
        Agreement::Full
    }

    /// The deny side, for a known head: what is not known counts as caught.
    pub(crate) fn catches(&self, request: &Request<'_>, path: Option<&CanonicalPath<'_>>) -> bool {
        let method = request.method.unwrap_or_default();
        self.methods
            .as_deref()
            .is_none_or(|methods| methods.iter().any(|own| own.eq_ignore_ascii_case(method)))
            && self.paths.as_deref().is_none_or(|globs| path.is_none_or(|path| one_reading(globs, path)))
            && self.query.as_ref().is_none_or(|query| query.catches(request.query))
    }

    /// The rule in the string grammar; query and `private`, which it lacks, in words behind it.
    pub(crate) fn describe(&self, action: Action) -> String {
        let mut out = String::new();
        if let Some(methods) = &self.methods {
            out.push_str(&methods.join(","));
            out.push(' ');
        }
        match self.scheme {
            Some(Scheme::Https) if action == Action::Allow => {}
            None => {}
            Some(scheme) => {
                let _ = write!(out, "{scheme}://");
            }
        }
        let _ = write!(out, "{}", self.pattern);
        let usual = self.scheme.and_then(Scheme::default_port).filter(|_| action == Action::Allow);
        if let Some(ports) = self.ports.as_deref()
            && usual.is_none_or(|usual| ports != [usual])
        {
            let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
            let _ = write!(out, ":{}", ports.join(","));
        }
        match self.paths.as_deref() {
            Some([only]) => out.push_str(only.as_str()),
            Some(globs) => {
                let globs: Vec<&str> = globs.iter().map(Glob::as_str).collect();
                let _ = write!(out, " paths {}", globs.join(" "));
            }
            None => {}
        }
        if let Some(query) = &self.query {
            let names: Vec<&str> = query.parameters().map(|(name, _)| name).collect();
            let _ = write!(out, " query {}", names.join(","));
        }
        if self.private {
            out.push_str(" private");
        }
        out
    }
}

/// The allow side: however the upstream reads the path, one of the globs means it.
fn all_readings(globs: &[Glob], path: &CanonicalPath<'_>) -> bool {
    path.readings().all(|reading| globs.iter().any(|glob| glob.matches(reading, Case::Exact)))
}

/// The deny side: there is a way to read the path that one of the globs means.
fn one_reading(globs: &[Glob], path: &CanonicalPath<'_>) -> bool {
    path.readings().any(|reading| globs.iter().any(|glob| glob.matches(reading, Case::Ignored)))
}
