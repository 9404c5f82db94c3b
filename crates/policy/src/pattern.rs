//! Which hosts a rule is about: one host, or everything below a name.

use std::fmt;

use crate::address;
use crate::{Host, HostError};

/// A host or a wildcard over the subdomains of one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HostPattern {
    /// Exactly this host.
    Exact(Host),
    /// Any depth of subdomain of this name, never the name itself, never an address.
    Below(Host),
}

/// Why a text is no host pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// `*` alone.
    #[error("`*` would allow every host")]
    Everything,
    /// A star that is not the whole first label.
    #[error("a `*` is only understood as the whole first label, as in `*.example.com`")]
    MisplacedStar,
    /// `*.127.0.0.1`.
    #[error("an address has no subdomains")]
    BelowAddress,
    /// `*.com`, `*.co.uk`, or a name whose subdomains belong to different customers.
    #[error("a wildcard over a domain where {0}")]
    PublicSuffix(SuffixKind),
    /// An address in a spelling that readers may take for another one.
    #[error("the address is not in its usual spelling")]
    OddAddress,
    /// The rest is no host.
    #[error(transparent)]
    Host(#[from] HostError),
}

/// Who hands out names below a public suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuffixKind {
    /// A registry, as for `com`.
    Registry,
    /// A company that gives each customer a subdomain, as hosting services do.
    Company,
}

impl fmt::Display for SuffixKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Registry => "everybody can register a name",
            Self::Company => "everybody who is a customer gets a name",
        })
    }
}

impl PatternError {
    /// A next step for the author.
    pub fn hint(self) -> Option<&'static str> {
        match self {
            Self::Everything => Some("list the hosts, or let `mode: observe` of your own policy find them"),
            Self::MisplacedStar => Some("write each host, or `*.` and the domain they share"),
            Self::BelowAddress => Some("write the address itself"),
            Self::PublicSuffix(_) => Some("name the subdomain that is needed, as in `project.example.com`"),
            Self::OddAddress => {
                Some("write four decimal numbers, or the short lower-case form of IPv6 in brackets")
            }
            Self::Host(error) => error.hint(),
        }
    }
}

impl HostPattern {
    /// Reads `host` or `*.host`. `wide` also takes wildcards over public suffixes, which is right for
    /// a deny and never for an allow.
    pub fn parse(text: &str, wide: bool) -> Result<Self, PatternError> {
        if text == "*" || text == "**" {
            return Err(PatternError::Everything);
        }
        let Some(parent) = text.strip_prefix("*.") else {
            if text.contains('*') {
                return Err(PatternError::MisplacedStar);
            }
            return Self::exact(text);
        };
        if parent.contains('*') {
            return Err(PatternError::MisplacedStar);
        }
        let parent = Host::parse(parent)?;
        if parent.is_ip() {
            return Err(PatternError::BelowAddress);
        }
        match suffix_kind(&parent) {
            Some(kind) if !wide => Err(PatternError::PublicSuffix(kind)),
            _ => Ok(Self::Below(parent)),
        }
    }

    fn exact(text: &str) -> Result<Self, PatternError> {
        let host = Host::parse(text)?;
        let spelled = text.trim_start_matches('[').trim_end_matches(']');
        if host.is_ip() && host.as_str() != spelled.to_ascii_lowercase() {
            return Err(PatternError::OddAddress);
        }
        Ok(Self::Exact(host))
    }

    /// The host, or the name above the hosts.
    pub fn host(&self) -> &Host {
        match self {
            Self::Exact(host) | Self::Below(host) => host,
        }
    }

    /// Whether the pattern is a wildcard.
    pub fn is_wildcard(&self) -> bool {
        matches!(self, Self::Below(_))
    }

    /// Whether `host` is meant. The policy asks its label tree instead; both agree.
    pub fn matches(&self, host: &Host) -> bool {
        match self {
            Self::Exact(exact) => exact == host,
            Self::Below(parent) => !host.is_ip() && is_below(host.as_str(), parent.as_str()),
        }
    }

    /// Whether every host that `other` means is meant by `self`.
    pub fn covers(&self, other: &Self) -> bool {
        match other {
            Self::Exact(host) => self.matches(host),
            Self::Below(parent) => self == other || (self.is_wildcard() && self.matches(parent)),
        }
    }

    /// Whether the pattern names a metadata service or the sidecar itself, which no layer can allow.
    pub(crate) fn is_unreachable(&self) -> bool {
        let Self::Exact(host) = self else {
            return self.host().as_str() == "localhost";
        };
        address::is_metadata_name(host)
            || address::is_loopback_name(host)
            || host.ip().is_some_and(|ip| !address::class(ip).may_dial(true))
    }

    /// Whether the host can only be reached with `private`.
    pub(crate) fn needs_private(&self) -> bool {
        let Self::Exact(host) = self else {
            return false;
        };
        address::is_engine_host_name(host) || host.ip().is_some_and(|ip| !address::class(ip).may_dial(false))
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(host) if matches!(host.ip(), Some(std::net::IpAddr::V6(_))) => write!(f, "[{host}]"),
            Self::Exact(host) => write!(f, "{host}"),
            Self::Below(parent) => write!(f, "*.{parent}"),
        }
    }
}

fn is_below(name: &str, parent: &str) -> bool {
    name.strip_suffix(parent).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
}

/// The public suffix list, private section included; a top-level domain it does not know counts.
fn suffix_kind(host: &Host) -> Option<SuffixKind> {
    let suffix = psl::suffix(host.as_str().as_bytes())?;
    if suffix.as_bytes() != host.as_str().as_bytes() {
        return None;
    }
    match suffix.typ() {
        Some(psl::Type::Private) => Some(SuffixKind::Company),
        _ => Some(SuffixKind::Registry),
    }
}
