//! Who reaches the published ports of a service: by what is written, and by the defaults of variables.
//!
//! Every protocol and any number of ports count here, unlike in [`super::port`], which is about what can be relayed.

use std::net::IpAddr;

use super::node::{Node, Value};
use super::port::{protocol, split};

/// Defaults inside of defaults that are read.
const MAX_DEPTH: usize = 8;

/// One entry of `ports`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The container's port as written, and the protocol that is not TCP: `80`, `80-81`, `53/udp`.
    pub port: String,
    /// Every interface of the host listens, where each variable has its default.
    pub is_open: bool,
    /// The text with the variable that decides the address.
    pub variable: Option<String>,
}

/// Reads one entry; `None` when it names no port.
pub(super) fn read(node: &Node) -> Option<Published> {
    match &node.value {
        Value::Scalar { text, .. } => short(text),
        Value::Map(_) => {
            let text = |key| node.get(key).and_then(Node::as_str);
            Some(published(text("target")?, text("protocol"), text("host_ip").unwrap_or_default()))
        }
        Value::Seq(_) => None,
    }
}

/// Whether an address of the host, without brackets, stands for all of them.
pub(crate) fn is_everywhere(address: &str) -> bool {
    match address.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_unspecified(),
        Err(_) => matches!(address, "" | "0"),
    }
}

fn short(text: &str) -> Option<Published> {
    let (written, protocol) = protocol(text);
    let mut parts = split(written);
    let target = parts.pop().filter(|target| !target.is_empty())?;
    let host = parts.pop().unwrap_or(target);
    if !parts.is_empty() {
        return Some(published(target, protocol, &parts.join(":")));
    }
    // `${WEB:-127.0.0.1:8000}` is an address and a port.
    let plain = by_default(written, MAX_DEPTH);
    let mut parts = split(&plain);
    parts.truncate(parts.len().saturating_sub(2));
    let own = published(target, protocol, &parts.join(":"));
    Some(Published { variable: (!parts.is_empty()).then(|| host.to_owned()), ..own })
}

fn published(target: &str, protocol: Option<&str>, address: &str) -> Published {
    let port = match protocol.filter(|protocol| !protocol.eq_ignore_ascii_case("tcp")) {
        Some(protocol) => format!("{target}/{protocol}"),
        None => target.to_owned(),
    };
    let plain = by_default(address, MAX_DEPTH);
    Published {
        port,
        is_open: is_everywhere(plain.trim_matches(['[', ']'])),
        variable: address.contains('$').then(|| address.to_owned()),
    }
}

/// The text as Compose reads it where no variable is set (its reference, "Interpolation"). What must be set, and what
/// is nested deeper, is empty: an address that is not known is not one that is safe.
fn by_default(text: &str, depth: usize) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, variable)) = rest.split_once('$') {
        plain.push_str(before);
        if let Some(after) = variable.strip_prefix('$') {
            plain.push('$');
            rest = after;
        } else if let Some(braced) = variable.strip_prefix('{') {
            let (inner, after) = braced.split_at(closing(braced));
            let operator = inner.trim_start_matches(is_name);
            let default = operator.strip_prefix(":-").or_else(|| operator.strip_prefix('-'));
            if let Some(default) = default.filter(|_| depth > 0) {
                plain.push_str(&by_default(default, depth - 1));
            }
            rest = after.strip_prefix('}').unwrap_or(after);
        } else {
            rest = variable.trim_start_matches(is_name);
        }
    }
    plain + rest
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The byte of the brace that ends a variable; the text's length when there is none.
fn closing(text: &str) -> usize {
    let mut open = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '}' if open == 0 => return at,
            '}' => open -= 1,
            '{' if text[..at].ends_with('$') => open += 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::node::parse;

    fn said(yaml: &str) -> String {
        let node = parse(yaml).expect("test input").remove(0);
        let Some(Published { port, is_open, variable }) = read(&node) else { return "no port".to_owned() };
        let open = if is_open { "open" } else { "own" };
        variable.map_or_else(|| format!("{port} {open}"), |text| format!("{port} {open} by {text}"))
    }

    #[test]
    fn an_address_is_what_compose_makes_of_it_without_variables() {
        for (yaml, expected) in [
            ("8080:80", "80 open"),
            ("53:53/udp", "53/udp open"),
            ("127.0.0.1:53:53/UDP", "53/UDP own"),
            ("53:53/TCP", "53 open"),
            ("1000-2000:1000-2000", "1000-2000 open"),
            ("'[::]:80:80'", "80 open"),
            ("'[::ffff:0.0.0.0]:80:80'", "80 open"),
            ("':80:80'", "80 open"),
            ("192.0.2.1:80:80", "80 own"),
            ("{target: 53, protocol: udp}", "53/udp open"),
            ("{target: 80, host_ip: '::1'}", "80 own"),
            ("{target: 80, host_ip: '${IP:-127.0.0.1}'}", "80 own by ${IP:-127.0.0.1}"),
            ("{target: 80, host_ip: '${IP}'}", "80 open by ${IP}"),
            ("${PORT:-80}:80", "80 open"),
            ("127.0.0.1:${PORT:-80}:80", "80 own"),
            ("${WEB:-127.0.0.1:8000}:8000", "8000 own by ${WEB:-127.0.0.1:8000}"),
            ("${WEB-0.0.0.0:8000}:8000", "8000 open by ${WEB-0.0.0.0:8000}"),
            ("${IP:-127.0.0.1}:80:80/udp", "80/udp own by ${IP:-127.0.0.1}"),
            ("${IP:-0.0.0.0}:80:80", "80 open by ${IP:-0.0.0.0}"),
            ("${IP:?which}:80:80", "80 open by ${IP:?which}"),
            ("${IP:+127.0.0.1}:80:80", "80 open by ${IP:+127.0.0.1}"),
            ("${A:-${B:-127.0.0.1}}:80:80", "80 own by ${A:-${B:-127.0.0.1}}"),
            ("${ALL:-127.0.0.1:80:80}", "${ALL:-127.0.0.1:80:80} own by ${ALL:-127.0.0.1:80:80}"),
            ("$IP:80:80", "80 open by $IP"),
            ("[80]", "no port"),
            ("{published: 80}", "no port"),
        ] {
            assert_eq!(said(yaml), expected, "{yaml}");
        }
    }

    #[test]
    fn nonsense_is_open() {
        let deep = format!("{}127.0.0.1{}", "${A:-".repeat(10_000), "}".repeat(10_000));
        assert_eq!(by_default(&deep, MAX_DEPTH), "");
        for (text, plain) in [("${A:-x", "x"), ("$", ""), ("a$$b$", "a$b"), ("${}x", "x"), ("${é-1}", "")] {
            assert_eq!(by_default(text, MAX_DEPTH), plain, "{text}");
        }
    }
}
