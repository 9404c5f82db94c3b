//! Entries of `allow`, `deny` and `asks`, in string or object form.

use std::collections::BTreeMap;

use drawbridge_jsonc::{Node, NodeKind};
use drawbridge_text::Span;

use super::{AskEntry, Entry, fields};
use crate::grammar::{self, GrammarError, Parts};
use crate::pattern::HostPattern;
use crate::query::{Query, Values};
use crate::report::{Note, Report};
use crate::rule::Action;
use crate::{Host, address};

const KEYS: [&str; 9] =
    ["host", "scheme", "ports", "methods", "paths", "query", "reason", "until", "private"];
const DENY_KEYS: [&str; 7] = ["host", "scheme", "ports", "methods", "paths", "query", "reason"];

pub(super) fn read(node: &Node, action: Action, report: &mut Report<'_>) -> Option<Entry> {
    let entry = match &node.kind {
        NodeKind::String(text) => match grammar::parse(text, action) {
            Ok(target) => Some(Entry { target, note: Note::default(), span: node.span }),
            Err(error) => {
                report.error(node.span, code(&error), format!("`{text}`: {error}"), error.hint());
                None
            }
        },
        NodeKind::Object(_) => read_object(node, action, report),
        _ => {
            let message = format!("a rule is a string or an object, not {}", node.describe());
            report.error(node.span, "wrong-type", message, None);
            None
        }
    }?;
    if action == Action::Allow && entry.target.pattern.is_unreachable() {
        let message = format!("`{}` can never be allowed", entry.target.pattern);
        let hint = "metadata services, loopback and link-local addresses stay closed in every layer";
        report.error(node.span, "never-allowed", message, Some(hint));
        return None;
    }
    Some(entry)
}

fn read_object(node: &Node, action: Action, report: &mut Report<'_>) -> Option<Entry> {
    let keys = if action == Action::Allow { &KEYS[..] } else { &DENY_KEYS[..] };
    fields::check_keys(node, keys, report);
    let Some(host) = node.get("host") else {
        report.error(node.span, "no-host", "the rule has no `host`", None);
        return None;
    };
    let text = fields::string(host, "host", report)?;
    let mut parts = Parts::default();
    let mut broken = false;
    let mut fail = |span: Span, error: &GrammarError, report: &mut Report<'_>| {
        broken = true;
        report.error(span, code(error), error.to_string(), error.hint());
    };
    let pattern = HostPattern::parse(text, action == Action::Deny)
        .map_err(|error| fail(host.span, &error.into(), report))
        .ok();
    for member in node.members() {
        let value = &member.value;
        let read = match member.key.as_str() {
            "scheme" => fields::string(value, "scheme", report)
                .map(|name| grammar::scheme(name).map(|scheme| parts.scheme = Some(scheme))),
            "ports" => read_ports(value, report)
                .map(|list| grammar::ports(list).map(|ports| parts.ports = Some(ports))),
            "methods" => fields::strings(value, "methods", report)
                .map(|list| grammar::methods(list).map(|methods| parts.methods = Some(methods))),
            "paths" => fields::strings(value, "paths", report)
                .map(|list| grammar::paths(list).map(|paths| parts.paths = Some(paths))),
            "query" => read_query(value, report).map(|query| {
                parts.query = Some(query);
                Ok(())
            }),
            "private" => fields::boolean(value, "private", report).map(|private| {
                parts.private = private;
                Ok(())
            }),
            _ => continue,
        };
        if let Some(Err(error)) = read {
            fail(value.span, &error, report);
        }
    }
    let written = fields::note(node, report);
    let pattern = pattern.filter(|_| !broken)?;
    match parts.complete(pattern, action) {
        Ok(target) => Some(Entry { target, note: written, span: node.span }),
        Err(error) => {
            report.error(node.span, code(&error), error.to_string(), error.hint());
            None
        }
    }
}

pub(super) fn read_ask(node: &Node, report: &mut Report<'_>) -> Option<AskEntry> {
    if node.get("secret").is_some() {
        return read_secret(node, report);
    }
    if let Some(mode) = node.get("mode") {
        fields::check_keys(node, &["mode", "reason"], report);
        fields::choice(mode, "mode", &["observe"], report)?;
        return Some(AskEntry::Observe { note: fields::note(node, report), span: node.span });
    }
    read(node, Action::Allow, report).map(AskEntry::Rule)
}

fn read_secret(node: &Node, report: &mut Report<'_>) -> Option<AskEntry> {
    fields::check_keys(node, &["secret", "host", "reason"], report);
    let name_node = node.get("secret")?;
    let name = fields::string(name_node, "secret", report)?;
    let is_name = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !is_name {
        let hint = "use up to 64 letters, digits, `-` and `_`";
        report.error(name_node.span, "bad-secret", "this is not the name of a secret", Some(hint));
        return None;
    }
    let Some(host_node) = node.get("host") else {
        report.error(node.span, "no-host", "the secret has no `host`", Some("a secret goes to one host"));
        return None;
    };
    match Host::parse(fields::string(host_node, "host", report)?) {
        Ok(host) if host.is_ip() || address::is_loopback_name(&host) => {
            report.error(host_node.span, "bad-host", "a secret goes to a named host over TLS", None);
            None
        }
        Ok(host) => Some(AskEntry::Secret {
            name: name.to_owned(),
            host,
            note: fields::note(node, report),
            span: node.span,
        }),
        Err(error) => {
            report.error(host_node.span, "bad-host", error.to_string(), error.hint());
            None
        }
    }
}

/// A number or an array of numbers.
fn read_ports(node: &Node, report: &mut Report<'_>) -> Option<Vec<u16>> {
    let nodes = match &node.kind {
        NodeKind::Array(nodes) => nodes.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut ports = Vec::new();
    for node in nodes.iter().take(1000) {
        let number = node.as_i64().and_then(|number| u16::try_from(number).ok());
        let Some(port) = number.filter(|port| *port != 0) else {
            report.error(node.span, "bad-port", "a port is a number from 1 to 65535", None);
            return None;
        };
        ports.push(port);
    }
    Some(ports)
}

/// `{ name: "*" | value | [values] }`.
fn read_query(node: &Node, report: &mut Report<'_>) -> Option<Query> {
    if !fields::is_object(node, "`query`", report) {
        return None;
    }
    let mut parameters = BTreeMap::new();
    for member in node.members().iter().take(256) {
        let values = match &member.value.kind {
            NodeKind::String(any) if any == "*" => Values::Any,
            NodeKind::String(one) => Values::OneOf([one.as_str().into()].into()),
            NodeKind::Array(_) => {
                let list = fields::strings(&member.value, &member.key, report)?;
                Values::OneOf(list.into_iter().map(Box::from).collect())
            }
            _ => {
                let message = "a query parameter takes `\"*\"`, a value or an array of values";
                report.error(member.value.span, "wrong-type", message, None);
                return None;
            }
        };
        parameters.insert(member.key.as_str().into(), values);
    }
    Some(Query::new(parameters))
}

fn code(error: &GrammarError) -> &'static str {
    match error {
        GrammarError::Host(_) | GrammarError::AfterBracket => "bad-host",
        GrammarError::Port(_) | GrammarError::NoPort => "bad-port",
        GrammarError::Path(_) => "bad-path",
        GrammarError::Method(_) => "bad-method",
        GrammarError::EmptyList => "empty-list",
        _ => "bad-rule",
    }
}
