//! The string form of a rule as an object, which has room for a reason and an end.

use serde_json::{Map, Value, json};

/// The object form of a rule in string form, as far as its parts can be told apart. What is wrong in
/// the text is wrong in the object, or is another rule: compare, or check the text first.
#[must_use]
pub fn object_form(text: &str) -> Map<String, Value> {
    let (methods, rest) = match text.split_once(' ') {
        Some((methods, rest)) => (Some(methods), rest),
        None => (None, text),
    };
    let (scheme, rest) = match rest.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, rest),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, ports) = match authority.rsplit_once(':') {
        Some((host, ports)) if !ports.contains(']') => (host, Some(ports)),
        _ => (authority, None),
    };
    let list = |text: &str| json!(text.split(',').collect::<Vec<_>>());
    let numbers =
        |text: &str| json!(text.split(',').map(|port| port.parse::<u16>().unwrap_or(0)).collect::<Vec<_>>());
    let members = [
        ("host", Some(host.into())),
        ("scheme", scheme.map(Value::from)),
        ("ports", ports.map(numbers)),
        ("methods", methods.map(list)),
        ("paths", (!path.is_empty()).then(|| json!([path]))),
    ];
    members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}
