//! What a client asks for, as far as it is known at the moment of the question.

use std::fmt;

use crate::Host;

/// How the sidecar speaks to the upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// TLS; method and path are visible only where the host is inspected.
    Https,
    /// Plain HTTP; method and path are always visible.
    Http,
    /// Bytes that are not looked at.
    Tcp,
    /// SSH; like TCP, but a repository may allow it.
    Ssh,
}

impl Scheme {
    /// Every scheme, in the order of [`Scheme::name`]'s documentation.
    pub const ALL: [Self; 4] = [Self::Https, Self::Http, Self::Tcp, Self::Ssh];

    /// `https`, `http`, `tcp` or `ssh`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
            Self::Tcp => "tcp",
            Self::Ssh => "ssh",
        }
    }

    /// The port a rule without one means; a `tcp` rule must write it.
    pub fn default_port(self) -> Option<u16> {
        match self {
            Self::Https => Some(443),
            Self::Http => Some(80),
            Self::Ssh => Some(22),
            Self::Tcp => None,
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.name() == name)
    }

    /// Whether requests of this scheme have a method and a path.
    pub(crate) fn has_requests(self) -> bool {
        matches!(self, Self::Https | Self::Http)
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One question to [`Policy::decide`](crate::Policy::decide).
///
/// Before the head of a request is known (CONNECT, SNI) `method`, `path` and `query` are `None`; then
/// the answer says whether the connection may go on and whether it must be inspected. Once the head
/// is known, `method` and `path` are `Some` and the answer is final.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// How the upstream is spoken to.
    pub scheme: Scheme,
    /// The canonical host.
    pub host: &'a Host,
    /// The port that would be dialled.
    pub port: u16,
    /// The method as on the wire, case kept.
    pub method: Option<&'a str>,
    /// The raw path, without query. It is canonicalised here; send
    /// [`CanonicalPath::as_str`](crate::path::CanonicalPath::as_str) upstream, not the raw text.
    pub path: Option<&'a str>,
    /// The raw query, without `?`. `None` when the target has none.
    pub query: Option<&'a str>,
}

impl<'a> Request<'a> {
    /// A connection whose request head is not known yet.
    pub fn connection(scheme: Scheme, host: &'a Host, port: u16) -> Self {
        Self { scheme, host, port, method: None, path: None, query: None }
    }
}
