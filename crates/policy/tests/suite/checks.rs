//! `drawbridge check METHOD URL`.

use drawbridge_policy::{AuthorityError, CheckError, HostError, Reason, Scheme};

use crate::world::{NOW, personal};

#[test]
fn a_url_gets_the_verdict_of_the_sidecar() {
    let policy = personal(
        r#"{"allow": ["open.example", "GET docs.example/guide/**", "http://plain.example", "ssh://git.example", "tcp://db.example:5432"]}"#,
    );
    for (method, url, reason) in [
        ("POST", "https://open.example/any?x=1", Reason::Allowed),
        ("POST", "https://open.example/a/..%2fb", Reason::Allowed),
        ("GET", "HTTPS://OPEN.example.:443", Reason::Allowed),
        ("GET", "https://open.example:8443/", Reason::PortNotAllowed),
        ("GET", "http://open.example/", Reason::SchemeNotAllowed),
        ("GET", "https://docs.example/guide/x", Reason::Allowed),
        ("GET", "https://docs.example/guide/../x", Reason::Path),
        ("GET", "https://docs.example", Reason::Path),
        ("POST", "https://docs.example/guide/x", Reason::Method),
        ("GET", "https://docs.example/guide/..%2fx", Reason::PathNotCanonical),
        ("GET", "http://plain.example?q", Reason::Allowed),
        ("GET", "http://plain.example/a/..%2fb", Reason::PathNotCanonical),
        ("GET", "ssh://git.example", Reason::Allowed),
        ("GET", "tcp://db.example:5432", Reason::Allowed),
        ("GET", "https://127.1/", Reason::IpLiteral),
        ("GET", "https://evil.example/", Reason::HostNotAllowed),
    ] {
        let checked = policy.check(method, url, NOW).unwrap_or_else(|error| panic!("{url}: {error}"));
        assert_eq!(checked.decision.reason, reason, "{method} {url}");
    }
}

#[test]
fn what_is_no_url_is_refused() {
    let policy = personal("{}");
    for (url, error) in [
        ("open.example", CheckError::NoScheme),
        ("ftp://open.example", CheckError::UnknownScheme("ftp".to_owned())),
        ("tcp://db.example", CheckError::NoPort),
        ("ssh://git.example/x", CheckError::NoPath(Scheme::Ssh)),
        ("https://open.example/#top", CheckError::Fragment),
        ("https://open.example#@evil.example/", CheckError::Fragment),
        ("https://user@open.example/", CheckError::Authority(AuthorityError::Userinfo)),
        ("https://open.example:x/", CheckError::Authority(AuthorityError::BadPort)),
        ("https:///x", CheckError::Authority(AuthorityError::Host(HostError::Empty))),
        ("https://a\\b/", CheckError::Authority(AuthorityError::Host(HostError::BadCharacter))),
    ] {
        assert_eq!(policy.check("GET", url, NOW).unwrap_err(), error, "{url}");
    }
}
