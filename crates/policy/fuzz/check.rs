//! What must hold for every input; shared by the fuzz targets and the replay on stable.

#![allow(dead_code, reason = "each fuzz target uses one of the functions")]

use std::sync::LazyLock;

use drawbridge_policy::path::{CanonicalPath, canonical};
use drawbridge_policy::{Authority, Host, HostPattern, Layer, LayerKind, Policy, Request, Scheme, load};

const NOW: i64 = 1_795_435_200;

/// A policy text of a repository and of its developer.
pub(crate) fn policy_file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for kind in [LayerKind::Repository, LayerKind::Personal] {
        let layer = Layer { kind, file: "p".to_owned(), text: text.to_owned() };
        match load(&[layer], NOW) {
            Ok(loaded) => check_policy(&loaded.policy, kind),
            Err(errors) => {
                assert!(!errors.is_empty() && errors.len() <= 100);
                for error in errors {
                    assert!(error.line >= 1 && error.column >= 1 && error.span.end <= text.len());
                    assert!(error.span.slice(text).is_some());
                }
            }
        }
    }
}

fn check_policy(policy: &Policy, kind: LayerKind) {
    assert_eq!(policy.loosens(policy, NOW), Vec::<String>::new());
    for name in ["169.254.169.254", "metadata.google.internal", "127.0.0.1", "localhost", "[fd00:ec2::254]"] {
        let host = Host::parse(name).expect("a host");
        for scheme in Scheme::ALL {
            assert!(!policy.decide(&Request::connection(scheme, &host, 80), NOW).is_allowed(), "{name}");
        }
    }
    for rule in policy.rules() {
        let text = rule.source().text.as_str();
        assert!(rule.source().line >= 1 && rule.source().column >= 1);
        if kind == LayerKind::Repository {
            assert!(
                !rule.is_private() && rule.scheme() != Some(Scheme::Tcp)
                    || rule.action() != drawbridge_policy::Action::Allow
            );
        }
        let again = serde_json::json!({ "allow": [text] }).to_string();
        let again = Layer { kind: LayerKind::Personal, file: "p".to_owned(), text: again };
        if let Ok(again) = load(&[again], NOW) {
            let texts: Vec<&str> = again.policy.rules().map(|rule| rule.source().text.as_str()).collect();
            assert_eq!(texts, [text], "a rule's text means the rule");
        }
    }
    if kind == LayerKind::Repository {
        assert!(policy.listeners(NOW).is_empty() && !policy.observes(NOW));
    }
}

/// The target of CONNECT, a `Host` header, a host of a rule.
pub(crate) fn authority(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(authority) = Authority::parse(text) {
        assert_eq!(Authority::parse(&authority.to_string()).as_ref(), Ok(&authority));
        assert_eq!(Authority::parse_or(text, 1).as_ref(), Ok(&authority));
        assert!(authority.port > 0);
    }
    if let Ok(host) = Host::parse(text) {
        let canonical = host.as_str();
        assert_eq!(Host::parse(canonical).as_ref(), Ok(&host));
        assert!(canonical.bytes().all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase()));
        assert!(!canonical.contains(['/', '@', '%', '#', '?', '\\', '*']) && !canonical.ends_with('.'));
        assert_eq!(host.is_ip(), canonical.parse::<std::net::IpAddr>().is_ok());
    }
    if let Ok(pattern) = HostPattern::parse(text, false) {
        assert_eq!(HostPattern::parse(&pattern.to_string(), false).as_ref(), Ok(&pattern));
        assert!(!pattern.is_wildcard() || !pattern.matches(pattern.host()));
    }
}

/// A request path, against the most lenient upstream that can be thought of.
pub(crate) fn path(data: &[u8]) {
    static POLICY: LazyLock<Policy> = LazyLock::new(|| {
        let text = r#"{"allow": ["a.example/ok/**"]}"#.to_owned();
        let layer = Layer { kind: LayerKind::Personal, file: "p".to_owned(), text };
        load(&[layer], NOW).expect("loads").policy
    });
    let Ok(raw) = std::str::from_utf8(data) else { return };
    let Ok(path) = canonical(raw) else { return };
    let again = canonical(path.as_str());
    assert_eq!(again.as_ref().map(CanonicalPath::as_str), Ok(path.as_str()));
    for reading in path.readings() {
        assert!(reading.starts_with('/') && !reading.contains("//") && !reading.contains('\\'));
        assert!(reading.split('/').all(|segment| segment != "." && segment != ".."));
        assert!(reading.bytes().all(|byte| byte.is_ascii_graphic()));
    }
    let host = Host::parse("a.example").expect("a host");
    let request =
        Request { method: Some("GET"), path: Some(raw), ..Request::connection(Scheme::Https, &host, 443) };
    if POLICY.decide(&request, NOW).is_allowed() {
        for lenient in lenient_readings(path.as_str()) {
            assert!(lenient.starts_with("/ok/"), "{raw} is sent as {} and read as {lenient}", path.as_str());
        }
    }
}

/// What servers are known to make of a path: decoded once, twice or not at all, parameters cut off or
/// kept, a backslash read as slash, dot segments resolved last.
fn lenient_readings(path: &str) -> Vec<String> {
    let once = decode(path.as_bytes());
    let twice = decode(&once);
    let mut readings = Vec::new();
    for bytes in [path.as_bytes().to_vec(), once, twice] {
        for cut in [false, true] {
            let text = String::from_utf8_lossy(&bytes).replace('\\', "/");
            let mut kept: Vec<&str> = Vec::new();
            let mut tail = "";
            for segment in text.split('/') {
                let segment = if cut { segment.split(';').next().unwrap_or_default() } else { segment };
                tail = if matches!(segment, "" | "." | "..") { "/" } else { "" };
                match segment {
                    "" | "." => {}
                    ".." => {
                        kept.pop();
                    }
                    _ => kept.push(segment),
                }
            }
            readings.push(format!("/{}{tail}", kept.join("/")));
        }
    }
    readings
}

fn decode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match digits.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}
