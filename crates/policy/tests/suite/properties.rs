//! The matcher against a naive one, and what must hold for every pair of policies.

use drawbridge_policy::{Decision, Host, Layer, LayerKind, Policy, Request, Scheme, Verdict, load};
use proptest::prelude::*;

use crate::world::NOW;

const PORTS: [u16; 3] = [80, 443, 8443];
const METHODS: [&str; 2] = ["GET", "POST"];
const PATHS: [&str; 6] = ["/", "/a", "/a/", "/a/b", "/b/a", "/a/b/c"];
const GLOBS: [&str; 7] = ["/", "/a", "/a/*", "/a/**", "/**", "/**/b", "/*/a"];

/// A rule as its author thinks of it.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    allow: bool,
    wildcard: bool,
    name: String,
    scheme: Option<Scheme>,
    ports: Vec<u16>,
    methods: Vec<&'static str>,
    paths: Vec<&'static str>,
    until: Option<i64>,
}

/// A question, with an unknown head when `head` is `None`.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    scheme: Scheme,
    host: Host,
    port: u16,
    head: Option<(&'static str, &'static str)>,
}

fn names() -> impl Strategy<Value = String> {
    let label = prop::sample::select(vec!["a", "b", "ab"]);
    prop::collection::vec(label, 0..3).prop_map(|labels| {
        let mut name = labels.join(".");
        if !name.is_empty() {
            name.push('.');
        }
        name + "zone.example"
    })
}

fn written() -> impl Strategy<Value = Written> {
    let some = |all: &'static [&'static str]| prop::sample::subsequence(all.to_vec(), 0..3);
    let scheme = prop::option::of(prop::sample::select(Scheme::ALL.to_vec()));
    let ports = prop::sample::subsequence(PORTS.to_vec(), 0..3);
    let until = prop::option::weighted(0.3, prop::sample::select(vec![NOW - 5, NOW + 5, NOW + 50]));
    (any::<bool>(), any::<bool>(), names(), scheme, ports, some(&METHODS), some(&GLOBS), until).prop_map(
        |(allow, wildcard, name, scheme, ports, methods, paths, until)| {
            let mut rule = Written { allow, wildcard, name, scheme, ports, methods, paths, until };
            if matches!(rule.scheme, Some(Scheme::Tcp | Scheme::Ssh)) {
                rule.methods.clear();
                rule.paths.clear();
            }
            // Wildcards claim no listener, so that two hosts never want one port.
            if rule.scheme == Some(Scheme::Tcp) {
                rule.wildcard = true;
                if rule.ports.is_empty() {
                    rule.ports.push(8443);
                }
            }
            if !rule.allow {
                rule.until = None;
            }
            rule
        },
    )
}

fn rules() -> impl Strategy<Value = Vec<Written>> {
    prop::collection::vec(written(), 0..8)
}

fn asked() -> impl Strategy<Value = Asked> {
    let head = (prop::sample::select(METHODS.to_vec()), prop::sample::select(PATHS.to_vec()));
    let scheme = prop::sample::select(Scheme::ALL.to_vec());
    (scheme, names(), prop::sample::select(PORTS.to_vec()), prop::option::of(head)).prop_map(
        |(scheme, name, port, head)| Asked { scheme, host: Host::parse(&name).unwrap(), port, head },
    )
}

/// Every question that the rules of [`rules`] can tell apart.
fn all_asked() -> Vec<Asked> {
    let mut all = Vec::new();
    let heads = METHODS.iter().flat_map(|method| PATHS.iter().map(move |path| Some((*method, *path))));
    let heads: Vec<_> = heads.chain([None]).collect();
    for name in [
        "zone.example",
        "a.zone.example",
        "b.zone.example",
        "ab.zone.example",
        "a.b.zone.example",
        "x.a.zone.example",
    ] {
        let host = Host::parse(name).unwrap();
        for scheme in Scheme::ALL {
            for port in [22, 80, 443, 8443] {
                all.extend(heads.iter().map(|head| Asked { scheme, host: host.clone(), port, head: *head }));
            }
        }
    }
    all
}

