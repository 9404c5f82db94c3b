//! Settings that weaken a wall. They are kept, because leaving them out would break the container,
//! and they are shown.

use crate::compose::{Source, Volume};
use crate::devcontainer::{Config, Kind, Located, Mount, MountKind, Text};

use super::run_args::uses;
use super::{Item, ItemKind, volume};

const ENGINE: &str = "gives the container the host's engine, which can start containers outside the gate";
const PRIVILEGED: &str = "the container can reach the host's devices and leave its isolation";

/// Warnings for every kind of configuration. `runArgs` counts only where the CLI reads it.
pub fn risks(config: &Config<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    let mut warn = |code: &str, text: &Located<String>, what: &str, why: &str| {
        items.push(Item {
            kind: ItemKind::Warning,
            code: code.to_owned(),
            what: what.to_owned(),
            why: why.to_owned(),
            span: text.span,
        });
    };
    if let Some(flag) = config.privileged.as_ref().filter(|flag| flag.value) {
        warn("privileged", &flag.with(String::new()), "privileged", PRIVILEGED);
    }
    for cap in &config.cap_add {
        if let Some(why) = capability(&cap.value) {
            warn("capAdd", cap, &format!("capAdd {}", cap.value), why);
        }
    }
    for mount in &config.mounts {
        if let Some(why) = mount_risk(&mount.value) {
            let source = mount.value.source.as_deref().unwrap_or_default();
            warn(risk_code(why, "mounts"), &mount.with(String::new()), &format!("mounts {source}"), why);
        }
    }
    for (id, _) in &config.features {
        if let Some(why) = feature(&id.value) {
            warn(risk_code(why, "docker-in-docker"), id, &id.value, why);
        }
    }
    if matches!(config.kind, Kind::Image | Kind::Dockerfile) {
        for (code, text, what, why) in run_args(&config.run_args) {
            warn(&code, &text, &what, why);
        }
    }
    items
}

fn run_args(words: &[Text]) -> Vec<(String, Text, String, &'static str)> {
    // The last use of a switch counts.
    let privileged = uses(words).filter(|used| used.flag.long == "privileged").last();
    let privileged = privileged.is_some_and(|used| used.is_on());
    uses(words)
        .filter_map(|used| {
            let value = used.value.value.as_str();
            let why = match used.flag.long {
                "privileged" => privileged.then_some(PRIVILEGED),
                "cap-add" => capability(value),
                "pid" if value == "host" => Some("the container sees the host's processes"),
                "mount" => mount_risk(&Mount::parse(value)),
                "volume" => volume::short(value).and_then(|short| {
                    let mut mount =
                        Mount::object(Some("bind"), short.source.map(str::to_owned), short.target.to_owned());
                    mount.typed = true;
                    mount_risk(&mount)
                }),
                _ => None,
            }?;
            let flag = format!("--{}", used.flag.long);
            Some((risk_code(why, &flag).to_owned(), used.value, used.what, why))
        })
        .collect()
}

/// The same code for the same risk, wherever it is written.
fn risk_code<'a>(why: &str, otherwise: &'a str) -> &'a str {
    match why {
        ENGINE => "docker-socket",
        PRIVILEGED => "privileged",
        _ => otherwise,
    }
}

fn capability(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_uppercase();
    match name.strip_prefix("CAP_").unwrap_or(&name) {
        "ALL" | "SYS_ADMIN" | "SYS_MODULE" | "SYS_RAWIO" | "DAC_READ_SEARCH" | "BPF" => {
            Some("a process with it can leave the container's isolation")
        }
        "NET_ADMIN" => Some("a process with it can change the container's network set-up"),
        _ => None,
    }
}

fn mount_risk(mount: &Mount) -> Option<&'static str> {
    let text = mount.source.clone()?;
    if mount.kind != MountKind::Bind {
        return None;
    }
    if text == "/" {
        return Some("gives the container the host's files");
    }
    if text.contains(".X11-unix") {
        return Some("gives the container the host's display: keys, clipboard, screen");
    }
    let volume = Volume {
        source: Source::Bind { text, path: None },
        target: mount.target.clone(),
        read_only: mount.read_only,
    };
    volume.is_engine_socket().then_some(ENGINE)
}

fn feature(id: &str) -> Option<&'static str> {
    let name = id.rsplit('/').next().unwrap_or(id);
    match name.split([':', '@']).next().unwrap_or(name) {
        "docker-in-docker" => {
            Some("makes the container privileged; containers it starts use its network, which is the gate's")
        }
        "docker-outside-of-docker" | "docker-from-docker" => Some(ENGINE),
        _ => None,
    }
}
