//! Comparing a container with itself, before and after.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::case::Case;
use super::check::Seen;
use super::expected::{COMPOSED, CONVERTED, Difference, Found, GATE, matches};
use super::facts::{Facts, networks, published};

/// Every sentence is a defect.
pub(crate) fn compare(case: &Case, before: &Seen, after: &Seen) -> Vec<String> {
    let is_compose = case.config.contains("dockerComposeFile");
    let kind = if is_compose { COMPOSED } else { CONVERTED };
    let listed: Vec<&Difference> = GATE.iter().chain(kind).chain(case.differs).collect();
    let mut found = vec![false; listed.len()];
    let mut complaints = Vec::new();
    let roles: BTreeSet<&String> = before.facts.keys().chain(after.facts.keys()).collect();
    let empty = Facts::new();
    for role in roles {
        let (old, new) = (before.facts.get(role).unwrap_or(&empty), after.facts.get(role).unwrap_or(&empty));
        let new = &bound_onto_themselves(old, new);
        if old.is_empty() || new.is_empty() {
            complaints
                .push(format!("{role}: there {} only", if new.is_empty() { "before" } else { "after" }));
            continue;
        }
        let places: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for place in places {
            let (old, new) = (old.get(place), new.get(place));
            if old == new {
                continue;
            }
            let (old, new) = (old.map(Value::to_string), new.map(Value::to_string));
            let cover =
                |difference: &&Difference| difference.covers(role, place, old.as_deref(), new.as_deref());
            match listed.iter().rposition(cover) {
                Some(index) => found[index] = true,
                None => complaints.push(format!(
                    "{role}: {place}: {} → {}",
                    old.as_deref().unwrap_or("(nothing)"),
                    new.as_deref().unwrap_or("(nothing)")
                )),
            }
        }
    }
    for (difference, found) in listed.iter().zip(found) {
        // What the user set himself stays as it was.
        let users = before.facts.values().flat_map(Facts::keys).any(|place| matches(difference.at, place));
        let optional = difference.found == Found::Sometimes || difference.before.is_none() && users;
        if !found && !optional {
            complaints.push(format!("must differ: {} {}: {}", difference.of, difference.at, difference.why));
        }
    }
    complaints.extend(gate(case, before, after));
    complaints
}

/// New binds that show what was there anyway become one fact each: `read-only` or `pinned`.
fn bound_onto_themselves(old: &Facts, new: &Facts) -> Facts {
    let source = |facts: &Facts, target: &str| {
        let source = facts.get(&format!("Mounts.{target}.Source"));
        source.and_then(Value::as_str).map(str::to_owned)
    };
    let mut facts = new.clone();
    let binds = new.keys().filter_map(|place| place.strip_prefix("Mounts.")?.strip_suffix(".Source"));
    for target in binds.filter(|target| source(old, target).is_none()) {
        let above = Path::new(target).ancestors().skip(1);
        let mut shown = above.filter_map(|above| {
            let rest = Path::new(target).strip_prefix(above).ok()?;
            Some(Path::new(&source(old, &above.display().to_string())?).join(rest).display().to_string())
        });
        if source(new, target).is_some() && shown.next() == source(new, target) {
            let read_only = new.get(&format!("Mounts.{target}.RW")) == Some(&Value::Bool(false));
            let kind = if read_only { "read-only" } else { "pinned" };
            facts.retain(|place, _| !place.starts_with(&format!("Mounts.{target}.")));
            facts.insert(format!("Bound.{target}"), Value::from(kind));
        }
    }
    facts
}

/// The dev container's only network has no way out, and the sidecar publishes what was published.
fn gate(case: &Case, before: &Seen, after: &Seen) -> Vec<String> {
    let mut complaints = Vec::new();
    let Some(sidecar) = after.raw.get("sidecar") else { return vec!["no sidecar".to_owned()] };
    if case.starts && sidecar["State"]["Health"]["Status"] != "healthy" {
        complaints.push(format!("the sidecar is not healthy: {}", sidecar["State"]));
    }
    let mode = after.facts["dev"].get("HostConfig.NetworkMode").and_then(Value::as_str).unwrap_or_default();
    let owner = mode.strip_prefix("service:").unwrap_or("dev");
    let joined = networks(&after.raw[owner]);
    if joined.len() != 1 || !joined[0].contains("_drawbridge") || joined[0].contains("egress") {
        complaints.push(format!("`{owner}` is on {joined:?}"));
    }
    let dns = after.facts[owner].get("HostConfig.Dns").map(Value::to_string).unwrap_or_default();
    if !matches("[\"198.1*\"]", &dns) {
        complaints.push(format!("`{owner}` asks {dns} for names"));
    }
    let all = |seen: &Seen| {
        let mut all: Vec<_> = seen.raw.values().flat_map(published).collect();
        all.sort();
        all
    };
    let (mut old, new) = (all(before), all(after));
    if case.protect.contains(&"--accept-loss=udp-port") {
        old.retain(|(_, port)| !port.ends_with("/udp"));
    }
    if old != new {
        complaints.push(format!("relays: published before {old:?}, after {new:?}"));
    }
    complaints
}

#[test]
fn a_bind_onto_itself_is_told_from_a_new_one() {
    let mount = |target: &str, source: &str, writable: bool| {
        let place = |key: &str| format!("Mounts.{target}.{key}");
        [(place("Source"), Value::from(source)), (place("RW"), Value::from(writable))]
    };
    let old = Facts::from(mount("/w", "/home/me/app", true));
    let mut new = old.clone();
    new.extend(mount("/w/.git", "/home/me/app/.git", true));
    new.extend(mount("/w/.devcontainer", "/home/me/app/.devcontainer", false));
    new.extend(mount("/w/etc", "/etc", false));
    let facts = bound_onto_themselves(&old, &new);
    let added: Vec<String> = facts
        .iter()
        .filter(|(place, _)| !old.contains_key(*place))
        .map(|(place, value)| format!("{place} {value}"))
        .collect();
    assert_eq!(
        added,
        [
            "Bound./w/.devcontainer \"read-only\"",
            "Bound./w/.git \"pinned\"",
            "Mounts./w/etc.RW false",
            "Mounts./w/etc.Source \"/etc\""
        ]
    );
}
