//! What a policy should tell its author although it loads.

use drawbridge_policy::LayerKind;

use crate::world::{personal, warnings};

#[test]
fn a_policy_says_what_has_no_effect_or_too_wide_a_one() {
    let gist = ["gist", "github", "com"].join(".");
    let text = format!(
        r#"{{
  "use": ["github", {{ "bundle": "npm", "until": "2020-01-01" }}, "npm:update"],
  "allow": [
    "{gist}",
    "*.cdn.example",
    "tcp://db.example:443",
    "a.example/",
    "b.example",
    {{ "host": "c.example", "until": "2026-11-01", "reason": "old" }},
    "10.0.0.5",
    {{ "host": "d.example", "private": true }}
  ],
  "deny": ["b.example"],
  "asks": ["tcp://x.example:1"]
}}"#
    );
    insta::assert_snapshot!(warnings(&[(LayerKind::Personal, &text)]), @r#"
    personal.jsonc:2:11: warning[shared-host]: `github` opens hosts where anybody can put content: github.com, api.github.com, codeload.github.com, raw.githubusercontent.com, objects.githubusercontent.com, release-assets.githubusercontent.com
      hint: limit it: `{ "bundle": "github", "repos": ["owner/name"] }`
    personal.jsonc:2:21: warning[expired]: `npm` has expired: it ended with 2020-01-01
      hint: remove it, or set a new date
    personal.jsonc:2:65: warning[nothing-used]: the bundle `npm` has no host of this phase
    personal.jsonc:4:5: warning[shared-host]: `gist.github.com` is not only yours: strangers publish text there
      hint: add the paths that are needed, which has the host inspected
    personal.jsonc:5:5: warning[no-reason]: `*.cdn.example` opens much and does not say why
      hint: use the object form and add `"reason": "…"`
    personal.jsonc:6:5: warning[no-reason]: `tcp://db.example:443` opens much and does not say why
      hint: use the object form and add `"reason": "…"`
    personal.jsonc:6:5: warning[own-port]: the sidecar itself listens on this port, so only clients that use CONNECT get through
    personal.jsonc:7:5: warning[root-path]: `a.example/` allows the path `/` alone
      hint: remove the `/` to allow the host, or write `/**`
    personal.jsonc:8:5: warning[shadowed]: `b.example` has no effect: denied by `b.example` (personal, personal.jsonc:13)
      hint: remove one of the two
    personal.jsonc:9:5: warning[expired]: `c.example` has expired: it ended with 2026-11-01
      hint: remove it, or set a new date
    personal.jsonc:10:5: warning[needs-private]: `10.0.0.5` is a private address and stays closed
      hint: use the object form and add `"private": true`
    personal.jsonc:11:5: warning[no-reason]: `d.example private` opens much and does not say why
      hint: use the object form and add `"reason": "…"`
    personal.jsonc:14:12: warning[asks-nobody]: only a repository has to ask; this has no effect
      hint: write it under `allow`
    "#);
}

#[test]
fn a_repository_hears_what_it_only_asked_for() {
    let text = r#"{
  "allow": ["tcp://db.example:5432", { "host": "wiki.example", "private": true }, "ok.example"],
  "asks": [{ "secret": "model", "host": "api.example" }, { "secret": "other", "host": "ok.example" }],
  "mode": "observe"
}"#;
    insta::assert_snapshot!(warnings(&[(LayerKind::Repository, text)]), @r#"
    repository.jsonc:2:13: warning[repository-cannot-grant]: `tcp://db.example:5432` is asked for, not granted: a repository cannot open `tcp` targets
      hint: allow the same target in your own policy to grant it
    repository.jsonc:2:38: warning[repository-cannot-grant]: `wiki.example private` is asked for, not granted: a repository cannot open private addresses
      hint: allow the same target in your own policy to grant it
    repository.jsonc:3:12: warning[secret-host-closed]: the secret `model` is for api.example, which is not allowed
      hint: allow the host, or remove the ask
    repository.jsonc:4:11: warning[repository-cannot-grant]: a repository cannot turn enforcement off
      hint: set it in your own policy, for a limited time
    "#);
}

#[test]
fn a_careful_policy_hears_nothing() {
    let text = r#"{
  "$schema": "https://schemas.example/policy.json", "version": 1,
  "use": ["claude-code", "vscode", "maven", "npm", "cargo", "pypi", "go", { "bundle": "github", "repos": ["acme/app"] }],
  "allow": ["docs.example", "GET,HEAD docs2.example/guide/**",
    { "host": "*.cdn.example", "reason": "images", "until": "2027-01-31" }],
  "deny": [{ "host": "gist.example", "reason": "user content" }],
  "inspect": "when-needed", "mode": "enforce"
}"#;
    assert_eq!(warnings(&[(LayerKind::Personal, text)]), "");
    assert_eq!(warnings(&[(LayerKind::Repository, text)]), "");
}

#[test]
fn one_port_leads_to_one_host() {
    let said = crate::world::errors(
        LayerKind::Personal,
        "{\n  \"allow\": [\n    \"tcp://a.example:5432\",\n    \"tcp://b.example:5432\"\n  ]\n}",
    );
    insta::assert_snapshot!(said, @r#"
    personal.jsonc:4:5: error[port-taken]: port 5432 already leads to another host, by `tcp://a.example:5432` (personal, personal.jsonc:3)
      hint: one port can lead to one host only
    "#);
    personal(r#"{"allow": ["tcp://a.example:5432", "tcp://a.example:5432,5433", "tcp://b.example:5434"]}"#);
}
