//! What the container wanted, as the narrowest rules that would let it, grouped by the reason why it asks.
//!
//! Only proposals: nothing is opened without a word from a person on the host.

use std::collections::{BTreeMap, BTreeSet};

use drawbridge_policy::{Host, HostPattern, catalogue};
use serde::Serialize;

use crate::blocked::{Causes, Denial, INSPECTED};

/// Most proposals at once; a flood of names is no proposal.
const MOST: usize = 500;

/// Proposals with one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Why they are asked for.
    pub cause: Cause,
    /// The rules, by host.
    pub proposals: Vec<Proposal>,
}

/// Why a host is asked for, as far as it can be known from outside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Cause {
    /// A file of the workspace names it.
    Declared {
        /// Relative to the workspace.
        file: String,
    },
    /// It belongs to a tool that the catalogue knows.
    Tool {
        /// The bundle's id.
        bundle: String,
        /// What the bundle is for.
        about: String,
    },
    /// Nobody says.
    Unknown,
}

/// One rule, and what speaks for and against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// In the policy's string form.
    pub rule: String,
    /// Kept beside the rule.
    pub reason: String,
    /// What a person should know first.
    pub warning: Option<String>,
    /// How often it was asked for.
    pub count: u64,
    /// Processes that asked, as far as they were seen.
    pub processes: BTreeSet<String>,
}

/// Everything that was asked for at one place.
#[derive(Debug, Default)]
struct Wanted {
    methods: BTreeSet<String>,
    paths: BTreeSet<String>,
    count: u64,
    processes: BTreeSet<String>,
}

/// Scheme prefix, host and port: what one rule is about.
type Place = (&'static str, Host, u16);

/// Proposes rules for what was denied or only observed.
pub fn propose(seen: &[Denial], causes: &Causes) -> Vec<Group> {
    let mut places: BTreeMap<Place, Wanted> = BTreeMap::new();
    for one in seen.iter().filter(|one| one.is_allowable()) {
        let Some(place) = place(one) else { continue };
        let wanted = places.entry(place).or_default();
        wanted.count += one.count;
        wanted.processes.extend(one.process.clone());
        let seen = one.phase == INSPECTED && one.reason != "host-not-allowed";
        if seen || one.phase == "http" {
            wanted.methods.extend(one.method.clone());
            wanted.paths.extend(one.path.clone());
        }
    }
    // A name that was asked for and its connection are one wish.
    let mut groups: BTreeMap<Cause, Vec<Proposal>> = BTreeMap::new();
    for ((scheme, host, port), wanted) in places.into_iter().take(MOST) {
        let pattern = HostPattern::Exact(host.clone());
        let known = catalogue::entry_of(&pattern);
        let (cause, reason) = match (causes.find(host.as_str()), known) {
            (Some(found), _) => {
                let reason = format!("declared in {}:{}", found.file, found.line);
                (Cause::Declared { file: found.file }, reason)
            }
            (None, Some((bundle, entry))) => {
                let cause = Cause::Tool { bundle: bundle.id.clone(), about: bundle.about.clone() };
                (cause, format!("{}: {}", bundle.id, entry.about))
            }
            (None, None) => (Cause::Unknown, asked_by(&wanted.processes)),
        };
        let rule = rule(scheme, &host, port, &wanted);
        let whole = !rule.contains('/') || rule.ends_with(host.as_str());
        let warning = catalogue::shared(&pattern).filter(|_| whole);
        let warning = warning.map(|about| format!("{about}: a path would be narrower"));
        let Wanted { count, processes, .. } = wanted;
        groups.entry(cause).or_default().push(Proposal { rule, reason, warning, count, processes });
    }
    groups.into_iter().map(|(cause, proposals)| Group { cause, proposals }).collect()
}

/// Addresses are left out: a rule for one says nothing about who is behind it. So is plain TCP, which only
/// a person's own policy may open.
fn place(one: &Denial) -> Option<Place> {
    let host = Host::parse(&one.host).ok().filter(|host| !host.is_ip())?;
    match (one.phase.as_str(), one.port) {
        ("http", port) => Some(("http://", host, port.unwrap_or(80))),
        ("connect", Some(80)) => Some(("http://", host, 80)),
        ("connect", Some(22)) => Some(("ssh://", host, 22)),
        ("dns" | "connect" | "sni" | INSPECTED, port) => Some(("", host, port.unwrap_or(443))),
        _ => None,
    }
}

/// The methods and the deepest folder that all paths share; the host alone where nothing was seen of it.
fn rule(scheme: &str, host: &Host, port: u16, wanted: &Wanted) -> String {
    let usual = match scheme {
        "http://" => 80,
        "ssh://" => 22,
        _ => 443,
    };
    let port = if port == usual { String::new() } else { format!(":{port}") };
    let place = format!("{scheme}{host}{port}", host = host.as_str());
    let plain =
        |text: &String| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/.-_".contains(&byte));
    let all_plain = wanted.methods.iter().chain(&wanted.paths).all(plain);
    if wanted.methods.is_empty() || wanted.paths.is_empty() || !all_plain {
        return place;
    }
    let methods = wanted.methods.iter().cloned().collect::<Vec<_>>().join(",");
    let mut paths = wanted.paths.iter();
    let path = match (paths.next(), paths.next()) {
        (Some(only), None) => only.clone(),
        (Some(first), _) => {
            format!("{}**", wanted.paths.iter().fold(folder(first), |common, path| shared(common, path)))
        }
        _ => "/**".to_owned(),
    };
    format!("{methods} {place}{path}")
}

fn folder(path: &str) -> &str {
    &path[..path.rfind('/').map_or(0, |at| at + 1)]
}

/// The longest folder of both.
fn shared<'a>(common: &'a str, path: &str) -> &'a str {
    let mut end = 0;
    for (at, _) in common.match_indices('/') {
        if path.starts_with(&common[..=at]) {
            end = at + 1;
        }
    }
    &common[..end]
}

