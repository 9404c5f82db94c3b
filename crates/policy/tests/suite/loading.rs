//! Mistakes in a policy file: all of them, each with its place and a next step.

use drawbridge_policy::{Action, LayerKind, Severity, load};

use crate::world::{NOW, errors, layer, personal};

const MINE: LayerKind = LayerKind::Personal;

#[test]
fn every_mistake_is_reported_with_its_place() {
    let text = r#"// a policy
{
  "version": 2,
  "alow": [],
  "use": ["npn", "npm:wirte", { "bundle": "vscode", "phases": ["telemtry"] }, 7],
  "allow": [
    "*",
    "*.com",
    "a.*.example",
    "GET,get a.example",
    "ftp://a.example",
    "a.example:0",
    "tcp://a.example",
    "ssh://a.example/x",
    "a.example/../b",
    "a.example/a**b",
    "a.example/x?y=1",
    "a .example",
    "user@a.example",
    { "host": "a.example", "method": ["GET"] },
    { "hosts": ["a.example"] },
    { "host": "a.example", "ports": ["443"], "paths": [] },
    { "host": "a.example", "until": "tomorrow", "reason": "" },
    true
  ],
  "deny": [{ "host": "a.example", "until": "2027-01-01" }, "*"],
  "asks": [{ "secret": "no spaces", "host": "a.example" }, { "secret": "x" }],
  "inspect": "never",
  "mode": "off",
  "deniedNames": true
}
"#;
    insta::assert_snapshot!(errors(MINE, text), @r#"
    personal.jsonc:3:14: error[version]: the only version is 1
      hint: write `"version": 1`
    personal.jsonc:4:3: error[unknown-key]: `alow` is not a key of this object
      hint: did you mean `allow`?
    personal.jsonc:5:11: error[unknown-bundle]: there is no bundle `npn`
      hint: did you mean `npm`?
    personal.jsonc:5:18: error[unknown-suffix]: `:wirte` is not understood here
      hint: use `:read` or a phase: `:build`, `:login`, `:run`, `:telemetry`, `:update`
    personal.jsonc:5:64: error[unknown-value]: `telemtry` is not a value of `phases`
      hint: use one of `build`, `login`, `run`, `telemetry`, `update`
    personal.jsonc:5:79: error[wrong-type]: a bundle is a string or an object, not a number
    personal.jsonc:7:5: error[bad-host]: `*`: `*` would allow every host
      hint: list the hosts, or let `mode: observe` of your own policy find them
    personal.jsonc:8:5: error[bad-host]: `*.com`: a wildcard over a domain where everybody can register a name
      hint: name the subdomain that is needed, as in `project.example.com`
    personal.jsonc:9:5: error[bad-host]: `a.*.example`: a `*` is only understood as the whole first label, as in `*.example.com`
      hint: write each host, or `*.` and the domain they share
    personal.jsonc:10:5: error[bad-method]: `GET,get a.example`: `get` is not a method
      hint: methods are upper case and separated by commas, as in `GET,HEAD`
    personal.jsonc:11:5: error[bad-rule]: `ftp://a.example`: the scheme `ftp` is not known
      hint: use `https`, `http`, `ssh` or `tcp`
    personal.jsonc:12:5: error[bad-port]: `a.example:0`: the port is not a number from 1 to 65535
    personal.jsonc:13:5: error[bad-port]: `tcp://a.example`: a `tcp` rule needs a port
      hint: write the port, as in `tcp://db.corp.example:5432`
    personal.jsonc:14:5: error[bad-rule]: `ssh://a.example/x`: `ssh` rules have no methods, paths or query
      hint: only `https` and `http` have requests to look at
    personal.jsonc:15:5: error[bad-path]: `a.example/../b`: the path steps above the root
    personal.jsonc:16:5: error[bad-path]: `a.example/a**b`: `**` stands for whole segments and cannot be part of one
      hint: write `/**` for any depth, `*` within a segment
    personal.jsonc:17:5: error[bad-rule]: `a.example/x?y=1`: a query cannot be written in the string form
      hint: use the object form: `{ "host": …, "paths": […], "query": {…} }`
    personal.jsonc:18:5: error[bad-method]: `a .example`: `a` is not a method
      hint: methods are upper case and separated by commas, as in `GET,HEAD`
    personal.jsonc:19:5: error[bad-host]: `user@a.example`: the host holds a character that no host name has
      hint: write the bare host name; schemes, ports and paths have their own places
    personal.jsonc:20:28: error[unknown-key]: `method` is not a key of this object
      hint: did you mean `methods`?
    personal.jsonc:21:5: error[no-host]: the rule has no `host`
    personal.jsonc:21:7: error[unknown-key]: `hosts` is not a key of this object
      hint: did you mean `host`?
    personal.jsonc:22:38: error[bad-port]: a port is a number from 1 to 65535
    personal.jsonc:22:55: error[empty-list]: the list is empty
      hint: leave the key out to mean any
    personal.jsonc:23:37: error[bad-date]: `until` is neither a date nor a time in unix seconds
      hint: write the last day as `"2027-01-31"` (UTC, inclusive)
    personal.jsonc:23:59: error[bad-reason]: the reason is empty
      hint: say what the rule is for, or leave the key out
    personal.jsonc:24:5: error[wrong-type]: a rule is a string or an object, not a boolean
    personal.jsonc:26:35: error[unknown-key]: `until` is not a key of this object
      hint: known keys: host, scheme, ports, methods, paths, query, reason
    personal.jsonc:26:60: error[bad-host]: `*`: `*` would allow every host
      hint: list the hosts, or let `mode: observe` of your own policy find them
    personal.jsonc:27:24: error[bad-secret]: this is not the name of a secret
      hint: use up to 64 letters, digits, `-` and `_`
    personal.jsonc:27:60: error[no-host]: the secret has no `host`
      hint: a secret goes to one host
    personal.jsonc:28:14: error[unknown-value]: `never` is not a value of `inspect`
      hint: use one of `when-needed`, `always`
    personal.jsonc:29:11: error[unknown-value]: `off` is not a value of `mode`
      hint: use one of `enforce`, `observe`
    personal.jsonc:30:18: error[wrong-type]: `deniedNames` takes a string, not a boolean
    "#);
}

#[test]
fn broken_json_names_line_and_column() {
    insta::assert_snapshot!(errors(MINE, "{\n  \"allow\": [\"é\" \"a.example\"]\n}"), @"personal.jsonc:2:17: error[syntax]: expected `,`");
    insta::assert_snapshot!(errors(MINE, "{\n  \"allow\": [],\n  \"deny\": [],\n  \"allow\": [\"a.example\"]\n}"), @r#"
    personal.jsonc:4:3: error[duplicate-key]: `/allow` is written more than once
      hint: keep one: readers differ on which one counts
    "#);
    insta::assert_snapshot!(errors(MINE, ""), @"personal.jsonc:1:1: error[syntax]: expected a value");
    insta::assert_snapshot!(errors(MINE, "[]"), @"personal.jsonc:1:1: error[wrong-type]: a policy is an object, not an array");
}

#[test]
fn comments_trailing_commas_and_a_byte_order_mark_are_fine() {
    let text = "\u{feff}{\r\n  // why\r\n  \"allow\": [\"a.example\",], /* end */\r\n}\r\n";
    let policy = personal(text);
    let rule = policy.rules().next().unwrap();
    assert_eq!((rule.source().line, rule.source().column), (3, 13));
}

#[test]
fn one_bad_layer_stops_all() {
    let good = layer(LayerKind::Personal, r#"{"allow": ["*.example"]}"#);
    let good = drawbridge_policy::Layer { text: r#"{"allow": ["a.example"]}"#.to_owned(), ..good };
    let bad = layer(LayerKind::Repository, "{");
    let found = load(&[good, bad], NOW).unwrap_err();
    assert!(found.iter().all(|one| one.layer == LayerKind::Repository && one.severity == Severity::Error));
    assert!(!found.is_empty());
}

#[test]
fn a_wildcard_never_reaches_over_a_public_suffix() {
    for (text, wanted) in [
        ("*.com", "everybody"),
        ("*.co.uk", "everybody"),
        ("*.uk", "everybody"),
        ("*.example", "everybody"),
        ("*.internal", "everybody"),
        ("*.github.io", "everybody"),
        ("*.s3.amazonaws.com", "everybody"),
        ("*.CO.UK.", "everybody"),
        ("*", "every host"),
        ("**", "every host"),
        ("*.", "host is empty"),
        ("*.*.example.com", "whole first label"),
        ("a*.example.com", "whole first label"),
        ("a.*.example.com", "whole first label"),
        ("*example.com", "whole first label"),
        ("example.*", "whole first label"),
        ("*.1.2.3.4", "no subdomains"),
        ("127.1", "usual spelling"),
        ("0x7f000001", "usual spelling"),
        ("[::ffff:1.2.3.4]", "usual spelling"),
        ("1.2.3.4.", "usual spelling"),
    ] {
        let said = errors(MINE, &format!(r#"{{"allow": ["{text}"]}}"#));
        assert!(said.contains(wanted), "{text}: {said}");
    }
    for text in ["*.example.com", "*.a.co.uk", "*.user.github.io", "*.cdn.example"] {
        personal(&format!(r#"{{"allow": ["{text}"]}}"#));
    }
    personal(r#"{"deny": ["*.github.io", "*.com"]}"#);
}

#[test]
fn the_string_and_the_object_form_mean_the_same() {
    for (string, object) in [
        (r#""a.example""#, r#"{"host": "a.example", "scheme": "https", "ports": 443}"#),
        (r#""http://a.example""#, r#"{"host": "a.example", "scheme": "http"}"#),
        (r#""ssh://a.example:2222""#, r#"{"host": "a.example", "scheme": "ssh", "ports": [2222]}"#),
        (
            r#""tcp://[2606:4700::1]:53,853""#,
            r#"{"host": "[2606:4700::1]", "scheme": "tcp", "ports": [53, 853]}"#,
        ),
        (
            r#""GET,HEAD *.a.example/x/**""#,
            r#"{"host": "*.A.example.", "methods": ["GET", "HEAD"], "paths": ["/x/**"]}"#,
        ),
        (
            r#""POST http://a.example:8080/x""#,
            r#"{"host": "a.example", "scheme": "http", "ports": [8080], "methods": ["POST"], "paths": ["/x"]}"#,
        ),
    ] {
        let texts = [string, object].map(|rule| {
            let policy = personal(&format!(r#"{{"allow": [{rule}]}}"#));
            let rule = policy.rules().next().unwrap();
            assert_eq!(rule.action(), Action::Allow);
            rule.source().text.clone()
        });
        assert_eq!(texts[0], texts[1]);
        assert_eq!(format!("\"{}\"", texts[0]), string, "the text is the string form");
    }
}

#[test]
fn the_text_of_a_deny_says_how_far_it_goes() {
    let policy = personal(
        r#"{"deny": ["a.example", "https://b.example", "c.example:443", "http://d.example:80", "POST e.example/x"]}"#,
    );
    let texts: Vec<&str> = policy.rules().map(|rule| rule.source().text.as_str()).collect();
    let wanted =
        ["a.example", "https://b.example", "c.example:443", "http://d.example:80", "POST e.example/x"];
    assert_eq!(texts, wanted);
}

#[test]
fn observing_ends_and_soon() {
    for text in [
        r#"{"mode": "observe"}"#,
        r#"{"mode": {"observe": {}}}"#,
        r#"{"mode": {"observe": {"until": "2999-01-01"}}}"#,
    ] {
        assert!(errors(MINE, text).contains("error[observe-without-end]"), "{text}");
        assert!(errors(LayerKind::Organisation, text).contains("error[observe-without-end]"), "{text}");
    }
    let day = |days: i64| format!(r#"{{"mode": {{"observe": {{"until": {}}}}}}}"#, NOW + days * 86_400);
    assert!(errors(MINE, &day(32)).contains("error[observe-without-end]"));
    assert!(personal(&day(31)).observes(NOW));
    assert!(!personal(&day(-1)).observes(NOW), "over, and no mistake");
}

#[test]
fn an_upstream_proxy_is_one_host_and_port_of_the_owners() {
    let proxy = |text: &str| personal(text).upstream_proxy().cloned();
    let plain = proxy(r#"{"upstreamProxy": "Proxy.Corp.example:3128"}"#).unwrap();
    assert_eq!((plain.authority.to_string().as_str(), plain.secret), ("proxy.corp.example:3128", None));
    let named = proxy(r#"{"upstreamProxy": {"address": "10.0.0.9:8080", "secret": "corp"}}"#).unwrap();
    assert_eq!(
        (named.authority.to_string().as_str(), named.secret.as_deref()),
        ("10.0.0.9:8080", Some("corp"))
    );
    assert_eq!(proxy("{}"), None);
    for (text, code) in [
        (r#"{"upstreamProxy": "proxy.example"}"#, "bad-host"),
        (r#"{"upstreamProxy": "http://proxy.example:1"}"#, "bad-host"),
        (r#"{"upstreamProxy": "user:word@proxy.example:1"}"#, "bad-host"),
        (r#"{"upstreamProxy": "169.254.169.254:80"}"#, "never-allowed"),
        (r#"{"upstreamProxy": "127.0.0.1:3128"}"#, "never-allowed"),
        (r#"{"upstreamProxy": {"secret": "corp"}}"#, "no-host"),
        (r#"{"upstreamProxy": {"address": "a.example:1", "password": "x"}}"#, "unknown-key"),
        (r#"{"upstreamProxy": 3128}"#, "wrong-type"),
    ] {
        assert!(errors(MINE, text).contains(code), "{text}: {}", errors(MINE, text));
    }
    let two = [
        layer(LayerKind::Organisation, r#"{"upstreamProxy": "a.example:1"}"#),
        layer(MINE, r#"{"upstreamProxy": "b.example:1"}"#),
    ];
    assert_eq!(load(&two, NOW).unwrap_err()[0].code, "two-proxies");
}
