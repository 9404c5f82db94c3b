//! `drawbridge check METHOD URL`: the sidecar's own judgement of a URL, without the sidecar.

use crate::{Authority, AuthorityError, Decision, Policy, Request, Scheme};

/// What a URL asks for, and the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// From the URL.
    pub scheme: Scheme,
    /// From the URL; a missing port is the scheme's.
    pub authority: Authority,
    /// The answer the sidecar would give.
    pub decision: Decision,
}

/// Why a text is not a URL to ask about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// No `://`.
    #[error("the URL has no scheme")]
    NoScheme,
    /// Not `https`, `http`, `ssh` or `tcp`.
    #[error("the scheme `{0}` is not known")]
    UnknownScheme(String),
    /// A `tcp` URL without port.
    #[error("a `tcp` URL needs a port")]
    NoPort,
    /// `#…` is never sent.
    #[error("a fragment is never sent, so no rule can be about it")]
    Fragment,
    /// `ssh` and `tcp` have no path.
    #[error("a `{0}` URL has no path")]
    NoPath(Scheme),
    /// The part between `://` and the path.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
}

impl CheckError {
    /// A next step for the user.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoScheme => Some("write it with `https://` in front"),
            Self::UnknownScheme(_) => Some("use `https`, `http`, `ssh` or `tcp`"),
            Self::NoPort => Some("write the port, as in `tcp://db.corp.example:5432`"),
            Self::Fragment => Some("remove the part from `#` on"),
            Self::NoPath(_) => Some("remove the part behind the port"),
            Self::Authority(AuthorityError::Host(error)) => error.hint(),
            Self::Authority(_) => None,
        }
    }
}

impl Policy {
    /// Judges `url` as the sidecar would: first the connection, then, where the connection has to be
    /// looked into, the request.
    pub fn check(&self, method: &str, url: &str, now: i64) -> Result<Checked, CheckError> {
        let (scheme, rest) = url.split_once("://").ok_or(CheckError::NoScheme)?;
        let scheme = Scheme::from_name(&scheme.to_ascii_lowercase())
            .ok_or_else(|| CheckError::UnknownScheme(scheme.to_owned()))?;
        if rest.contains('#') {
            return Err(CheckError::Fragment);
        }
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let authority = match scheme.default_port() {
            Some(port) => Authority::parse_or(authority, port)?,
            None => match Authority::parse(authority) {
                Err(AuthorityError::MissingPort) => return Err(CheckError::NoPort),
                other => other?,
            },
        };
        if !scheme.has_requests() && !target.is_empty() {
            return Err(CheckError::NoPath(scheme));
        }
        let connection = Request::connection(scheme, &authority.host, authority.port);
        let mut decision = self.decide(&connection, now);
        let visible = scheme == Scheme::Http || (scheme == Scheme::Https && decision.inspect);
        if decision.is_allowed() && visible {
            let (path, query) = match target.split_once('?') {
                Some((path, query)) => (path, Some(query)),
                None => (target, None),
            };
            let path = if path.is_empty() { "/" } else { path };
            decision =
                self.decide(&Request { method: Some(method), path: Some(path), query, ..connection }, now);
        }
        Ok(Checked { scheme, authority, decision })
    }
}
