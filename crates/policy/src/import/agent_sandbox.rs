//! Policies of mattolson/agent-sandbox (`services`, `domains`; `docs/policy/schema.md` there).

use serde_json::{Map, Value, json};

use super::{Draft, Imported, MAX_ENTRIES};
use crate::HostPattern;
use crate::catalogue;
use crate::document::{check_allow, is_repo};
use crate::rule::Action;

/// Imports one policy file.
pub fn agent_sandbox(document: &Value) -> Imported {
    let mut draft = Draft::default();
    for (key, value) in document.as_object().into_iter().flatten() {
        let read = match key.as_str() {
            "services" => service,
            "domains" => domain,
            _ => {
                draft.lose(&format!("/{key}"), key, "left out: no counterpart");
                continue;
            }
        };
        for (index, entry) in value.as_array().into_iter().flatten().take(MAX_ENTRIES).enumerate() {
            read(entry, &format!("/{key}/{index}"), &mut draft);
        }
    }
    if document
        .pointer("/domains")
        .and_then(Value::as_array)
        .is_some_and(|list| list.iter().any(Value::is_string))
    {
        draft.lose("/domains", "bare hosts", "http and every port were open too; allow https on 443 here");
    }
    draft.finish()
}

/// The bundle that does what a service does.
fn bundle_of(service: &str) -> Option<&'static str> {
    let id = match service {
        "claude" => "claude-code",
        other => other,
    };
    catalogue::bundle(id).map(|bundle| bundle.id.as_str())
}

fn service(entry: &Value, at: &str, draft: &mut Draft) {
    let name = entry.as_str().or_else(|| entry.get("name")?.as_str());
    let Some(bundle) = name.and_then(bundle_of) else {
        draft.lose(at, entry, "left out: no bundle of this name; list its hosts under `allow`");
        return;
    };
    lose_merge_mode(entry, at, draft);
    let read = entry.get("readonly").and_then(Value::as_bool).unwrap_or_default();
    let Some(repos) = entry.get("repos") else {
        draft.uses.push(Value::from(if read { format!("{bundle}:read") } else { bundle.to_owned() }));
        return;
    };
    let plain = |repo: &Value| repo.as_str().is_some_and(is_repo);
    let (kept, dropped): (Vec<&Value>, Vec<&Value>) =
        repos.as_array().into_iter().flatten().take(50).partition(|repo| plain(repo));
    for repo in dropped {
        draft.lose(at, repo, "left out: not a repository");
    }
    if kept.is_empty() || bundle != "github" {
        draft.lose(at, entry, "left out: no repository that can be named");
        return;
    }
    let access = if read { "read" } else { "write" };
    draft.uses.push(json!({ "bundle": bundle, "repos": kept, "access": access }));
    let surfaces = entry.get("surfaces").and_then(Value::as_array).map_or(0, Vec::len);
    if surfaces == 1 {
        draft.lose(at, "surfaces", "both git and the API of the repositories are opened");
    }
}

fn domain(entry: &Value, at: &str, draft: &mut Draft) {
    if let Some(host) = entry.as_str() {
        for host in with_apex(host) {
            draft.rule(Action::Allow, &host, at);
        }
        return;
    }
    let Some(host) = entry.get("host").and_then(Value::as_str) else {
        draft.lose(at, entry, "left out: no host");
        return;
    };
    lose_merge_mode(entry, at, draft);
    for (index, rule) in
        entry.get("rules").and_then(Value::as_array).into_iter().flatten().take(1000).enumerate()
    {
        for host in with_apex(host) {
            self::rule(&host, rule, &format!("{at}/rules/{index}"), draft);
        }
    }
}

/// There `*.x` means `x` too. A wildcard that we refuse has no apex worth opening.
fn with_apex(host: &str) -> Vec<String> {
    let apex = host.strip_prefix("*.").filter(|_| HostPattern::parse(host, false).is_ok());
    [host].into_iter().chain(apex).map(str::to_owned).collect()
}

fn rule(host: &str, rule: &Value, at: &str, draft: &mut Draft) {
    let mut object = Map::new();
    object.insert("host".to_owned(), host.into());
    let methods: Vec<String> = one_or_many(rule, "method", "methods").map(str::to_ascii_uppercase).collect();
    if !methods.is_empty() {
        object.insert("methods".to_owned(), methods.into());
    }
    if let Some(path) = rule.get("path") {
        let Some(globs) = globs(path) else {
            draft.lose(at, path, "left out: the path has no pattern of ours");
            return;
        };
        object.insert("paths".to_owned(), globs.into());
    }
    if let Some(query) = rule.get("query") {
        let Some(exact) = query.get("exact").and_then(Value::as_object).and_then(query_values) else {
            draft.lose(at, query, "left out: the query has no counterpart");
            return;
        };
        if !exact.is_empty() {
            draft.lose(at, query, "every parameter was required; here a listed one may be missing");
        }
        object.insert("query".to_owned(), Value::Object(exact));
    }
    for key in rule.as_object().into_iter().flatten().map(|(key, _)| key.as_str()) {
        if !matches!(key, "scheme" | "schemes" | "method" | "methods" | "path" | "query") {
            draft.lose(at, key, "left out: a secret never comes from the repository");
        }
    }
    let schemes: Vec<&str> = one_or_many(rule, "scheme", "schemes").collect();
    let schemes = if schemes.is_empty() { vec!["https"] } else { schemes };
    for scheme in schemes {
        let mut written = object.clone();
        if scheme != "https" {
            written.insert("scheme".to_owned(), scheme.into());
        }
        let checked = Value::Object(written);
        match check_allow(&checked) {
            Ok(()) => draft.push(Action::Allow, host, simplest(checked), at),
            Err(why) => draft.lose(at, &checked, format!("left out: {why}")),
        }
    }
}

fn one_or_many<'v>(rule: &'v Value, one: &str, many: &str) -> impl Iterator<Item = &'v str> {
    let single = rule.get(one).and_then(Value::as_str);
    let list = rule.get(many).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    single.into_iter().chain(list)
}

/// `exact` is the path itself; `prefix` is a prefix of the text, not of the segments.
fn globs(path: &Value) -> Option<Vec<String>> {
    let text = |key: &str| path.get(key).and_then(Value::as_str).filter(|text| !text.contains('*'));
    if let Some(exact) = text("exact") {
        return Some(vec![exact.to_owned()]);
    }
    let prefix = text("prefix")?;
    if prefix.ends_with('/') {
        return Some(vec![format!("{prefix}**")]);
    }
    Some(vec![format!("{prefix}*"), format!("{prefix}*/**")])
}

fn query_values(exact: &Map<String, Value>) -> Option<Map<String, Value>> {
    let text = |value: &Value| match value {
        Value::String(text) if text != "*" => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    };
    let values = |value: &Value| match value {
        Value::Array(list) => list.iter().map(text).collect::<Option<Vec<_>>>().map(Value::from),
        one => text(one).map(Value::from),
    };
    exact.iter().map(|(name, value)| Some((name.clone(), values(value)?))).collect()
}

/// An object that only names a host is a string.
fn simplest(object: Value) -> Value {
    match object.as_object() {
        Some(members) if members.len() == 1 => members.get("host").cloned().unwrap_or(object),
        _ => object,
    }
}

fn lose_merge_mode(entry: &Value, at: &str, draft: &mut Draft) {
    if let Some(mode) = entry.get("merge_mode") {
        draft.lose(at, mode, "`merge_mode` is left out: here layers add up and a deny takes away");
    }
}