fn json(rule: &Written) -> serde_json::Value {
    let star = if rule.wildcard { "*." } else { "" };
    let mut object = serde_json::json!({ "host": format!("{star}{}", rule.name) });
    let mut set = |key: &str, value: serde_json::Value| object[key] = value;
    if let Some(scheme) = rule.scheme {
        set("scheme", scheme.name().into());
    }
    if !rule.ports.is_empty() {
        set("ports", rule.ports.clone().into());
    }
    if !rule.methods.is_empty() {
        set("methods", rule.methods.clone().into());
    }
    if !rule.paths.is_empty() {
        set("paths", rule.paths.clone().into());
    }
    if let Some(until) = rule.until {
        set("until", until.into());
    }
    object
}

fn compile(rules: &[Written], kind: LayerKind) -> Policy {
    let pick =
        |allow: bool| -> Vec<_> { rules.iter().filter(|rule| rule.allow == allow).map(json).collect() };
    let text = serde_json::json!({ "allow": pick(true), "deny": pick(false) }).to_string();
    load(&[Layer { kind, file: "p".to_owned(), text }], NOW).unwrap().policy
}

fn decide(policy: &Policy, asked: &Asked, now: i64) -> Decision {
    let Asked { scheme, host, port, head } = asked;
    let (method, path) = head.unzip();
    policy.decide(&Request { scheme: *scheme, host, port: *port, method, path, query: None }, now)
}

mod naive {
    //! The definition, written out: no tree, no order, no early exit.

    use super::*;

    fn is_about(rule: &Written, asked: &Asked) -> bool {
        let host = asked.host.as_str();
        let names =
            if rule.wildcard { host.ends_with(&format!(".{}", rule.name)) } else { host == rule.name };
        let scheme = match rule.scheme {
            None if rule.allow => asked.scheme == Scheme::Https,
            None => true,
            Some(scheme) => asked.scheme == scheme,
        };
        let port = if !rule.ports.is_empty() {
            rule.ports.contains(&asked.port)
        } else if rule.allow {
            rule.scheme.unwrap_or(Scheme::Https).default_port() == Some(asked.port)
        } else {
            true
        };
        let has_requests = matches!(asked.scheme, Scheme::Https | Scheme::Http);
        names && scheme && port && (has_requests || !is_constrained(rule))
    }

    fn is_constrained(rule: &Written) -> bool {
        !rule.methods.is_empty() || !rule.paths.is_empty()
    }

    fn takes(rule: &Written, (method, path): (&str, &str)) -> bool {
        let segments: Vec<&str> = path[1..].split('/').collect();
        (rule.methods.is_empty() || rule.methods.contains(&method))
            && (rule.paths.is_empty()
                || rule
                    .paths
                    .iter()
                    .any(|glob| glob_takes(&glob[1..].split('/').collect::<Vec<_>>(), &segments)))
    }

    fn glob_takes(glob: &[&str], path: &[&str]) -> bool {
        match (glob, path) {
            ([], []) => true,
            (["**"], path) => !path.is_empty(),
            (["**", rest @ ..], path) => (0..=path.len()).any(|skip| glob_takes(rest, &path[skip..])),
            (["*", glob @ ..], [first, path @ ..]) => !first.is_empty() && glob_takes(glob, path),
            ([literal, glob @ ..], [first, path @ ..]) => literal == first && glob_takes(glob, path),
            _ => false,
        }
    }

