//! Policies of other tools: what comes over is no wider, and what does not is said.

use drawbridge_policy::import::{Imported, agent_sandbox, harden_runner, sandbox_runtime};
use drawbridge_policy::{Policy, Reason, Scheme};
use serde_json::json;

use crate::world::{ask, connect, https, personal};

fn show(imported: &Imported) -> String {
    let lost: Vec<String> =
        imported.lost.iter().map(|one| format!("{}: {}: {}", one.at, one.what, one.why)).collect();
    format!("{}\n{}", imported.policy, lost.join("\n"))
}

fn load(imported: &Imported) -> Policy {
    personal(&imported.policy.to_string())
}

#[test]
fn harden_runner_endpoints() {
    let imported = harden_runner(
        "a.example:443 b.example:80\n  *.data.c.example:443\n git.example:22 d.example:8443\n\n *:443 169.254.169.254:80 e.example 10.0.0.1:99999",
    );
    insta::assert_snapshot!(show(&imported), @r#"
    {"version":1,"allow":["a.example","http://b.example","*.data.c.example","ssh://git.example","d.example:8443","e.example"]}
    line 3: d.example:8443: taken for TLS; if it is not, write `tcp://` in front in your own policy
    line 5: *: left out: `*` would allow every host
    line 5: http://169.254.169.254: left out: no policy can open it
    line 5: 10.0.0.1:99999: left out: the port is not a number from 1 to 65535
    "#);
    let policy = load(&imported);
    assert!(connect(&policy, Scheme::Ssh, "git.example", 22).is_allowed());
    assert!(connect(&policy, Scheme::Http, "b.example", 80).is_allowed());
    assert_eq!(https(&policy, "data.c.example"), Reason::HostNotAllowed);
}

#[test]
fn sandbox_runtime_settings() {
    let imported = sandbox_runtime(&json!({
        "network": {
            "allowedDomains": ["a.example", "*.b.example", "c.example:8443", "*", 7],
            "deniedDomains": ["evil.b.example", "c.example:8443"],
            "allowLocalBinding": true,
            "allowUnixSockets": ["/var/run/docker.sock"],
            "filterRequest": "x"
        },
        "filesystem": { "denyRead": ["~/.ssh"] }
    }));
    insta::assert_snapshot!(show(&imported), @r#"
    {"version":1,"allow":["a.example","*.b.example","c.example:8443"],"deny":["evil.b.example","c.example:8443"]}
    /network/allowedDomains/2: c.example:8443: taken for TLS; if it is not, write `tcp://` in front in your own policy
    /network/allowedDomains/3: *: left out: `*` would allow every host
    /network/allowedDomains/4: 7: left out: not a string
    /network/allowedDomains: entries without a port: allowed every port there, allow https on 443 here
    /network/allowLocalBinding: allowLocalBinding: left out: the container has its own loopback
    /network/allowUnixSockets: allowUnixSockets: left out: sockets are mounts of the container
    /network/filterRequest: filterRequest: left out: no counterpart
    /filesystem: filesystem: left out: `drawbridge run` and the mounts limit files
    "#);
    let policy = load(&imported);
    assert_eq!(https(&policy, "x.b.example"), Reason::Allowed);
    assert_eq!(https(&policy, "evil.b.example"), Reason::DeniedByRule);
    let claude = sandbox_runtime(
        &json!({ "sandbox": { "enabled": true, "network": { "allowedDomains": ["a.example"] } } }),
    );
    assert_eq!(https(&load(&claude), "a.example"), Reason::Allowed);
}

#[test]
fn agent_sandbox_policies() {
    let imported = agent_sandbox(&json!({
        "services": [
            "claude", "unknown-service",
            { "name": "npm", "readonly": true },
            { "name": "github", "repos": ["acme/app", "../x"], "surfaces": ["api", "git"], "readonly": true },
            { "name": "github", "merge_mode": "replace", "repos": ["acme/lib"], "surfaces": ["git"] }
        ],
        "domains": [
            "a.example", "*.b.example", "*.com",
            { "host": "c.example", "rules": [
                { "schemes": ["https"], "methods": ["get"], "path": { "prefix": "/v1/public/" } },
                { "scheme": "http", "path": { "exact": "/x" } },
                { "scheme": "https", "path": { "prefix": "/rep" }, "query": { "exact": { "v": 2, "t": ["a", "b"] } } },
                { "path": { "prefix": "/a/../b" } },
                { "path": { "regex": ".*" } },
                { "scheme": "ftp" },
                { "method": "GET", "query": { "exact": {} }, "request_headers": [] }
            ] },
            { "host": "d.example", "merge_mode": "replace", "rules": [{ "scheme": "https" }] },
            { "rules": [] }
        ],
        "extra": 1
    }));
    insta::assert_snapshot!(show(&imported), @r#"
    {"version":1,"use":["claude-code","npm:read",{"bundle":"github","repos":["acme/app"],"access":"read"},{"bundle":"github","repos":["acme/lib"],"access":"write"}],"allow":["a.example","*.b.example","b.example",{"host":"c.example","methods":["GET"],"paths":["/v1/public/**"]},{"host":"c.example","paths":["/x"],"scheme":"http"},{"host":"c.example","paths":["/rep*","/rep*/**"],"query":{"v":"2","t":["a","b"]}},{"host":"c.example","methods":["GET"],"query":{}},"d.example"]}
    /services/1: "unknown-service": left out: no bundle of this name; list its hosts under `allow`
    /services/3: "../x": left out: not a repository
    /services/4: "replace": `merge_mode` is left out: here layers add up and a deny takes away
    /services/4: surfaces: both git and the API of the repositories are opened
    /domains/2: *.com: left out: a wildcard over a domain where everybody can register a name
    /domains/3/rules/2: {"exact":{"v":2,"t":["a","b"]}}: every parameter was required; here a listed one may be missing
    /domains/3/rules/3: {"host":"c.example","paths":["/a/../b*","/a/../b*/**"]}: left out: the path pattern is not in canonical form
    /domains/3/rules/4: {"regex":".*"}: left out: the path has no pattern of ours
    /domains/3/rules/5: {"host":"c.example","scheme":"ftp"}: left out: the scheme `ftp` is not known
    /domains/3/rules/6: request_headers: left out: a secret never comes from the repository
    /domains/4: "replace": `merge_mode` is left out: here layers add up and a deny takes away
    /domains/5: {"rules":[]}: left out: no host
    /extra: extra: left out: no counterpart
    /domains: bare hosts: http and every port were open too; allow https on 443 here
    "#);
    let policy = load(&imported);
    assert_eq!(https(&policy, "b.example"), Reason::Allowed, "there the wildcard means the apex too");
    assert!(ask(&policy, "GET", "https://c.example/v1/public/x").is_allowed());
    assert!(!ask(&policy, "POST", "https://c.example/v1/public/x").is_allowed());
    assert!(ask(&policy, "PUT", "https://c.example/repository/y?v=2").is_allowed());
    assert!(!ask(&policy, "PUT", "https://c.example/repository/y?v=3").is_allowed());
    assert!(ask(&policy, "GET", "https://c.example/anything").is_allowed());
    assert!(!ask(&policy, "GET", "https://c.example/anything?q").is_allowed());
    assert!(ask(&policy, "POST", "http://c.example/x").is_allowed());
}

#[test]
fn nonsense_imports_as_nothing() {
    for value in [
        json!(null),
        json!([]),
        json!({ "domains": {}, "services": 3 }),
        json!({ "network": [] }),
        json!("x"),
    ] {
        for imported in [agent_sandbox(&value), sandbox_runtime(&value)] {
            assert_eq!(load(&imported).rules().count(), 0, "{value}");
        }
    }
    assert_eq!(load(&harden_runner("")).rules().count(), 0);
}
