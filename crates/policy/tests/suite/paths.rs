//! Pitfalls 12, 13 and 15 of the field: paths, queries, methods.

use drawbridge_policy::path::{MAX_PATH, PathError as E, canonical};
use drawbridge_policy::{Reason, Verdict};

use crate::world::{ask, personal};

#[test]
fn a_path_has_one_canonical_form_or_none() {
    let good = [
        ("/", "/"),
        ("/a/b", "/a/b"),
        ("/a/b/", "/a/b/"),
        ("/%61%2D%5F%7e", "/a-_~"),
        ("/a/./b", "/a/b"),
        ("/a/.", "/a/"),
        ("/a/b/..", "/a/"),
        ("/a/../b", "/b"),
        ("/a/%2e%2E/b", "/b"),
        ("/a/.%2e/b", "/b"),
        ("/a//b", "/a/b"),
        ("/a///", "/a/"),
        ("//a", "/a"),
        ("/a/...", "/a/..."),
        ("/..a/b..", "/..a/b.."),
        ("/@scope%2fname", "/@scope%2Fname"),
        ("/a;v=1/b", "/a;v=1/b"),
        ("/%40scope", "/%40scope"),
        ("/%c3%bc", "/%C3%BC"),
        ("/a[0]", "/a%5B0%5D"),
        ("/a|b", "/a%7Cb"),
        ("/a%20b", "/a%20b"),
        ("/100%25", "/100%25"),
        ("/100%25/x", "/100%25/x"),
        ("/a+b,c=d:e@f!$&'()*", "/a+b,c=d:e@f!$&'()*"),
    ];
    for (raw, wanted) in good {
        let path = canonical(raw).unwrap_or_else(|error| panic!("{raw}: {error}"));
        assert_eq!(path.as_str(), wanted, "{raw}");
        assert_eq!(canonical(wanted).unwrap().as_str(), wanted, "canonical form is stable");
    }
    let bad = [
        ("", E::NotAbsolute),
        ("a", E::NotAbsolute),
        ("*", E::NotAbsolute),
        ("%2fa", E::NotAbsolute),
        ("/..", E::AboveRoot),
        ("/a/../..", E::AboveRoot),
        ("/%2e%2e/a", E::AboveRoot),
        ("/a/..;/b", E::HiddenDots),
        ("/a/..;x=1/b", E::HiddenDots),
        ("/a/.;/b", E::HiddenDots),
        ("/a/..%3b/b", E::HiddenDots),
        ("/a/..%2fb", E::HiddenDots),
        ("/a%2f..%2fb", E::HiddenDots),
        ("/a%2f%2e%2e%2fb", E::HiddenDots),
        ("/a/..;%2fb", E::HiddenDots),
        ("/a%2f..;x/b", E::HiddenDots),
        ("/a\\..\\b", E::Backslash),
        ("/a%5c..%5cb", E::Backslash),
        ("/a%252e%252e/b", E::DoubleEncoding),
        ("/a/%252e%252e%252fb", E::DoubleEncoding),
        ("/a%25252e", E::DoubleEncoding),
        ("/a/%25%32%65%25%32%65/b", E::DoubleEncoding),
        ("/a/%25%32e%252E/b", E::DoubleEncoding),
        ("/a%00b", E::BadByte),
        ("/a%0d%0ab", E::BadByte),
        ("/a%7f", E::BadByte),
        ("/a b", E::BadByte),
        ("/a\tb", E::BadByte),
        ("/a#b", E::BadByte),
        ("/a?b", E::BadByte),
        ("/ü", E::BadByte),
        ("/a%", E::BadEscape),
        ("/a%2", E::BadEscape),
        ("/a%zz", E::BadEscape),
        ("/a%+1", E::BadEscape),
        ("/%c0%ae%c0%ae/b", E::NotUtf8),
        ("/%c0%af", E::NotUtf8),
        ("/%ff", E::NotUtf8),
    ];
    for (raw, error) in bad {
        assert_eq!(canonical(raw).map(|path| path.as_str().to_owned()), Err(error), "{raw}");
    }
    assert!(canonical(&format!("/{}", "a".repeat(MAX_PATH - 1))).is_ok());
    assert_eq!(canonical(&format!("/{}", "a".repeat(MAX_PATH))), Err(E::TooLong));
    // What is sent has the limit too, so that it reads as the same again.
    let brackets = |count: usize| format!("/{}", "[".repeat(count));
    let longest = brackets(MAX_PATH / 3);
    let sent = canonical(&longest).unwrap();
    assert_eq!(canonical(sent.as_str()).unwrap().as_str(), sent.as_str());
    assert_eq!(canonical(&brackets(MAX_PATH / 3 + 1)), Err(E::TooLong));
}

