//! Pitfall 32 of the field: the repository's policy is written by whoever wrote the repository.

use drawbridge_policy::{AskKind, LayerKind, Reason, Scheme, Verdict};

use crate::world::{NOW, ask, connect, errors, host, https, loaded, policy, warnings};

const REPOSITORY: LayerKind = LayerKind::Repository;

#[test]
fn it_may_open_public_hosts() {
    let policy = policy(&[(
        REPOSITORY,
        r#"{"use": ["npm"], "allow": ["a.example", "*.cdn.example", "GET b.example/x", "http://c.example", "ssh://git.example", "9.9.9.9"]}"#,
    )]);
    for (scheme, name, port) in [
        (Scheme::Https, "a.example", 443),
        (Scheme::Https, "x.cdn.example", 443),
        (Scheme::Https, "b.example", 443),
        (Scheme::Http, "c.example", 80),
        (Scheme::Ssh, "git.example", 22),
        (Scheme::Https, "9.9.9.9", 443),
    ] {
        assert!(connect(&policy, scheme, name, port).is_allowed(), "{name}");
    }
}

#[test]
fn it_gets_no_private_address() {
    let policy = policy(&[(
        REPOSITORY,
        r#"{"allow": [{"host": "a.example", "private": true}, "10.0.0.5", "http://192.168.1.1", "ssh://10.1.1.1",
            "host.docker.internal", "gateway.docker.internal", {"host": "git.corp.example", "scheme": "ssh", "private": true}, "100.64.0.1", "[fd12::1]"]}"#,
    )]);
    assert_eq!(policy.rules().count(), 0);
    assert_eq!(policy.asks().len(), 9);
    for (scheme, name, port) in [
        (Scheme::Https, "a.example", 443),
        (Scheme::Https, "10.0.0.5", 443),
        (Scheme::Https, "[::ffff:10.0.0.5]", 443),
        (Scheme::Http, "192.168.1.1", 80),
        (Scheme::Ssh, "10.1.1.1", 22),
        (Scheme::Https, "host.docker.internal", 443),
        (Scheme::Ssh, "git.corp.example", 22),
        (Scheme::Https, "[fd12::1]", 443),
    ] {
        let decision = connect(&policy, scheme, name, port);
        assert_eq!((decision.verdict, decision.reason), (Verdict::Deny, Reason::NotGranted), "{name}");
        assert!(!decision.private && !policy.addresses_private_allowed(&host(name), port, NOW), "{name}");
    }
}

