//! What a rule opens, and what every other question gets.

use drawbridge_policy::{LayerKind, Policy, Reason, Scheme, Verdict};

use crate::world::{NOW, ask, connect, host, https, personal, policy};

#[test]
fn nothing_allows_nothing() {
    for policy in [Policy::default(), policy(&[]), personal("{}"), personal(r#"{"version": 1, "allow": []}"#)]
    {
        assert_eq!(https(&policy, "a.example"), Reason::HostNotAllowed);
        assert_eq!(https(&policy, "9.9.9.9"), Reason::IpLiteral);
        assert_eq!(policy.steer(&host("a.example"), NOW).verdict, Verdict::Deny);
        assert_eq!(policy.connect(&host("a.example"), 443, NOW).1.verdict, Verdict::Deny);
    }
}

#[test]
fn a_rule_opens_its_scheme_and_its_ports_only() {
    let policy = personal(
        r#"{"allow": ["a.example", "http://b.example", "ssh://c.example", "tcp://d.example:5432",
            {"host": "e.example", "ports": [8443, 9443]}, "f.example:8443,443"]}"#,
    );
    let allowed = [
        (Scheme::Https, "a.example", 443),
        (Scheme::Http, "b.example", 80),
        (Scheme::Ssh, "c.example", 22),
        (Scheme::Tcp, "d.example", 5432),
        (Scheme::Https, "e.example", 8443),
        (Scheme::Https, "e.example", 9443),
        (Scheme::Https, "f.example", 443),
        (Scheme::Https, "f.example", 8443),
    ];
    for name in ["a", "b", "c", "d", "e", "f"].map(|label| format!("{label}.example")) {
        for scheme in Scheme::ALL {
            for port in [22, 80, 443, 5432, 8443, 9443] {
                let decision = connect(&policy, scheme, &name, port);
                let wanted = allowed.contains(&(scheme, name.as_str(), port));
                assert_eq!(decision.is_allowed(), wanted, "{scheme}://{name}:{port}");
            }
        }
    }
    assert_eq!(connect(&policy, Scheme::Https, "a.example", 22).reason, Reason::PortNotAllowed);
    assert_eq!(connect(&policy, Scheme::Http, "a.example", 80).reason, Reason::SchemeNotAllowed);
}

#[test]
fn connect_finds_out_what_a_port_is_for() {
    let policy = personal(
        r#"{"allow": ["a.example", "ssh://a.example", "tcp://a.example:5432", "http://a.example:8080"]}"#,
    );
    for (port, scheme) in [(443, Scheme::Https), (22, Scheme::Ssh), (5432, Scheme::Tcp), (8080, Scheme::Http)]
    {
        let (found, decision) = policy.connect(&host("a.example"), port, NOW);
        assert_eq!((found, decision.is_allowed()), (scheme, true), "{port}");
    }
    assert_eq!(policy.connect(&host("a.example"), 25, NOW).1.reason, Reason::PortNotAllowed);
    assert_eq!(policy.connect(&host("b.example"), 443, NOW).1.reason, Reason::HostNotAllowed);
}

#[test]
fn connect_believes_a_tcp_rule_and_guesses_when_observing() {
    let policy = personal(r#"{"allow": ["a.example", "tcp://a.example:443", "tcp://b.example:443"]}"#);
    for name in ["a.example", "b.example"] {
        assert_eq!(policy.connect(&host(name), 443, NOW).0, Scheme::Tcp, "{name}");
    }
    let observing = personal(
        r#"{"mode": {"observe": {"until": "2026-12-01"}}, "allow": ["a.example:5432"], "deny": ["c.example"]}"#,
    );
    for (name, port, scheme) in [
        ("a.example", 5432, Scheme::Https),
        ("b.example", 443, Scheme::Https),
        ("b.example", 80, Scheme::Http),
        ("b.example", 22, Scheme::Ssh),
        ("b.example", 5432, Scheme::Tcp),
    ] {
        let (found, decision) = observing.connect(&host(name), port, NOW);
        assert_eq!((found, decision.is_allowed()), (scheme, true), "{name}:{port}");
    }
    assert_eq!(observing.connect(&host("c.example"), 443, NOW).1.reason, Reason::DeniedByRule);
}

#[test]
fn dns_steers_what_any_rule_may_allow() {
    let policy = personal(
        r#"{"allow": ["*.a.example", "http://b.example", "tcp://c.example:5432", "GET d.example/x", "e.example", "f.example"],
            "deny": ["e.example", "POST f.example", "x.a.example"]}"#,
    );
    for (name, steered) in [
        ("x.y.a.example", true),
        ("a.example", false),
        ("x.a.example", false),
        ("b.example", true),
        ("c.example", true),
        ("d.example", true),
        ("e.example", false),
        ("f.example", true),
        ("g.example", false),
    ] {
        assert_eq!(policy.steer(&host(name), NOW).is_allowed(), steered, "{name}");
    }
}

