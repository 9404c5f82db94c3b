//! The catalogue: complete entries, and what `use` makes of them.

use std::collections::BTreeSet;

use drawbridge_policy::catalogue::{Inspection, Phase, bundle, bundles, entry_of, shared};
use drawbridge_policy::{HostPattern, LayerKind, Reason, Scheme};

use crate::world::{NOW, ask, connect, errors, host, https, personal};

/// A host as the catalogue writes it, so that no registry name stands in this file.
fn name(labels: &str) -> String {
    labels.split(' ').rev().collect::<Vec<_>>().join(".")
}

#[test]
fn every_bundle_loads_and_every_entry_is_complete() {
    let ids: Vec<&str> = bundles().iter().map(|bundle| bundle.id.as_str()).collect();
    for wanted in [
        "vscode",
        "jetbrains",
        "jetbrains-ai",
        "maven",
        "gradle",
        "npm",
        "yarn",
        "pypi",
        "cargo",
        "go",
        "rubygems",
        "nuget",
        "composer",
        "debian",
        "ubuntu",
        "alpine",
        "oci",
        "github",
        "gitlab",
        "claude-code",
        "codex",
        "copilot",
        "gemini",
        "opencode",
        "cursor",
        "factory",
        "amp",
        "aider",
        "pi",
        "hermes",
        "goose",
        "playwright",
        "rustup",
    ] {
        assert!(ids.contains(&wanted), "{wanted}");
    }
    for bundle in bundles() {
        assert!(!bundle.about.is_empty() && !bundle.hosts.is_empty(), "{}", bundle.id);
        for entry in &bundle.hosts {
            let text = format!("{}: {}", bundle.id, entry.labels.join(" "));
            assert!(entry.labels.len() >= 2 && !entry.schemes.is_empty(), "{text}");
            assert!(entry.labels.iter().all(|label| *label == label.to_lowercase()), "{text}");
            assert!(
                !entry.about.is_empty() && !entry.if_denied.is_empty() && !entry.source.is_empty(),
                "{text}"
            );
            assert!(entry.date.len() == 7 && entry.date.starts_with("20"), "{text}");
            let pattern = entry.pattern().to_string();
            assert!(HostPattern::parse(&pattern, false).is_ok(), "{text}: over a public suffix");
        }
        // Expanding checks methods and paths of every surface.
        for options in [
            format!(r#""{}""#, bundle.id),
            format!(r#""{}:read""#, bundle.id),
            format!(r#""{}:telemetry:update:build:login:run""#, bundle.id),
        ] {
            personal(&format!(r#"{{"use": [{options}]}}"#));
        }
        if bundle.hosts.iter().any(|entry| entry.repo.is_some()) {
            for access in ["read", "write"] {
                personal(&format!(
                    r#"{{"use": [{{"bundle": "{}", "repos": ["a/b", "c/*"], "access": "{access}"}}]}}"#,
                    bundle.id
                ));
            }
        }
    }
}

#[test]
fn the_embedded_list_is_the_folder() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/catalogue");
    #[expect(clippy::disallowed_methods, reason = "the test compares files with what is embedded")]
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            entry.unwrap().file_name().into_string().unwrap().strip_suffix(".json").map(str::to_owned)
        })
        .collect();
    let embedded: BTreeSet<String> = bundles().iter().map(|bundle| bundle.id.clone()).collect();
    assert_eq!(files, embedded);
}

#[test]
fn telemetry_and_updates_are_opened_only_on_request() {
    let usual = personal(r#"{"use": ["vscode", "claude-code"]}"#);
    let asked = personal(r#"{"use": ["vscode:telemetry"]}"#);
    let object = personal(r#"{"use": [{"bundle": "vscode", "phases": ["telemetry", "run"]}]}"#);
    let statistics = name("com microsoft data events mobile");
    let gallery = name("com visualstudio marketplace");
    let signs = |policy, host: &str| https(policy, host) == drawbridge_policy::Reason::Allowed;
    assert!(signs(&usual, &gallery) && !signs(&usual, &statistics));
    assert!(!signs(&asked, &gallery) && signs(&asked, &statistics));
    assert!(signs(&object, &gallery) && signs(&object, &statistics));
    assert!(signs(&usual, "api.anthropic.com") && !signs(&usual, &name("io sentry")));
    for bundle in bundles() {
        let default = personal(&format!(r#"{{"use": ["{}"]}}"#, bundle.id));
        for entry in bundle.hosts.iter().filter(|entry| !entry.phase.is_default()) {
            let HostPattern::Exact(host) = entry.pattern() else { continue };
            assert!(!default.steer(&host, NOW).is_allowed(), "{}: {host}", bundle.id);
        }
    }
}

#[test]
fn read_opens_reading() {
    let policy = personal(r#"{"use": ["npm:read", "jetbrains:read"]}"#);
    let registry = name("org npmjs registry");
    let judge =
        |method: &str, path: &str| ask(&policy, method, &format!("https://{registry}{path}")).is_allowed();
    assert!(connect(&policy, Scheme::Https, &registry, 443).inspect);
    assert!(judge("GET", "/left-pad") && judge("GET", "/@scope%2Fname") && judge("HEAD", "/x"));
    assert!(judge("POST", "/-/npm/v1/security/advisories/bulk"));
    assert!(
        !judge("PUT", "/left-pad") && !judge("POST", "/left-pad") && !judge("DELETE", "/-/npm/v1/security/x")
    );
    let licence = name("com jetbrains account");
    assert!(!policy.steer(&host(&licence), NOW).is_allowed(), "it cannot be looked into");
}

#[test]
fn repositories_of_a_forge_are_opened_one_by_one() {
    let read = personal(r#"{"use": [{"bundle": "github", "repos": ["acme/app", "tools/*"]}]}"#);
    let write = personal(r#"{"use": [{"bundle": "github", "repos": ["acme/app"], "access": "write"}]}"#);
    let web = name("com github");
    let judge =
        |policy, method: &str, path: &str| ask(policy, method, &format!("https://{web}{path}")).is_allowed();
    let fetch = [
        ("GET", "/acme/app/info/refs?service=git-upload-pack"),
        ("GET", "/acme/app.git/info/refs?service=git-upload-pack"),
        ("POST", "/acme/app/git-upload-pack"),
        ("POST", "/acme/app.git/git-upload-pack"),
    ];
    let push = [("POST", "/acme/app/git-receive-pack"), ("POST", "/acme/app.git/git-receive-pack")];
    let others = [
        ("GET", "/evil/app"),
        ("POST", "/evil/app.git/git-upload-pack"),
        ("POST", "/evil/app.git/git-receive-pack"),
        ("GET", "/acme/app/../../evil/app"),
        ("GET", "/acme/application"),
        ("GET", "/acme"),
        ("GET", "/"),
    ];
    for (method, path) in fetch {
        assert!(judge(&read, method, path) && judge(&write, method, path), "{method} {path}");
    }
    for (method, path) in push {
        assert!(!judge(&read, method, path) && judge(&write, method, path), "{method} {path}");
    }
    for (method, path) in others {
        assert!(!judge(&read, method, path) && !judge(&write, method, path), "{method} {path}");
    }
    assert!(judge(&read, "POST", "/tools/x.git/git-upload-pack"));
    let api = name("com github api");
    let api =
        |policy, method: &str, path: &str| ask(policy, method, &format!("https://{api}{path}")).is_allowed();
    assert!(
        api(&read, "GET", "/repos/acme/app/releases/latest") && !api(&read, "POST", "/repos/acme/app/issues")
    );
    assert!(api(&write, "POST", "/repos/acme/app/issues") && !api(&write, "GET", "/user"));
    for repo in ["acme", "../x", "acme/../x", "a/b?c", "*/x", "a/b*", "a//b", ""] {
        let text = format!(r#"{{"use": [{{"bundle": "github", "repos": ["{repo}"]}}]}}"#);
        assert!(errors(LayerKind::Personal, &text).contains("bad-repo"), "{repo}");
    }
}

#[test]
fn the_catalogue_knows_who_shares_a_host() {
    for labels in ["com github gist", "com googleapis storage", "com pastebin", "io ngrok"] {
        let pattern = HostPattern::parse(&format!("x.{}", name(labels)), false).unwrap();
        let exact = HostPattern::parse(&name(labels), false).unwrap();
        assert!(shared(&pattern).or(shared(&exact)).is_some(), "{labels}");
    }
    let wide = HostPattern::parse(&format!("*.{}", name("com github")), false).unwrap();
    assert_eq!(shared(&wide), Some("strangers publish text there"));
    assert_eq!(shared(&HostPattern::parse("docs.example", false).unwrap()), None);
}

#[test]
fn entries_explain_a_host() {
    let pattern = HostPattern::parse(&name("com jetbrains account"), false).unwrap();
    let (_, entry) = entry_of(&pattern).unwrap();
    assert_eq!((entry.phase, entry.inspect), (Phase::Login, Inspection::Never));
    let below = HostPattern::parse(&format!("publisher.{}", name("io vsassets gallery")), false).unwrap();
    assert_eq!(entry_of(&below).unwrap().0.id, "vscode");
    assert!(bundle("npm").is_some() && bundle("nothing").is_none());
}

#[test]
fn pitfall_20_no_bundle_opens_a_way_to_ask_for_names() {
    let all: Vec<&str> = bundles().iter().map(|bundle| bundle.id.as_str()).collect();
    let policy =
        personal(&serde_json::json!({ "version": 1, "use": all, "allow": ["resolver.example"] }).to_string());
    for name in
        ["dns.google", "cloudflare-dns.com", "mozilla.cloudflare-dns.com", "dns.quad9.net", "doh.opendns.com"]
    {
        assert_eq!(https(&policy, name), Reason::HostNotAllowed, "{name}");
    }
    for port in [53, 853] {
        let decision = connect(&policy, Scheme::Https, "resolver.example", port);
        assert_eq!(decision.reason, Reason::PortNotAllowed, "{port}");
    }
}