#[test]
fn it_gets_no_private_address_for_a_public_name_it_may_open() {
    let policy = policy(&[
        (REPOSITORY, r#"{"allow": ["db.corp.example"]}"#),
        (
            LayerKind::Personal,
            r#"{"allow": [{"host": "db.corp.example", "ports": [8443], "private": true, "reason": "x"}]}"#,
        ),
    ]);
    let open = connect(&policy, Scheme::Https, "db.corp.example", 443);
    assert!(open.is_allowed() && !open.private, "the grant is for another port");
    assert!(connect(&policy, Scheme::Https, "db.corp.example", 8443).private);
}

#[test]
fn it_gets_no_tcp_target_and_no_listener() {
    let text = r#"{"allow": ["tcp://db.example:5432", {"host": "*.example.org", "scheme": "tcp", "ports": [25, 587]}]}"#;
    let policy = policy(&[(REPOSITORY, text)]);
    assert!(policy.listeners(NOW).is_empty());
    assert_eq!(connect(&policy, Scheme::Tcp, "db.example", 5432).reason, Reason::NotGranted);
    assert_eq!(connect(&policy, Scheme::Tcp, "mx.example.org", 25).reason, Reason::NotGranted);
    assert!(!policy.steer(&host("db.example"), NOW).is_allowed());
    insta::assert_snapshot!(warnings(&[(REPOSITORY, text)]).lines().next().unwrap_or_default(), @"repository.jsonc:1:12: warning[repository-cannot-grant]: `tcp://db.example:5432` is asked for, not granted: a repository cannot open `tcp` targets");
}

#[test]
fn it_cannot_call_a_tunnel_ssh() {
    let policy = policy(&[(REPOSITORY, r#"{"allow": ["ssh://cdn.example:443", "ssh://git.example:2222"]}"#)]);
    assert_eq!(policy.connect(&host("cdn.example"), 443, NOW).1.reason, Reason::NotGranted);
    assert!(policy.connect(&host("git.example"), 2222, NOW).1.is_allowed());
}

#[test]
fn it_gets_no_metadata_address_and_neither_does_anybody_else() {
    for target in [
        "169.254.169.254",
        "http://169.254.169.254",
        "[fd00:ec2::254]",
        "[::ffff:169.254.169.254]",
        "100.100.100.200",
        "168.63.129.16",
        "http://metadata.google.internal",
        "Metadata.Google.Internal.",
        "127.0.0.1",
        "localhost",
        "a.localhost",
        "[::1]",
        "0.0.0.0",
        "[64:ff9b::a9fe:a9fe]",
        "tcp://169.254.169.254:80",
        "ssh://127.0.0.1",
        "[fe80::1]",
        "255.255.255.255",
    ] {
        for kind in [
            REPOSITORY,
            LayerKind::Personal,
            LayerKind::Organisation,
            LayerKind::Grants,
            LayerKind::Catalogue,
        ] {
            for list in ["allow", "asks"] {
                let text = format!(r#"{{"{list}": ["{target}"]}}"#);
                let said = errors(kind, &text);
                assert!(
                    said.contains("can never be allowed") || said.contains("usual spelling"),
                    "{target}: {said}"
                );
            }
        }
    }
    let private = errors(LayerKind::Personal, r#"{"allow": [{"host": "169.254.169.254", "private": true}]}"#);
    assert!(private.contains("error[never-allowed]"), "{private}");
}

#[test]
fn it_cannot_turn_enforcement_off() {
    for text in [
        r#"{"mode": "observe"}"#,
        r#"{"mode": {"observe": {"until": "2999-01-01"}}}"#,
        r#"{"asks": [{"mode": "observe"}]}"#,
    ] {
        let policy = policy(&[(REPOSITORY, text)]);
        assert!(!policy.observes(NOW), "{text}");
        assert_eq!(https(&policy, "any.example"), Reason::HostNotAllowed, "{text}");
        assert_eq!(policy.asks()[0].kind, AskKind::Observe, "{text}");
    }
    let mixed = policy(&[
        (REPOSITORY, r#"{"mode": "enforce"}"#),
        (LayerKind::Personal, r#"{"mode": {"observe": {"until": "2026-12-01"}}}"#),
    ]);
    assert!(mixed.observes(NOW), "the developer's word counts, not the repository's");
}

#[test]
fn it_cannot_have_a_host_inspected_that_breaks_under_inspection() {
    let licence = ["account", "jetbrains", "com"].join(".");
    let all = ["*", "jetbrains", "com"].join(".");
    for name in [&licence, &all] {
        let text = format!(r#"{{"allow": ["GET {name}"], "inspect": "always"}}"#);
        let policy = policy(&[(REPOSITORY, &text)]);
        assert_eq!(https(&policy, &licence), Reason::NotGranted, "{name}");
    }
    let text = format!(r#"{{"allow": ["{licence}"], "deny": ["POST {licence}"]}}"#);
    assert_eq!(https(&policy(&[(REPOSITORY, &text)]), &licence), Reason::DeniedByRule, "all or nothing");
    let own = format!(r#"{{"allow": ["GET {licence}"]}}"#);
    assert!(connect(&policy(&[(LayerKind::Personal, &own)]), Scheme::Https, &licence, 443).inspect);
}

#[test]
fn it_cannot_set_what_it_may() {
    let said = errors(REPOSITORY, "{\n  \"repositoryMay\": [\"*.example.com\"]\n}");
    insta::assert_snapshot!(said, @"
    repository.jsonc:2:3: error[wrong-layer]: `repositoryMay` belongs in an organisation's or a personal policy
      hint: remove it here
    ");
    assert!(errors(REPOSITORY, r#"{"requireReview": false}"#).contains("wrong-layer"));
    assert!(errors(REPOSITORY, r#"{"upstreamProxy": "evil.example:3128"}"#).contains("wrong-layer"));
    for key in ["secrets", "extraCas", "resolver"] {
        assert!(errors(REPOSITORY, &format!(r#"{{"{key}": []}}"#)).contains("unknown-key"), "{key}");
    }
}

#[test]
fn it_stays_within_what_its_owners_let_it() {
    let may = |text: &'static str| (LayerKind::Organisation, text);
    let repository = (
        REPOSITORY,
        r#"{"use": ["npm", "cargo"], "allow": ["a.acme.example", "evil.example", "*.acme.example", "*.example.org"]}"#,
    );
    let bounded = policy(&[may(r#"{"repositoryMay": ["npm", "*.acme.example"]}"#), repository]);
    assert_eq!(https(&bounded, "a.acme.example"), Reason::Allowed);
    assert_eq!(https(&bounded, "x.y.acme.example"), Reason::Allowed);
    assert_eq!(https(&bounded, "evil.example"), Reason::NotGranted);
    assert_eq!(https(&bounded, "x.example.org"), Reason::NotGranted);
    let npm = ["registry", "npmjs", "org"].join(".");
    let crates = ["index", "crates", "io"].join(".");
    assert_eq!(https(&bounded, &npm), Reason::Allowed);
    assert_eq!(https(&bounded, &crates), Reason::HostNotAllowed);

    let both = policy(&[
        may(r#"{"repositoryMay": ["npm", "*.acme.example"]}"#),
        (LayerKind::Personal, r#"{"repositoryMay": ["a.acme.example"], "allow": ["mine.example"]}"#),
        repository,
    ]);
    assert_eq!(https(&both, "a.acme.example"), Reason::Allowed);
    assert_eq!(https(&both, "b.acme.example"), Reason::NotGranted, "both owners bind");
    assert_eq!(https(&both, &npm), Reason::HostNotAllowed);
    assert_eq!(https(&both, "mine.example"), Reason::Allowed, "owners are not bound");

    let nothing = policy(&[may(r#"{"repositoryMay": []}"#), repository]);
    assert_eq!(https(&nothing, "a.acme.example"), Reason::NotGranted);
    let reading = policy(&[may(r#"{"repositoryMay": ["npm:read"]}"#), (REPOSITORY, r#"{"use": ["npm"]}"#)]);
    assert_eq!(https(&reading, &npm), Reason::HostNotAllowed, "more than reading");
    let reading =
        policy(&[may(r#"{"repositoryMay": ["npm:read"]}"#), (REPOSITORY, r#"{"use": ["npm:read"]}"#)]);
    assert!(connect(&reading, Scheme::Https, &npm, 443).inspect);
}

#[test]
fn an_ask_is_granted_by_the_same_target_in_a_trusted_layer() {
    let text = r#"{"asks": ["tcp://db.corp.example:5432", {"secret": "anthropic", "host": "api.model.example", "reason": "the agent"}],
                   "allow": [{"host": "wiki.corp.example", "private": true, "reason": "docs"}]}"#;
    let alone = loaded(&[(REPOSITORY, text)]).policy;
    assert_eq!(alone.asks().len(), 3);
    assert!(alone.asks().iter().all(|ask| !alone.is_granted(ask, NOW)));
    assert_eq!(connect(&alone, Scheme::Tcp, "db.corp.example", 5432).reason, Reason::NotGranted);

    for (kind, grant, granted) in [
        (LayerKind::Grants, r#"{"allow": ["tcp://db.corp.example:5432"]}"#, true),
        (LayerKind::Personal, r#"{"allow": ["tcp://*.corp.example:5432"]}"#, true),
        (
            LayerKind::Organisation,
            r#"{"allow": [{"host": "db.corp.example", "scheme": "tcp", "ports": [1, 5432], "until": 1795435300}]}"#,
            true,
        ),
        (
            LayerKind::Grants,
            r#"{"allow": [{"host": "db.corp.example", "scheme": "tcp", "ports": 5432, "until": 1795435100}]}"#,
            false,
        ),
        (LayerKind::Grants, r#"{"allow": ["tcp://db.corp.example:5433"]}"#, false),
        (LayerKind::Grants, r#"{"allow": ["db.corp.example:5432"]}"#, false),
    ] {
        let policy = policy(&[(REPOSITORY, text), (kind, grant)]);
        let found = policy.asks().iter().find(|ask| ask.source.text.starts_with("tcp://")).unwrap();
        assert_eq!(policy.is_granted(found, NOW), granted, "{grant}");
        assert_eq!(connect(&policy, Scheme::Tcp, "db.corp.example", 5432).is_allowed(), granted, "{grant}");
    }
    let secret = alone.asks().iter().find(|ask| matches!(ask.kind, AskKind::Secret { .. })).unwrap();
    assert_eq!(secret.source.reason.as_deref(), Some("the agent"));
    assert_eq!(
        ask(&alone, "GET", "https://api.model.example/").reason,
        Reason::HostNotAllowed,
        "no host comes with it"
    );
}

#[test]
fn a_flood_is_answered_with_few_words() {
    let many = vec![r#""tcp://a.example:1""#; 20_000].join(",");
    let said = errors(REPOSITORY, &format!(r#"{{"allow": [{many}]}}"#));
    assert!(said.contains("more than 10000 entries"), "{said}");
    let bad = vec!["1"; 5_000].join(",");
    assert!(errors(REPOSITORY, &format!(r#"{{"allow": [{bad}]}}"#)).lines().count() <= 200);
    assert!(errors(REPOSITORY, &" ".repeat(2 << 20)).contains("too-large"));
    let deep = "[".repeat(100_000);
    assert!(errors(REPOSITORY, &format!(r#"{{"allow": {deep}"#)).contains("error[syntax]"));
}
