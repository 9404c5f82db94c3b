//! Settings of Anthropic's sandbox-runtime (`srt-settings.json`), alone or as `sandbox` of Claude Code's.

use serde_json::Value;

use super::{Draft, Imported, MAX_ENTRIES, split_port};
use crate::rule::Action;

/// Imports the network part of `settings`.
pub fn sandbox_runtime(settings: &Value) -> Imported {
    let mut draft = Draft::default();
    let (prefix, settings) = match settings.get("sandbox") {
        Some(inner) => ("/sandbox", inner),
        None => ("", settings),
    };
    for (key, value) in settings.as_object().into_iter().flatten() {
        let at = format!("{prefix}/{key}");
        match key.as_str() {
            "network" => network(value, &at, &mut draft),
            "enabled" => {}
            "filesystem" => draft.lose(&at, key, "left out: `drawbridge run` and the mounts limit files"),
            _ => draft.lose(&at, key, "left out: not about the network"),
        }
    }
    draft.finish()
}

fn network(network: &Value, at: &str, draft: &mut Draft) {
    for (key, value) in network.as_object().into_iter().flatten() {
        let at = format!("{at}/{key}");
        match key.as_str() {
            "allowedDomains" => domains(value, Action::Allow, &at, draft),
            "deniedDomains" => domains(value, Action::Deny, &at, draft),
            "allowUnixSockets" | "allowAllUnixSockets" => {
                draft.lose(&at, key, "left out: sockets are mounts of the container");
            }
            "allowLocalBinding" => draft.lose(&at, key, "left out: the container has its own loopback"),
            "httpProxyPort" | "socksProxyPort" => {
                draft.lose(&at, key, "left out: the sidecar is the proxy");
            }
            _ => draft.lose(&at, key, "left out: no counterpart"),
        }
    }
}

fn domains(list: &Value, action: Action, at: &str, draft: &mut Draft) {
    let mut any_port = false;
    for (index, entry) in list.as_array().into_iter().flatten().take(MAX_ENTRIES).enumerate() {
        let at = format!("{at}/{index}");
        let Some(text) = entry.as_str() else {
            draft.lose(&at, entry, "left out: not a string");
            continue;
        };
        let (host, port) = split_port(text);
        if action == Action::Deny {
            // A deny without scheme closes every scheme of the port.
            draft.rule(action, text, &at);
        } else {
            any_port |= port.is_none();
            draft.endpoint(action, host, port, &at);
        }
    }
    if any_port {
        draft.lose(at, "entries without a port", "allowed every port there, allow https on 443 here");
    }
}