    /// Verdict, and for an unknown head whether it passes through.
    pub(super) fn judge(rules: &[Written], asked: &Asked, now: i64) -> (Verdict, bool) {
        let about: Vec<&Written> = rules.iter().filter(|rule| is_about(rule, asked)).collect();
        let has_requests = matches!(asked.scheme, Scheme::Https | Scheme::Http);
        let head = asked.head.filter(|_| has_requests);
        let hits = |rule: &Written| match head {
            _ if !is_constrained(rule) => true,
            Some(head) => takes(rule, head),
            None => rule.allow,
        };
        let denied = about.iter().any(|rule| !rule.allow && hits(rule));
        let live: Vec<&&Written> =
            about.iter().filter(|rule| rule.allow && rule.until.is_none_or(|until| now < until)).collect();
        let allowed = live.iter().any(|rule| hits(rule));
        let looks = about.iter().any(|rule| !rule.allow && is_constrained(rule));
        let pass_through = live.iter().any(|rule| !is_constrained(rule)) && !looks;
        if allowed && !denied { (Verdict::Allow, pass_through) } else { (Verdict::Deny, false) }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn the_tree_decides_as_the_definition_does(
        rules in rules(),
        questions in prop::collection::vec(asked(), 32),
    ) {
        let policy = compile(&rules, LayerKind::Personal);
        for asked in &questions {
            for now in [NOW, NOW + 10, NOW + 100] {
                let decision = decide(&policy, asked, now);
                prop_assert_eq!(
                    (decision.verdict, decision.pass_through),
                    naive::judge(&rules, asked, now),
                    "{:?} at {}", asked, now - NOW
                );
                if decision.is_allowed() {
                    let needs_look = asked.scheme == Scheme::Https && !decision.pass_through;
                    prop_assert_eq!(decision.inspect, needs_look);
                    prop_assert!(policy.steer(&asked.host, now).is_allowed());
                }
            }
        }
    }

    #[test]
    fn a_deny_wins_over_any_allow(rules in rules(), deny in written(), asked in asked()) {
        let mut rules = rules;
        rules.push(Written { allow: false, methods: Vec::new(), paths: Vec::new(), until: None, ..deny.clone() });
        let with = compile(&rules, LayerKind::Personal);
        let only = compile(&[Written { allow: true, until: None, ..rules[rules.len() - 1].clone() }], LayerKind::Personal);
        // Where the same target as an allow would open, the deny closes.
        if decide(&only, &asked, NOW).is_allowed() {
            prop_assert_eq!(decide(&with, &asked, NOW).verdict, Verdict::Deny);
        }
    }

    #[test]
    fn a_repository_opens_no_more_than_its_owner_could(rules in rules(), asked in asked()) {
        let repository = compile(&rules, LayerKind::Repository);
        let own = compile(&rules, LayerKind::Personal);
        if decide(&repository, &asked, NOW).is_allowed() {
            prop_assert!(asked.scheme != Scheme::Tcp);
            prop_assert!(decide(&own, &asked, NOW).is_allowed());
        }
    }

    #[test]
    fn whatever_opens_is_reported_as_loosening(older in rules(), newer in rules()) {
        check_loosening(&older, &newer)?;
    }

    #[test]
    fn small_edits_that_open_are_reported(
        older in rules(), added in prop::option::of(written()), dropped in any::<prop::sample::Index>(), until in prop::option::of(written()), drop in any::<bool>(),
    ) {
        let mut newer = older.clone();
        newer.extend(added);
        if let (Some(source), Some(rule)) = (until, newer.iter_mut().find(|rule| rule.allow)) {
            rule.until = source.until;
        }
        if drop && !newer.is_empty() {
            newer.remove(dropped.index(newer.len()));
        }
        check_loosening(&older, &newer)?;
    }

    #[test]
    fn fewer_allows_and_more_denies_only_tighten(rules in rules(), deny in written(), keep in any::<u8>()) {
        let older = compile(&rules, LayerKind::Personal);
        prop_assert_eq!(older.loosens(&older, NOW), Vec::<String>::new());
        let mut newer: Vec<Written> = rules
            .iter()
            .enumerate()
            .filter(|(index, rule)| !rule.allow || keep & (1 << index) != 0)
            .map(|(_, rule)| rule.clone())
            .collect();
        newer.push(Written { allow: false, until: None, ..deny });
        let newer = compile(&newer, LayerKind::Personal);
        prop_assert_eq!(newer.loosens(&older, NOW), Vec::<String>::new());
    }
}

fn check_loosening(older: &[Written], newer: &[Written]) -> Result<(), TestCaseError> {
    let (old, new) = (compile(older, LayerKind::Personal), compile(newer, LayerKind::Personal));
    if !new.loosens(&old, NOW).is_empty() {
        return Ok(());
    }
    for asked in all_asked() {
        for now in [NOW, NOW + 10, NOW + 100] {
            let (before, after) = (decide(&old, &asked, now), decide(&new, &asked, now));
            prop_assert!(before.is_allowed() || !after.is_allowed(), "newly allowed: {:?}", asked);
            prop_assert!(before.pass_through || !after.pass_through, "no longer looked into: {:?}", asked);
        }
    }
    Ok(())
}
