//! The JSON schema of a policy file, for editors: completion and a first check while typing. The loader
//! is stricter; it knows hosts, dates and who may say what.

use serde_json::{Value, json};

use crate::catalogue::{Phase, bundles};

/// The schema, draft 2020-12. Lists the bundles of this version's catalogue.
pub fn schema() -> Value {
    let ids: Vec<&str> = bundles().iter().map(|bundle| bundle.id.as_str()).collect();
    let names: Vec<Value> =
        bundles().iter().map(|bundle| json!({ "const": bundle.id, "description": bundle.about })).collect();
    let phases = Phase::ALL.map(Phase::name);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Drawbridge egress policy",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "$schema": { "type": "string" },
            "version": { "const": 1 },
            "use": {
                "description": "Bundles of the catalogue; `:read` opens reading only, a phase (`:telemetry`) that phase only",
                "type": "array",
                "maxItems": 100,
                "items": { "anyOf": [
                    { "anyOf": names },
                    { "type": "string", "pattern": format!("^({})(:(read|{}))+$", ids.join("|"), phases.join("|")) },
                    { "$ref": "#/$defs/bundle" },
                ] },
            },
            "allow": {
                "description": "What may be reached",
                "type": "array",
                "items": { "anyOf": [{ "$ref": "#/$defs/string" }, { "$ref": "#/$defs/allow" }] },
            },
            "deny": {
                "description": "What may not be reached, whatever any layer allows",
                "type": "array",
                "items": { "anyOf": [{ "$ref": "#/$defs/string" }, { "$ref": "#/$defs/deny" }] },
            },
            "asks": {
                "description": "What a repository needs and only the host can grant",
                "type": "array",
                "items": { "anyOf": [
                    { "$ref": "#/$defs/string" },
                    { "$ref": "#/$defs/allow" },
                    { "$ref": "#/$defs/secret" },
                    object(&json!({ "mode": { "const": "observe" }, "reason": reason() }), &["mode"]),
                ] },
            },
            "inspect": {
                "description": "When TLS ends in the sidecar: where a rule needs it, or at every host that allows it",
                "enum": ["when-needed", "always"],
            },
            "mode": {
                "description": "`observe` lets everything through and records it; only the developer's own policy can say so",
                "anyOf": [
                    { "enum": ["enforce", "observe"] },
                    object(&json!({ "observe": object(&json!({ "until": until(), "reason": reason() }), &[]) }), &["observe"]),
                ],
            },
            "deniedNames": {
                "description": "What DNS says about a name that is not allowed",
                "enum": ["nxdomain", "explain"],
            },
            "repositoryMay": {
                "description": "Bundles and hosts outside which a repository's `use` and `allow` are ignored",
                "type": "array",
                "items": { "type": "string" },
            },
            "requireReview": {
                "description": "Content of a repository's policy counts only after somebody accepted it",
                "type": "boolean",
            },
            "upstreamProxy": upstream_proxy(),
            "ignores": ignores(),
        },
        "$defs": {
            "string": {
                "description": "`[METHODS ][scheme://]host[:ports][path]`, as in `GET,HEAD docs.example/guide/**`",
                "type": "string",
                "minLength": 1,
                "maxLength": 2048,
            },
            "allow": rule(true),
            "deny": rule(false),
            "bundle": object(
                &json!({
                    "bundle": { "anyOf": names, "description": "A bundle of the catalogue" },
                    "phases": { "type": "array", "minItems": 1, "items": { "enum": phases } },
                    "read": { "type": "boolean", "description": "Reading only; has the hosts inspected" },
                    "repos": { "type": "array", "minItems": 1, "maxItems": 50, "items": { "type": "string", "pattern": "^[^/]+(/[^/]+)+$" } },
                    "access": { "enum": ["read", "write"], "description": "What `repos` may be used for; `read` if left out" },
                    "reason": reason(),
                    "until": until(),
                }),
                &["bundle"],
            ),
            "secret": object(
                &json!({
                    "secret": { "type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$" },
                    "host": { "type": "string" },
                    "reason": reason(),
                }),
                &["secret", "host"],
            ),
        },
    })
}

fn ignores() -> Value {
    json!({
        "description": "Findings of `drawbridge audit` that are accepted; a repository has to say until when, and what was seen in a running container or on the host stays",
        "type": "array",
        "maxItems": 100,
        "items": object(
            &json!({
                "rule": { "type": "string", "description": "Id or code of the rule" },
                "file": { "type": "string", "description": "Only findings in this file, relative to the workspace" },
                "reason": reason(),
                "until": until(),
            }),
            &["rule", "reason"],
        ),
    })
}

fn upstream_proxy() -> Value {
    let address = json!({ "type": "string", "minLength": 3 });
    let secret = json!({ "type": "string", "pattern": "^[a-z0-9-]{1,64}$" });
    json!({
        "description": "Host and port of a company's proxy that everything but private targets leaves through; only the developer's own policy can say so",
        "anyOf": [address, object(&json!({ "address": address, "secret": secret }), &["address"])],
    })
}

fn rule(is_allow: bool) -> Value {
    let port = json!({ "type": "integer", "minimum": 1, "maximum": 65535 });
    let value = json!({ "type": "string" });
    let mut properties = json!({
        "host": { "type": "string", "description": "A host, or `*.` and a domain for every host below it" },
        "scheme": { "enum": ["https", "http", "ssh", "tcp"] },
        "ports": { "anyOf": [port, { "type": "array", "minItems": 1, "items": port }] },
        "methods": { "type": "array", "minItems": 1, "items": { "type": "string", "pattern": "^[A-Z-]+$" } },
        "paths": { "type": "array", "minItems": 1, "items": { "type": "string", "pattern": "^/" } },
        "query": {
            "description": "Accepted values of each parameter; `\"*\"` is any. Parameters that are not listed are refused",
            "type": "object",
            "additionalProperties": { "anyOf": [value, { "type": "array", "items": value }] },
        },
        "reason": reason(),
    });
    if is_allow {
        properties["until"] = until();
        properties["private"] =
            json!({ "type": "boolean", "description": "The host may have a private address" });
    }
    object(&properties, &["host"])
}

fn object(properties: &Value, required: &[&str]) -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": properties, "required": required })
}

fn reason() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 300, "description": "What it is for; quoted when it denies" })
}

fn until() -> Value {
    json!({
        "description": "The last day, in UTC, or a time in unix seconds; from then on the rule denies",
        "anyOf": [
            { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" },
            { "type": "integer", "minimum": 0 },
        ],
    })
}
