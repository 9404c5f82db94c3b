//! `host:port`, read with one strict grammar: the target of CONNECT and the value of `Host`.

use crate::{Host, HostError};

/// A canonical host and a port from 1 to 65 535.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Authority {
    /// The canonical host.
    pub host: Host,
    /// Never 0.
    pub port: u16,
}

/// Why a text is not an authority. The answer to a client is 400 in every case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// No `:port` where one is required.
    #[error("the port is missing")]
    MissingPort,
    /// Not a decimal number from 1 to 65 535 without sign or leading zero.
    #[error("the port is not a number from 1 to 65535")]
    BadPort,
    /// More than one `:` outside brackets.
    #[error("an IPv6 address needs brackets and a name has no colon")]
    Colons,
    /// Something between `]` and the port.
    #[error("unexpected text after `]`")]
    AfterBracket,
    /// Credentials in front of the host (`user@host`), a classic way to show one host and mean another.
    #[error("credentials are not allowed in front of the host")]
    Userinfo,
    /// Bytes that are not printable ASCII.
    #[error("an authority is printable ASCII")]
    NotAscii,
    /// The host part is no host.
    #[error(transparent)]
    Host(#[from] HostError),
}

impl Authority {
    /// Reads `( name | IPv4 | "[" IPv6 "]" ) ":" port`, nothing else, nothing left over.
    pub fn parse(text: &str) -> Result<Self, AuthorityError> {
        let (host, port) = split(text)?;
        let port = parse_port(port.ok_or(AuthorityError::MissingPort)?)?;
        Ok(Self { host: Host::parse(host)?, port })
    }

    /// As [`Authority::parse`], but a missing port is `default`: a `Host` header, an absolute URL.
    pub fn parse_or(text: &str, default: u16) -> Result<Self, AuthorityError> {
        let (host, port) = split(text)?;
        let port = port.map_or(Ok(default), parse_port)?;
        Ok(Self { host: Host::parse(host)?, port })
    }
}

impl std::fmt::Display for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.host.with_port(self.port))
    }
}

/// The host with its brackets, and what follows the colon.
fn split(text: &str) -> Result<(&str, Option<&str>), AuthorityError> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(AuthorityError::NotAscii);
    }
    if text.contains('@') {
        return Err(AuthorityError::Userinfo);
    }
    if text.starts_with('[') {
        let end = text.find(']').ok_or(HostError::BadIpv6)?;
        let (host, rest) = text.split_at(end + 1);
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if rest.is_empty() => Ok((host, None)),
            None => Err(AuthorityError::AfterBracket),
        };
    }
    match text.split_once(':') {
        Some((_, port)) if port.contains(':') => Err(AuthorityError::Colons),
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((text, None)),
    }
}

/// A port without sign, leading zero or space.
pub(crate) fn parse_port(text: &str) -> Result<u16, AuthorityError> {
    if text.is_empty() || text.starts_with('0') || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(AuthorityError::BadPort);
    }
    text.parse().map_err(|_| AuthorityError::BadPort)
}