fn asked_by(processes: &BTreeSet<String>) -> String {
    match processes.iter().next() {
        Some(process) => format!("asked for by {process}"),
        None => "asked for in the container".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Root;

    fn seen(host: &str, port: Option<u16>, phase: &str, request: Option<(&str, &str)>) -> Denial {
        Denial {
            host: host.to_owned(),
            port,
            phase: phase.to_owned(),
            reason: if phase == INSPECTED { "path" } else { "host-not-allowed" }.to_owned(),
            method: request.map(|(method, _)| method.to_owned()),
            path: request.map(|(_, path)| path.to_owned()),
            count: 1,
            ..Denial::default()
        }
    }

    fn rules(seen: &[Denial]) -> Vec<String> {
        let groups = propose(seen, &Causes::default());
        groups.into_iter().flat_map(|group| group.proposals).map(|proposal| proposal.rule).collect()
    }

    #[test]
    fn the_narrowest_rule_that_was_seen() {
        let get = |path| Some(("GET", path));
        assert_eq!(
            rules(&[seen("a.example", None, "dns", None), seen("a.example", Some(443), "sni", None)]),
            ["a.example"]
        );
        assert_eq!(
            rules(&[seen("a.example", Some(8443), "connect", Some(("CONNECT", "")))]),
            ["a.example:8443"]
        );
        assert_eq!(rules(&[seen("a.example", Some(22), "connect", None)]), ["ssh://a.example"]);
        assert_eq!(rules(&[seen("a.example", Some(443), "inspect", get("/x/y"))]), ["GET a.example/x/y"]);
        // The gate looked into the connection only to say no.
        let mut explained = seen("a.example", Some(443), "inspect", get("/x/y"));
        explained.reason = "host-not-allowed".to_owned();
        assert_eq!(rules(&[explained]), ["a.example"]);
        let several = [
            seen("a.example", Some(443), "inspect", get("/m2/org/one/1.jar")),
            seen("a.example", Some(443), "inspect", Some(("HEAD", "/m2/org/two/2.jar"))),
            seen("a.example", Some(443), "inspect", get("/m2/com/3.jar")),
        ];
        assert_eq!(rules(&several), ["GET,HEAD a.example/m2/**"]);
        let plain =
            [seen("a.example", Some(80), "http", get("/a")), seen("a.example", Some(80), "http", get("/b"))];
        assert_eq!(rules(&plain), ["GET http://a.example/**"]);
    }

    #[test]
    fn what_no_rule_should_open_is_not_proposed() {
        let mut refused = seen("metadata.example", Some(80), "http", None);
        refused.reason = "address-refused".to_owned();
        let hostile = seen("a.example", Some(443), "inspect", Some(("GET", "/$(id)/\"x")));
        assert_eq!(rules(&[hostile]), ["a.example"], "a path that a shell would run is left out");
        assert!(
            rules(&[
                refused,
                seen("192.0.2.1", Some(443), "connect", None),
                seen("db.example", Some(5432), "tcp", None),
                seen("two..dots", None, "dns", None),
            ])
            .is_empty()
        );
    }

    #[test]
    fn grouped_by_who_says_so() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("pom.xml"), "<url>https://repo.example.org/m2</url>").unwrap();
        let causes = Causes::read(&Root::open(dir.path()).unwrap());
        let agent = &catalogue::bundle("claude-code").unwrap().hosts[0];
        let HostPattern::Exact(agent) = agent.pattern() else { panic!("an exact host") };
        let groups = propose(
            &[
                seen("other.example", None, "dns", None),
                seen(agent.as_str(), None, "dns", None),
                seen("repo.example.org", None, "dns", None),
            ],
            &causes,
        );
        let kinds: Vec<&Cause> = groups.iter().map(|group| &group.cause).collect();
        assert!(matches!(kinds[0], Cause::Declared { file } if file == "pom.xml"), "{kinds:?}");
        assert!(matches!(kinds[1], Cause::Tool { .. }) && matches!(kinds[2], Cause::Unknown), "{kinds:?}");
        assert_eq!(groups[0].proposals[0].reason, "declared in pom.xml:1");
    }
}
