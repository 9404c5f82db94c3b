//! One spelling of a host, for matching, resolving, SNI, certificate, `Host` header and log alike.
//!
//! Most holes of allowlisting proxies are two readers that disagree on a name. So nothing in this
//! workspace compares raw host texts: it compares [`Host`]s, and only [`Host::parse`] makes one.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// Longest accepted spelling in bytes. A name of 253 ASCII characters may be longer in Unicode.
const MAX_SPELLING: usize = 1024;

/// A canonical host: a DNS name in lower-case A-labels without a trailing dot, or an IP address.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host {
    text: Box<str>,
    ip: Option<IpAddr>,
}

/// Why a text is not a host. Every case is refused, none is repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// Nothing is left once the trailing dot is gone.
    #[error("the host is empty")]
    Empty,
    /// A name has at most 253 characters and a label at most 63.
    #[error("the host is too long")]
    TooLong,
    /// `a..b`, a leading dot, or two trailing ones.
    #[error("the host has an empty label")]
    EmptyLabel,
    /// Whitespace, a control character, `@`, `%`, `/`, `*`, a Unicode full stop and the like.
    #[error("the host holds a character that no host name has")]
    BadCharacter,
    /// A label starts or ends with `-`.
    #[error("a label of the host starts or ends with `-`")]
    Hyphen,
    /// IDNA refuses the name, for example an `xn--` label that does not decode.
    #[error("the host is not a valid internationalised name")]
    Idna,
    /// The last label is a number, so the host can only be an IPv4 address, but it is not one.
    #[error("the host looks like an IPv4 address but is not one")]
    BadIpv4,
    /// Brackets or colons that do not hold an IPv6 address.
    #[error("the host looks like an IPv6 address but is not one")]
    BadIpv6,
    /// A zone (`%eth0`) names an interface of whoever resolves it.
    #[error("an IPv6 zone is not allowed in a host")]
    Zone,
}

impl HostError {
    /// A next step for the author of the host; front ends print it as `hint:`.
    pub fn hint(self) -> Option<&'static str> {
        match self {
            Self::BadCharacter => {
                Some("write the bare host name; schemes, ports and paths have their own places")
            }
            Self::BadIpv6 => Some("write an IPv6 address in brackets, as in `[2001:db8::1]`"),
            Self::Zone => Some("remove the `%…` part"),
            Self::BadIpv4 => Some("write four decimal numbers from 0 to 255"),
            _ => None,
        }
    }
}

impl Host {
    /// Reads any spelling of a host and keeps the canonical one.
    ///
    /// Names: case is folded, one trailing dot is dropped, IDNA (UTS 46) yields A-labels. Addresses:
    /// every spelling that `inet_aton` knows (`127.1`, `0x7f.1`, `2130706433`) and IPv6 with or
    /// without brackets become the address; an IPv4-mapped IPv6 address becomes the IPv4 address.
    pub fn parse(spelling: &str) -> Result<Self, HostError> {
        if spelling.is_empty() {
            return Err(HostError::Empty);
        }
        if spelling.len() > MAX_SPELLING {
            return Err(HostError::TooLong);
        }
        if spelling.contains(['[', ']']) || spelling.bytes().filter(|byte| *byte == b':').count() > 1 {
            return parse_v6(spelling).map(Self::from);
        }
        if spelling.bytes().any(is_forbidden) || spelling.contains(['\u{3002}', '\u{ff0e}', '\u{ff61}']) {
            return Err(HostError::BadCharacter);
        }
        let name = spelling.strip_suffix('.').unwrap_or(spelling);
        if name.is_empty() {
            return Err(HostError::Empty);
        }
        if name.split('.').any(str::is_empty) {
            return Err(HostError::EmptyLabel);
        }
        let ascii = to_ascii(name)?;
        check_labels(&ascii)?;
        if ends_in_number(&ascii) {
            // A digit that only IDNA turns into one is a disguise, not an address.
            return if name.is_ascii() { parse_v4(&ascii).map(Self::from) } else { Err(HostError::BadIpv4) };
        }
        Ok(Self { text: ascii.into_boxed_str(), ip: None })
    }

