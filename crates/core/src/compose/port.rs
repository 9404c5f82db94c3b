//! Published ports of a service, short and long syntax.
//!
//! Numbers may be variables (`${PORT:-80}`); they stay text, and our own file repeats the text, so
//! Compose puts the same value in both.

use super::node::{Node, Value};

/// A range wider than this is not expanded.
const MAX_RANGE: u16 = 32;

/// One published TCP port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The host address as written, without brackets.
    pub host_ip: Option<String>,
    /// The host port: a number, a range to choose from, or a variable. `None`: the engine chooses.
    pub published: Option<String>,
    /// The container port: a number or a variable.
    pub target: String,
}

/// Why a port cannot be relayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// UDP or SCTP.
    #[error("the sidecar relays TCP only")]
    NotTcp,
    /// Too many ports.
    #[error("a range of more than 32 ports is not relayed")]
    TooWide,
    /// Not the syntax of a port.
    #[error("this is not a port that Compose accepts")]
    Syntax,
}

impl PortError {
    /// What `--accept-loss` takes.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotTcp => "udp-port",
            Self::TooWide => "port-range",
            Self::Syntax => "port-syntax",
        }
    }
}

impl Port {
    /// The entry of a `ports` list that publishes `listen` of the sidecar in this one's place.
    pub fn publish(&self, listen: u16) -> String {
        let ip = self.host_ip.as_deref().unwrap_or("127.0.0.1");
        let ip = if ip.contains(':') && !ip.contains('$') { format!("[{ip}]") } else { ip.to_owned() };
        format!("{ip}:{}:{listen}", self.published.as_deref().unwrap_or_default())
    }
}

/// Reads one entry of `ports`, as one port per number of a range.
///
/// # Errors
///
/// [`PortError`] when the sidecar cannot stand in for it.
pub fn expand(node: &Node) -> Result<Vec<Port>, PortError> {
    match &node.value {
        Value::Scalar { text, .. } => short(text),
        Value::Map(_) => long(node),
        Value::Seq(_) => Err(PortError::Syntax),
    }
}

/// The short syntax with the host's own address in place of the one that it has; `None` when a variable holds one.
pub(super) fn on_loopback(text: &str) -> Option<String> {
    let (address, protocol) = protocol(text);
    let mut parts = split(address);
    let target = parts.pop()?;
    let published = parts.pop().unwrap_or_default();
    let address = parts.join(":");
    let own = match loopback(&address) {
        own if own.contains(':') => format!("[{own}]"),
        own => own.to_owned(),
    };
    let protocol = protocol.map_or_else(String::new, |protocol| format!("/{protocol}"));
    // `${WEB:-127.0.0.1:8000}` is an address and a port.
    let is_plain = !published.contains(['.', '[']) && !address.contains('$');
    is_plain.then(|| format!("{own}:{published}:{target}{protocol}"))
}

/// The same for what `docker run -p` takes, where any variable may hold an address and `=` is another syntax.
pub(crate) fn word_on_loopback(text: &str) -> Option<String> {
    on_loopback(text).filter(|_| !text.contains(['$', '=']))
}

/// The address that stands for the host alone, of the family of `ip`.
pub(super) fn loopback(ip: &str) -> &'static str {
    if ip.contains(':') { "::1" } else { "127.0.0.1" }
}

/// What is before and behind the `/` of the short syntax.
pub(super) fn protocol(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once('/') {
        Some((address, protocol)) if !protocol.contains('}') => (address, Some(protocol)),
        _ => (text, None),
    }
}

fn short(text: &str) -> Result<Vec<Port>, PortError> {
    let (address, protocol) = protocol(text);
    let protocol = protocol.unwrap_or("tcp");
    if !protocol.eq_ignore_ascii_case("tcp") {
        return Err(PortError::NotTcp);
    }
    let mut parts = split(address);
    let target = parts.pop().filter(|target| !target.is_empty()).ok_or(PortError::Syntax)?;
    let published = parts.pop().filter(|text| !text.is_empty());
    let ip = match parts.as_slice() {
        [] => None,
        _ => Some(parts.join(":").trim_matches(['[', ']']).to_owned()),
    };
    ranges(ip.filter(|ip| !ip.is_empty()).as_deref(), published, target)
}