#[test]
fn no_spelling_of_a_path_steps_out_of_its_rule() {
    let policy = personal(r#"{"allow": ["GET a.example/ok/**"]}"#);
    assert!(ask(&policy, "GET", "https://a.example/ok/x").is_allowed());
    let outside = [
        ("/ok/../secret", Reason::Path),
        ("/ok/%2e%2e/secret", Reason::Path),
        ("/ok/..%2fsecret", Reason::PathNotCanonical),
        ("/ok/..;/secret", Reason::PathNotCanonical),
        ("/ok//../../secret", Reason::PathNotCanonical),
        ("/ok/%252e%252e/secret", Reason::PathNotCanonical),
        ("/ok%2f..%2fsecret", Reason::PathNotCanonical),
        ("/ok%2fx", Reason::Path),
        ("/OK/x", Reason::Path),
        ("/ok;/x", Reason::Path),
        ("/ok", Reason::Path),
        ("/okay/x", Reason::Path),
        ("/", Reason::Path),
    ];
    for (path, reason) in outside {
        let decision = ask(&policy, "GET", &format!("https://a.example{path}"));
        assert_eq!((decision.verdict, decision.reason), (Verdict::Deny, reason), "{path}");
    }
}

#[test]
fn no_spelling_of_a_path_steps_around_a_deny() {
    let policy = personal(
        r#"{"allow": ["a.example"], "deny": ["a.example/admin/**", "a.example/@evil/*", "POST a.example/pay"]}"#,
    );
    for path in [
        "/admin/x",
        "/Admin/x",
        "/%61dmin/x",
        "/x/../admin/y",
        "//admin//x",
        "/admin;x=1/y",
        "/admin/",
        "/admin%2fx",
        "/admin%3bx/y",
        "/@evil/p",
        "/%40evil/p",
        "/@evil%2fp",
        "/%40evil%2Fp",
    ] {
        let decision = ask(&policy, "GET", &format!("https://a.example{path}"));
        assert_eq!(decision.reason, Reason::DeniedByRule, "{path}");
    }
    for path in ["/administrator", "/x/admin/y", "/@evil", "/@evil/p/q", "/pay"] {
        assert!(ask(&policy, "GET", &format!("https://a.example{path}")).is_allowed(), "{path}");
    }
    assert_eq!(ask(&policy, "POST", "https://a.example/pay").reason, Reason::DeniedByRule);
    assert_eq!(ask(&policy, "post", "https://a.example/pay").reason, Reason::DeniedByRule);
}

#[test]
fn an_encoded_slash_must_be_allowed_as_slash_and_as_name() {
    let one = personal(r#"{"allow": [{"host": "a.example", "paths": ["/@acme/**"]}]}"#);
    assert_eq!(ask(&one, "GET", "https://a.example/@acme%2Flib").reason, Reason::Path);
    let both = personal(r#"{"allow": [{"host": "a.example", "paths": ["/@acme/**", "/@acme%2F*"]}]}"#);
    assert!(ask(&both, "GET", "https://a.example/@acme%2Flib").is_allowed());
    assert!(ask(&both, "GET", "https://a.example/@acme%2flib").is_allowed());
    assert_eq!(ask(&both, "GET", "https://a.example/@other%2Flib").reason, Reason::Path);
}

#[test]
fn stars_stay_in_their_segment() {
    let policy = personal(
        r#"{"allow": [{"host": "a.example", "paths": ["/a/*/c", "/v*.tar.gz", "/x/**/y/*.js", "/r/**"]}]}"#,
    );
    let table = [
        ("/a/b/c", true),
        ("/a//c", false),
        ("/a/b/b/c", false),
        ("/a/b%2Fb/c", false),
        ("/v1.2.tar.gz", true),
        ("/v.tar.gz", true),
        ("/v.tar.gz.exe", false),
        ("/x/y/z.js", true),
        ("/x/1/2/y/z.js", true),
        ("/x/y/y/y/z.js", true),
        ("/x/y/z/w.js", false),
        ("/r", false),
        ("/r/", true),
        ("/r/a/b/", true),
    ];
    for (path, allowed) in table {
        let decision = ask(&policy, "GET", &format!("https://a.example{path}"));
        assert_eq!(decision.is_allowed(), allowed, "{path}: {:?}", decision.reason);
    }
}

#[test]
fn pitfall_13_a_query_is_compared_by_meaning_and_unlisted_parameters_are_refused() {
    let policy = personal(
        r#"{"allow": [{"host": "a.example", "query": {"state": ["open", "a b"], "page": "*", "é": "1"}}]}"#,
    );
    let table = [
        ("", true),
        ("?", true),
        ("?state=open", true),
        ("?st%61te=op%65n", true),
        ("?state=a+b", true),
        ("?state=a%20b&page=7", true),
        ("?page", true),
        ("?%C3%A9=1", true),
        ("?state=open&state=closed", false),
        ("?state=OPEN", false),
        ("?state=open;page=1", false),
        ("?other=1", false),
        ("?state=open&other", false),
        ("?page=%zz", false),
        ("?&&state=open&", true),
    ];
    for (query, allowed) in table {
        let decision = ask(&policy, "GET", &format!("https://a.example/x{query}"));
        assert_eq!(decision.is_allowed(), allowed, "{query}");
        assert!(allowed || decision.reason == Reason::Query, "{query}: {:?}", decision.reason);
    }
}

#[test]
fn pitfall_13_a_denied_query_cannot_be_hidden() {
    let policy = personal(
        r#"{"allow": ["a.example"], "deny": [{"host": "a.example", "query": {"service": "git-receive-pack"}}]}"#,
    );
    for query in [
        "service=git-receive-pack",
        "x=1&service=git%2Dreceive-pack",
        "service=a&service=git-receive-pack",
        "x=%",
    ] {
        let decision = ask(&policy, "GET", &format!("https://a.example/info/refs?{query}"));
        assert_eq!(decision.reason, Reason::DeniedByRule, "{query}");
    }
    assert!(ask(&policy, "GET", "https://a.example/info/refs?service=git-upload-pack").is_allowed());
}

#[test]
fn methods_are_exact() {
    let policy = personal(r#"{"allow": ["GET,HEAD a.example"]}"#);
    assert!(ask(&policy, "GET", "https://a.example/").is_allowed());
    assert!(ask(&policy, "HEAD", "https://a.example/").is_allowed());
    for method in ["get", "POST", "", "GET ", "HEADX"] {
        assert_eq!(ask(&policy, method, "https://a.example/").reason, Reason::Method, "`{method}`");
    }
    assert!(ask(&policy, "GET", "https://a.example/").limits_methods);
}