    /// The canonical text; an IPv6 address without brackets.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the host is an address, not a name.
    pub fn is_ip(&self) -> bool {
        self.ip.is_some()
    }

    /// The address, when the host is one.
    pub fn ip(&self) -> Option<IpAddr> {
        self.ip
    }

    /// `host:port` as a CONNECT line or a `Host` header writes it.
    pub fn with_port(&self, port: u16) -> String {
        match self.ip {
            Some(IpAddr::V6(ip)) => format!("[{ip}]:{port}"),
            _ => format!("{}:{port}", self.text),
        }
    }
}

impl From<IpAddr> for Host {
    fn from(ip: IpAddr) -> Self {
        let ip = match ip {
            IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
            IpAddr::V4(_) => ip,
        };
        Self { text: ip.to_string().into_boxed_str(), ip: Some(ip) }
    }
}

impl std::str::FromStr for Host {
    type Err = HostError;

    fn from_str(spelling: &str) -> Result<Self, HostError> {
        Self::parse(spelling)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Host({})", self.text)
    }
}

impl serde::Serialize for Host {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

fn is_forbidden(byte: u8) -> bool {
    byte.is_ascii() && !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn to_ascii(name: &str) -> Result<String, HostError> {
    if name.is_ascii() && !name.split('.').any(|label| has_ace_prefix(label.as_bytes())) {
        return Ok(name.to_ascii_lowercase());
    }
    let ascii = Uts46::new()
        .to_ascii(name.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore)
        .map_err(|_| HostError::Idna)?;
    if ascii.bytes().any(is_forbidden) {
        return Err(HostError::BadCharacter);
    }
    Ok(ascii.into_owned())
}

fn has_ace_prefix(label: &[u8]) -> bool {
    label.len() >= 4 && label[..4].eq_ignore_ascii_case(b"xn--")
}

fn check_labels(name: &str) -> Result<(), HostError> {
    if name.len() > 253 {
        return Err(HostError::TooLong);
    }
    for label in name.split('.') {
        match label.len() {
            0 => return Err(HostError::EmptyLabel),
            64.. => return Err(HostError::TooLong),
            _ if label.starts_with('-') || label.ends_with('-') => return Err(HostError::Hyphen),
            _ => {}
        }
    }
    Ok(())
}

/// The test of the WHATWG URL standard, "ends in a number checker".
fn ends_in_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    last.bytes().all(|byte| byte.is_ascii_digit()) || number(last).is_some()
}

fn number(part: &str) -> Option<u32> {
    let (digits, radix) = match part.strip_prefix("0x") {
        Some("") => return Some(0),
        Some(hex) => (hex, 16),
        None if part.len() > 1 && part.starts_with('0') => (&part[1..], 8),
        None => (part, 10),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    u32::from_str_radix(digits, radix).ok()
}

fn parse_v4(name: &str) -> Result<IpAddr, HostError> {
    let mut parts = [0_u32; 4];
    let mut count = 0;
    for part in name.split('.') {
        let slot = parts.get_mut(count).ok_or(HostError::BadIpv4)?;
        *slot = number(part).ok_or(HostError::BadIpv4)?;
        count += 1;
    }
    // `a.b` means a is the first byte and b fills the other three, as in `127.1`.
    let (last, first) = parts[..count].split_last().ok_or(HostError::BadIpv4)?;
    let mut address = *last;
    if count > 1 && u64::from(*last) >= 1 << (8 * (5 - count)) {
        return Err(HostError::BadIpv4);
    }
    for (index, byte) in first.iter().enumerate() {
        if *byte > 255 {
            return Err(HostError::BadIpv4);
        }
        address |= byte << (8 * (3 - index));
    }
    Ok(IpAddr::V4(Ipv4Addr::from(address)))
}

fn parse_v6(spelling: &str) -> Result<IpAddr, HostError> {
    let inner = match spelling.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').ok_or(HostError::BadIpv6)?,
        None => spelling,
    };
    if inner.contains('%') {
        return Err(HostError::Zone);
    }
    inner.parse::<Ipv6Addr>().map(IpAddr::V6).map_err(|_| HostError::BadIpv6)
}