#[test]
fn deny_wins_in_every_layer() {
    let allow = r#"{"allow": ["a.example", "*.b.example"]}"#;
    for (first, second) in [
        (LayerKind::Catalogue, LayerKind::Grants),
        (LayerKind::Organisation, LayerKind::Repository),
        (LayerKind::Repository, LayerKind::Personal),
        (LayerKind::Grants, LayerKind::Repository),
        (LayerKind::Personal, LayerKind::Personal),
    ] {
        let policy = policy(&[(first, allow), (second, r#"{"deny": ["a.example", "*.x.b.example"]}"#)]);
        let decision = connect(&policy, Scheme::Https, "a.example", 443);
        assert_eq!(decision.reason, Reason::DeniedByRule);
        assert_eq!(decision.rule.unwrap().layer, second);
        assert_eq!(https(&policy, "y.x.b.example"), Reason::DeniedByRule);
        assert_eq!(https(&policy, "x.b.example"), Reason::Allowed);
    }
}

#[test]
fn a_deny_without_scheme_or_port_closes_them_all() {
    let policy = personal(
        r#"{"allow": ["a.example", "http://a.example", "ssh://a.example", "a.example:8443", "b.example", "http://b.example"],
            "deny": ["a.example", "http://b.example"]}"#,
    );
    for (scheme, port) in [(Scheme::Https, 443), (Scheme::Http, 80), (Scheme::Ssh, 22), (Scheme::Https, 8443)]
    {
        assert_eq!(connect(&policy, scheme, "a.example", port).reason, Reason::DeniedByRule);
    }
    assert!(connect(&policy, Scheme::Https, "b.example", 443).is_allowed());
    assert_eq!(connect(&policy, Scheme::Http, "b.example", 80).reason, Reason::DeniedByRule);
}

#[test]
fn inspection_is_asked_for_only_where_the_verdict_depends_on_it() {
    let policy = personal(
        r#"{"allow": ["a.example", "GET b.example/x/**", "c.example", "GET c.example/x", "d.example", "GET http://e.example/x"],
            "deny": ["POST d.example"]}"#,
    );
    // (host, inspect, pass_through)
    for (name, inspect, pass_through) in [
        ("a.example", false, true),
        ("b.example", true, false),
        ("c.example", false, true),
        ("d.example", true, false),
    ] {
        let decision = connect(&policy, Scheme::Https, name, 443);
        assert!(decision.is_allowed(), "{name}");
        assert_eq!((decision.inspect, decision.pass_through), (inspect, pass_through), "{name}");
    }
    let plain = connect(&policy, Scheme::Http, "e.example", 80);
    assert!(plain.is_allowed() && !plain.inspect && !plain.pass_through);
    assert!(ask(&policy, "GET", "http://e.example/x").is_allowed());
    assert_eq!(ask(&policy, "GET", "http://e.example/y").reason, Reason::Path);

    let always = personal(r#"{"inspect": "always", "use": ["jetbrains"], "allow": ["a.example"]}"#);
    let decision = connect(&always, Scheme::Https, "a.example", 443);
    assert!(decision.inspect && decision.pass_through);
    let licence = ["account", "jetbrains", "com"].join(".");
    let decision = connect(&always, Scheme::Https, &licence, 443);
    assert!(decision.is_allowed() && !decision.inspect, "the catalogue says never");
}

#[test]
fn an_expired_rule_denies_and_says_why_it_was_there() {
    let policy = personal(
        r#"{"allow": [{"host": "a.example", "reason": "release notes", "until": "2026-11-22"},
                      {"host": "b.example", "until": "2026-11-23"},
                      {"host": "c.example", "until": 1795435200}, {"host": "d.example", "until": 1795435201}]}"#,
    );
    let decision = connect(&policy, Scheme::Https, "a.example", 443);
    assert_eq!((decision.verdict, decision.reason), (Verdict::Deny, Reason::Expired));
    assert_eq!(
        decision.explain(),
        "expired: `a.example` (personal, personal.jsonc:1), until 2026-11-22, reason: release notes"
    );
    assert_eq!(https(&policy, "b.example"), Reason::Allowed, "the last day counts");
    assert_eq!(https(&policy, "c.example"), Reason::Expired);
    assert_eq!(https(&policy, "d.example"), Reason::Allowed);
    assert_eq!(policy.next_expiry(NOW), Some(NOW + 1));
}

