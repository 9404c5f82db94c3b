//! Settings with which the gate does not hold: `protect` stops at them unless the user keeps them by
//! name.

use std::collections::BTreeSet;

use drawbridge_text::{LineIndex, Span};

use super::Item;
use crate::brought::Brought;
use crate::compose::{Model, Source, is_engine_socket};
use crate::convert;
use crate::devcontainer::merge::{Entry, merge};
use crate::devcontainer::{Config, Kind};
use crate::overlay::topology::{Findings, Topology};
use crate::project::RelPath;

const SOCKET: (&str, &str) = (
    "docker-socket",
    "a container that can start containers walks round the gate: it starts one on an open network, or \
     with the host's files",
);
const NESTED: (&str, &str) = (
    "docker-in-docker",
    "it makes the container privileged, and root in a privileged container is root on this machine. \
     Containers inside it stay behind the gate",
);
const PRIVILEGED: (&str, &str) = (
    "privileged",
    "root in a privileged container is root on this machine: it can mount the host's disks and change \
     the host's network",
);

/// What devcontainer.json itself brings.
pub(crate) fn of_config(config: &Config<'_>, path: &RelPath, text: &str) -> Vec<Item> {
    let item = placed(path, text);
    let mut items = Vec::new();
    if let Some(flag) = config.privileged.as_ref().filter(|flag| flag.value) {
        items.push(item(PRIVILEGED, "privileged".to_owned(), flag.span));
    }
    for mount in &config.mounts {
        if let Some(source) = mount.value.source.as_deref().filter(|source| is_engine_socket(source)) {
            items.push(item(SOCKET, format!("mounts {source}"), mount.span));
        }
    }
    for (id, _) in &config.features {
        let Some(risk) = by_name(feature_name(&id.value)) else { continue };
        items.push(item(risk, format!("features {}", id.value), id.span));
    }
    if matches!(config.kind, Kind::Image | Kind::Dockerfile) {
        // Read as flags: what lies at `/run` in the container is not what lies there on the host.
        let is_flag = |span: Span| config.run_args.iter().any(|word| word.span == span);
        for risk in convert::risks(config).into_iter().filter(|risk| is_flag(risk.span)) {
            match risk.code.as_str() {
                "privileged" => items.push(item(PRIVILEGED, risk.what, risk.span)),
                "docker-socket" => items.push(item(SOCKET, risk.what, risk.span)),
                _ => {}
            }
        }
    }
    items
}

/// What the image's label and the Features bring.
pub(crate) fn of_brought(config: &Config<'_>, brought: &Brought, path: &RelPath, text: &str) -> Vec<Item> {
    let item = placed(path, text);
    let mut items = Vec::new();
    let mut look = |entry: &Entry, who: &str, span: Span| {
        let merged = merge(std::slice::from_ref(entry));
        if merged.privileged {
            items.push(item(PRIVILEGED, format!("privileged of {who}"), span));
        }
        for source in merged.mounts.iter().filter_map(|mount| mount.source.as_deref()) {
            if is_engine_socket(source) {
                items.push(item(SOCKET, format!("mounts {source} of {who}"), span));
            }
        }
    };
    let base = ["image", "build", "dockerFile", "dockerComposeFile"];
    let base = base.iter().find_map(|name| config.span(name)).unwrap_or_default();
    for entry in brought.image.iter().flatten() {
        look(entry, "the image's label", base);
    }
    for entry in brought.features.iter().flatten() {
        let id = entry.get("id").and_then(serde_json::Value::as_str).unwrap_or("a Feature");
        if by_name(id).is_none() {
            let own = config.features.iter().find(|(key, _)| feature_name(&key.value) == id);
            let span = own.map(|(key, _)| key.span).or_else(|| config.span("features")).unwrap_or_default();
            look(entry, id, span);
        }
    }
    items
}

/// `docker-in-docker` of `registry.example/features/docker-in-docker:2`.
fn feature_name(reference: &str) -> &str {
    let name = reference.rsplit('/').next().unwrap_or_default();
    name.split([':', '@']).next().unwrap_or_default()
}

/// Features whose purpose is the risk.
fn by_name(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "docker-in-docker" => Some(NESTED),
        "docker-outside-of-docker" | "docker-from-docker" => Some(SOCKET),
        _ => None,
    }
}

fn placed(path: &RelPath, text: &str) -> impl Fn((&str, &str), String, Span) -> Item {
    let index = LineIndex::new(text);
    move |(code, why), what, span| {
        let place = index.line_col(span.start);
        Item {
            code: code.to_owned(),
            what,
            why: why.to_owned(),
            file: Some(path.clone()),
            line: Some(place.line),
            column: Some(place.column),
        }
    }
}

/// What services behind the gate bring.
pub(crate) fn of_services(model: &Model, topology: &Topology, findings: &mut Findings) {
    let members: BTreeSet<&str> = topology.members.iter().map(|member| member.name.as_str()).collect();
    for (name, service) in &model.services {
        if !members.contains(model.netns(name).as_str()) {
            continue;
        }
        if let Some(at) = &service.privileged {
            findings.lose(PRIVILEGED.0, format!("privileged of {name}"), PRIVILEGED.1, at);
        }
        for volume in service.volumes.iter().filter(|volume| volume.value.is_engine_socket()) {
            let what = format!("volumes of {name}: {}", volume.value.target);
            findings.lose(SOCKET.0, what, SOCKET.1, volume);
        }
        for volume in &service.volumes {
            if matches!(&volume.value.source, Source::Bind { text, .. } if text.contains(".X11-unix")) {
                findings.warn(
                    format!("volumes of {name}: {}", volume.value.target),
                    "gives the container the host's display: keys, clipboard, screen",
                );
            }
        }
        for cap in &service.cap_add {
            let bare = cap.value.to_ascii_uppercase();
            if matches!(bare.trim_start_matches("CAP_"), "ALL" | "SYS_ADMIN" | "SYS_MODULE" | "SYS_RAWIO") {
                findings.warn(
                    format!("cap_add of {name}: {}", cap.value),
                    "a process with it can leave the container's isolation",
                );
            }
        }
        for key in ["pid", "ipc", "userns_mode", "uts"] {
            if service.keys.get(key).is_some_and(|at| at.value == "host") {
                findings.warn(format!("{key} of {name}"), "shares that namespace with the host");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_args_are_read_as_flags() {
        let codes = |run_args: &str| {
            let text = format!(r#"{{"image": "a", "runArgs": {run_args}}}"#);
            let parsed = drawbridge_jsonc::parse(&text);
            let config = Config::read(&parsed, &text).expect("a readable configuration");
            let items = of_config(&config, &RelPath::default(), &text);
            items.into_iter().map(|item| item.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(r#"["--tmpfs=/run", "--tmpfs", "/var/run", "-v", "cache:/run/docker"]"#), [""; 0]);
        assert_eq!(
            codes(r#"["-v", "/var/run:/host", "--mount=type=bind,src=/run,dst=/x"]"#),
            ["docker-socket"; 2]
        );
        assert_eq!(
            codes(r#"["-v=/var/run/docker.sock:/s", "--privileged"]"#),
            ["docker-socket", "privileged"]
        );
        assert_eq!(codes(r#"["--privileged", "--privileged=false"]"#), [""; 0]);
    }
}
