//! Short ways to make layers and ask questions.

use std::fmt::Write as _;

use drawbridge_policy::{
    Decision, Diagnostic, Host, Layer, LayerKind, Loaded, Policy, Reason, Request, Scheme, load,
};

/// 2026-11-23, 12:00 UTC.
pub(crate) const NOW: i64 = 1_795_435_200;

pub(crate) fn layer(kind: LayerKind, text: &str) -> Layer {
    Layer { kind, file: format!("{kind}.jsonc"), text: text.to_owned() }
}

#[track_caller]
pub(crate) fn loaded(layers: &[(LayerKind, &str)]) -> Loaded {
    let layers: Vec<Layer> = layers.iter().map(|(kind, text)| layer(*kind, text)).collect();
    load(&layers, NOW).unwrap_or_else(|errors| panic!("does not load:\n{}", lines(&errors)))
}

#[track_caller]
pub(crate) fn policy(layers: &[(LayerKind, &str)]) -> Policy {
    loaded(layers).policy
}

/// A policy of one personal layer.
#[track_caller]
pub(crate) fn personal(text: &str) -> Policy {
    policy(&[(LayerKind::Personal, text)])
}

/// The errors of one layer, one per line with their hints.
#[track_caller]
pub(crate) fn errors(kind: LayerKind, text: &str) -> String {
    match load(&[layer(kind, text)], NOW) {
        Ok(_) => panic!("loads: {text}"),
        Err(errors) => lines(&errors),
    }
}

pub(crate) fn warnings(layers: &[(LayerKind, &str)]) -> String {
    lines(&loaded(layers).warnings)
}

pub(crate) fn lines(diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for one in diagnostics {
        let _ = writeln!(out, "{one}");
        if let Some(hint) = &one.hint {
            let _ = writeln!(out, "  hint: {hint}");
        }
    }
    out
}

#[track_caller]
pub(crate) fn host(text: &str) -> Host {
    Host::parse(text).unwrap_or_else(|error| panic!("`{text}`: {error}"))
}

/// The judgement of a connection whose request is not known.
#[track_caller]
pub(crate) fn connect(policy: &Policy, scheme: Scheme, name: &str, port: u16) -> Decision {
    policy.decide(&Request::connection(scheme, &host(name), port), NOW)
}

/// The judgement of `METHOD https://host/path?query`, inspected.
#[track_caller]
pub(crate) fn ask(policy: &Policy, method: &str, url: &str) -> Decision {
    let (scheme, rest) = url.split_once("://").unwrap();
    let scheme = if scheme == "http" { Scheme::Http } else { Scheme::Https };
    let (name, target) = rest.split_at(rest.find('/').unwrap());
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let host = host(name);
    let port = scheme.default_port().unwrap();
    let request = Request { scheme, host: &host, port, method: Some(method), path: Some(path), query };
    policy.decide(&request, NOW)
}

#[track_caller]
pub(crate) fn https(policy: &Policy, name: &str) -> Reason {
    connect(policy, Scheme::Https, name, 443).reason
}
