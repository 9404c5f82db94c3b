//! Which changes wait for a word from the host, and in which words that is said.

use drawbridge_policy::{LayerKind, Policy};

use crate::world::{NOW, personal, policy};

fn says(older: &str, newer: &str) -> Vec<String> {
    personal(newer).loosens(&personal(older), NOW)
}

#[test]
fn tightening_and_rewording_are_silent() {
    for (older, newer) in [
        (r#"{"allow": ["a.example", "b.example"]}"#, r#"{"allow": ["b.example"]}"#),
        (r#"{"allow": ["*.a.example"]}"#, r#"{"allow": ["x.a.example", "*.y.a.example"]}"#),
        (r#"{"allow": ["a.example"]}"#, r#"{"allow": ["GET a.example/x/**"]}"#),
        (r#"{"allow": ["a.example/x/**"]}"#, r#"{"allow": ["GET a.example/x/y/*", "a.example/x/*"]}"#),
        (r#"{"allow": ["GET a.example", "POST a.example"]}"#, r#"{"allow": ["GET,POST a.example"]}"#),
        (r#"{"allow": ["a.example:443", "a.example:8443"]}"#, r#"{"allow": ["a.example:8443,443"]}"#),
        (r#"{"allow": ["a.example"]}"#, r#"{"allow": ["a.example"], "deny": ["POST a.example"]}"#),
        (r#"{"deny": ["x.a.example"]}"#, r#"{"deny": ["*.a.example"]}"#),
        (r#"{"deny": ["POST a.example"]}"#, r#"{"deny": ["a.example"]}"#),
        (r#"{"allow": ["a.example"]}"#, r#"{"allow": [{"host": "a.example", "until": "2027-01-01"}]}"#),
        (r#"{"allow": []}"#, r#"{"allow": [{"host": "a.example", "until": "2020-01-01"}]}"#),
        (r#"{"use": ["npm"]}"#, r#"{"use": ["npm:read"]}"#),
        (r#"{"allow": ["a.example"]}"#, r#"{"allow": ["a.example"], "inspect": "always"}"#),
        (r#"{"mode": {"observe": {"until": "2026-12-01"}}}"#, "{}"),
        (
            r#"{"allow": ["a.example"]}"#,
            r#"{"allow": [{"host": "a.example", "reason": "new words"}], "asks": ["tcp://b.example:1"]}"#,
        ),
    ] {
        assert_eq!(says(older, newer), Vec::<String>::new(), "{older} → {newer}");
    }
}

#[test]
fn anything_that_may_open_is_said() {
    for (older, newer, wanted) in [
        ("{}", r#"{"allow": ["a.example"]}"#, "newly allows `a.example` (personal, personal.jsonc:1)"),
        (
            r#"{"allow": ["x.a.example"]}"#,
            r#"{"allow": ["*.a.example"]}"#,
            "newly allows `*.a.example` (personal, personal.jsonc:1)",
        ),
        (
            r#"{"allow": ["GET a.example"]}"#,
            r#"{"allow": ["a.example"]}"#,
            "newly allows `a.example` (personal, personal.jsonc:1)",
        ),
        (
            r#"{"allow": ["a.example/x/*"]}"#,
            r#"{"allow": ["a.example/x/**"]}"#,
            "newly allows `a.example/x/**` (personal, personal.jsonc:1)",
        ),
        (
            r#"{"allow": ["a.example"]}"#,
            r#"{"allow": ["a.example:443,8443"]}"#,
            "newly allows `a.example:443,8443` (personal, personal.jsonc:1)",
        ),
        (
            r#"{"allow": ["tcp://a.example:443"]}"#,
            r#"{"allow": ["a.example"]}"#,
            "newly allows `a.example` (personal, personal.jsonc:1)",
        ),
        (
            r#"{"allow": ["a.example"]}"#,
            r#"{"allow": [{"host": "a.example", "private": true, "reason": "x"}]}"#,
            "newly allows `a.example private` (personal, personal.jsonc:1), reason: x",
        ),
        (r#"{"deny": ["a.example"]}"#, "{}", "no longer denies `a.example` (personal, personal.jsonc:1)"),
        (
            r#"{"deny": ["a.example"]}"#,
            r#"{"deny": ["POST a.example", "http://a.example"]}"#,
            "no longer denies `a.example` (personal, personal.jsonc:1)",
        ),
        (
            r#"{"allow": [{"host": "a.example", "until": "2026-12-01"}]}"#,
            r#"{"allow": [{"host": "a.example", "until": "2026-12-02"}]}"#,
            "newly allows `a.example` (personal, personal.jsonc:1), until 2026-12-02",
        ),
        (
            r#"{"allow": [{"host": "a.example", "until": "2020-01-01"}]}"#,
            r#"{"allow": ["a.example"]}"#,
            "newly allows `a.example` (personal, personal.jsonc:1)",
        ),
        (
            r#"{"allow": [{"host": "a.example", "until": "2026-12-01"}]}"#,
            r#"{"allow": ["a.example"]}"#,
            "newly allows `a.example` (personal, personal.jsonc:1)",
        ),
        (
            r#"{"allow": ["a.example/x/**"]}"#,
            r#"{"allow": ["a.example/x"]}"#,
            "newly allows `a.example/x` (personal, personal.jsonc:1)",
        ),
        (r#"{"inspect": "always"}"#, "{}", "no longer inspects every host"),
        (
            "{}",
            r#"{"mode": {"observe": {"until": "2026-12-01"}}}"#,
            "only observes: lets everything through and records it",
        ),
        (
            r#"{"mode": {"observe": {"until": "2026-12-01"}}}"#,
            r#"{"mode": {"observe": {"until": "2026-12-02"}}}"#,
            "only observes: lets everything through and records it",
        ),
        (r#"{"requireReview": true}"#, "{}", "no longer requires a review of the repository's policy"),
        (r#"{"use": ["npm:read"]}"#, r#"{"use": ["npm"]}"#, ""),
    ] {
        let said = says(older, newer);
        assert!(!said.is_empty(), "{older} → {newer}");
        assert!(wanted.is_empty() || said == [wanted], "{older} → {newer}: {said:?}");
    }
}

#[test]
fn paths_with_two_readings_are_not_shared_out_among_rules() {
    // Each old rule takes one reading of `/a%2Fb`, none takes both; the new one takes both.
    let said = says(
        r#"{"allow": [{"host": "a.example", "paths": ["/a/b"]}, {"host": "a.example", "paths": ["/a%2Fb"]}]}"#,
        r#"{"allow": [{"host": "a.example", "paths": ["/a/b", "/a%2Fb"]}]}"#,
    );
    assert_eq!(said.len(), 1, "{said:?}");
}

#[test]
fn a_layer_that_moves_or_vanishes_changes_only_what_it_grants() {
    let both = policy(&[
        (LayerKind::Personal, r#"{"allow": ["tcp://db.example:5432"]}"#),
        (LayerKind::Repository, r#"{"allow": ["a.example", "tcp://db.example:5432"]}"#),
    ]);
    let one = policy(&[(LayerKind::Repository, r#"{"allow": ["a.example", "tcp://db.example:5432"]}"#)]);
    assert_eq!(one.loosens(&both, NOW), Vec::<String>::new());
    assert_eq!(both.loosens(&one, NOW).len(), 1, "the grant");
    assert_eq!(Policy::default().loosens(&both, NOW), Vec::<String>::new());
}