#[test]
fn no_layer_opens_metadata_or_the_sidecar_itself() {
    let policy = personal(
        r#"{"allow": ["*.google.internal", {"host": "10.0.0.5", "private": true}, "10.0.0.6",
            {"host": "host.docker.internal", "ports": [8080], "private": true}]}"#,
    );
    assert_eq!(https(&policy, "metadata.google.internal"), Reason::AddressRefused);
    assert_eq!(https(&policy, "169.254.169.254"), Reason::IpLiteral);
    assert_eq!(https(&policy, "10.0.0.5"), Reason::Allowed);
    assert_eq!(https(&policy, "10.0.0.6"), Reason::AddressRefused, "not marked as private");
    assert!(policy.addresses_private_allowed(&host("host.docker.internal"), 8080, NOW));
    assert!(!policy.addresses_private_allowed(&host("host.docker.internal"), 8081, NOW));
    assert!(!policy.addresses_private_allowed(&host("10.0.0.6"), 443, NOW));
}

#[test]
fn observing_lets_through_all_but_denies_and_addresses() {
    let policy = personal(
        r#"{"mode": {"observe": {"until": "2026-11-30", "reason": "first week"}}, "allow": ["GET b.example/x"], "deny": ["a.example"]}"#,
    );
    assert_eq!(https(&policy, "any.example"), Reason::Observed);
    assert_eq!(https(&policy, "a.example"), Reason::DeniedByRule);
    assert_eq!(https(&policy, "9.9.9.9"), Reason::IpLiteral);
    assert_eq!(https(&policy, "metadata.google.internal"), Reason::AddressRefused);
    assert_eq!(ask(&policy, "POST", "https://b.example/y").reason, Reason::Observed);
    assert_eq!(ask(&policy, "GET", "http://any.example/a/..%2fb").reason, Reason::PathNotCanonical);
    assert!(policy.steer(&host("any.example"), NOW).is_allowed());
    let later = NOW + 30 * 86_400;
    assert!(!policy.observes(later));
    assert!(!policy.steer(&host("any.example"), later).is_allowed());

    let both = crate::world::policy(&[
        (LayerKind::Personal, r#"{"mode": {"observe": {"until": "2026-12-01"}}}"#),
        (LayerKind::Organisation, r#"{"mode": "enforce"}"#),
    ]);
    assert_eq!(https(&both, "any.example"), Reason::HostNotAllowed, "an owner who says enforce wins");
}

#[test]
fn listeners_are_the_tcp_rules_of_one_host() {
    let policy = personal(
        r#"{"allow": [{"host": "db.example", "scheme": "tcp", "ports": [5432, 5433]}, "tcp://cache.example:6379",
            "tcp://tls.example:443", "tcp://*.wide.example:7000", {"host": "old.example", "scheme": "tcp", "ports": 9000, "until": "2020-01-01"}]}"#,
    );
    let found: Vec<(u16, String)> =
        policy.listeners(NOW).into_iter().map(|one| (one.port, one.host.to_string())).collect();
    let wanted = [(5432, "db.example"), (5433, "db.example"), (6379, "cache.example")];
    assert_eq!(found, wanted.map(|(port, host)| (port, host.to_owned())));
    assert!(connect(&policy, Scheme::Tcp, "tls.example", 443).is_allowed(), "by CONNECT");
    assert!(connect(&policy, Scheme::Tcp, "a.wide.example", 7000).is_allowed(), "by CONNECT");
}

#[test]
fn all_rules_about_a_host_can_be_shown() {
    let policy =
        personal(r#"{"allow": ["a.b.example", "*.b.example", "c.example"], "deny": ["POST *.b.example"]}"#);
    let host = host("a.b.example");
    let texts: Vec<&str> = policy.rules_about(&host).map(|rule| rule.source().text.as_str()).collect();
    assert_eq!(texts, ["*.b.example", "a.b.example", "POST *.b.example"]);
}

#[test]
fn a_decision_names_its_line_and_serialises() {
    let policy = personal(
        "{\n  \"allow\": [\n    \"a.example\",\n    { \"host\": \"b.example\", \"reason\": \"docs\" }\n  ]\n}",
    );
    let decision = connect(&policy, Scheme::Https, "b.example", 443);
    insta::assert_snapshot!(serde_json::to_string_pretty(&decision).unwrap(), @r#"
    {
      "verdict": "allow",
      "reason": "allowed",
      "rule": {
        "text": "b.example",
        "layer": "personal",
        "file": "personal.jsonc",
        "line": 4,
        "column": 5,
        "reason": "docs"
      },
      "inspect": false,
      "pass_through": true,
      "limits_methods": false,
      "private": false
    }
    "#);
    let closest = connect(&policy, Scheme::Https, "a.example", 8443);
    assert_eq!(
        closest.explain(),
        "the host is allowed on another port, by `a.example` (personal, personal.jsonc:3)"
    );
}