fn long(node: &Node) -> Result<Vec<Port>, PortError> {
    let text = |key| node.get(key).and_then(Node::as_str);
    if text("protocol").is_some_and(|protocol| !protocol.eq_ignore_ascii_case("tcp")) {
        return Err(PortError::NotTcp);
    }
    let target = text("target").ok_or(PortError::Syntax)?;
    ranges(text("host_ip"), text("published").filter(|text| !text.is_empty()), target)
}

/// Splits at colons outside `${…}` and brackets.
pub(crate) fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_u32, 0);
    for (at, c) in text.char_indices() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn ranges(ip: Option<&str>, published: Option<&str>, target: &str) -> Result<Vec<Port>, PortError> {
    let port = |published: Option<String>, target: String| Port {
        host_ip: ip.map(str::to_owned),
        published,
        target,
    };
    let (first, last) = match range(target)? {
        Some((first, last)) if first != last => (first, last),
        _ => return Ok(vec![port(checked(published)?, target.to_owned())]),
    };
    let width = last - first;
    if width >= MAX_RANGE {
        return Err(PortError::TooWide);
    }
    let host = match published {
        None => None,
        Some(text) => match range(text)? {
            Some((low, high)) if high - low == width => Some(low),
            _ => return Err(PortError::Syntax),
        },
    };
    Ok((0..=width).map(|n| port(host.map(|low| (low + n).to_string()), (first + n).to_string())).collect())
}

fn checked(published: Option<&str>) -> Result<Option<String>, PortError> {
    published.map(|text| range(text).map(|_| text.to_owned())).transpose()
}

/// `None` for a variable.
fn range(text: &str) -> Result<Option<(u16, u16)>, PortError> {
    if text.contains("${") || text.starts_with('$') {
        return Ok(None);
    }
    let number = |text: &str| text.trim().parse::<u16>().map_err(|_| PortError::Syntax);
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let (low, high) = (number(low)?, number(high)?);
    if low > high || (low == 0 && high > 0) {
        return Err(PortError::Syntax);
    }
    Ok(Some((low, high)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::node::parse;

    fn check(yaml: &str) -> String {
        let node = parse(yaml).expect("test input").remove(0);
        match expand(&node) {
            Ok(ports) => {
                let text: Vec<_> =
                    ports.iter().map(|p| format!("{} > {}", p.publish(20000), p.target)).collect();
                text.join(", ")
            }
            Err(err) => err.code().to_owned(),
        }
    }

    #[test]
    fn reads_what_compose_reads() {
        let cases = [
            ("8080:80", "127.0.0.1:8080:20000 > 80"),
            ("3000", "127.0.0.1::20000 > 3000"),
            ("\"127.0.0.1::80\"", "127.0.0.1::20000 > 80"),
            ("0.0.0.0:8080:80/tcp", "0.0.0.0:8080:20000 > 80"),
            ("'[::1]:8080:80'", "[::1]:8080:20000 > 80"),
            ("'${P:-80}:${Q}'", "127.0.0.1:${P:-80}:20000 > ${Q}"),
            ("${IP:-0.0.0.0}:80:80", "${IP:-0.0.0.0}:80:20000 > 80"),
            ("9090-9091:80-81", "127.0.0.1:9090:20000 > 80, 127.0.0.1:9091:20000 > 81"),
            ("3000-3005:80", "127.0.0.1:3000-3005:20000 > 80"),
            ("{target: 80, published: 8080, host_ip: 1.2.3.4}", "1.2.3.4:8080:20000 > 80"),
            ("{target: 80}", "127.0.0.1::20000 > 80"),
            ("53:53/udp", "udp-port"),
            ("{target: 53, protocol: udp}", "udp-port"),
            ("1000-2000:1000-2000", "port-range"),
            ("80-70:80-70", "port-syntax"),
            ("web:80", "port-syntax"),
            ("[80]", "port-syntax"),
        ];
        for (yaml, expected) in cases {
            assert_eq!(check(yaml), expected, "{yaml}");
        }
    }
}
