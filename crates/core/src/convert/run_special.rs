//! The flags of `docker run` that need more than one key or one word.

use serde_json::Value as Json;

use crate::devcontainer::variable::{Piece, Variable, pieces};
use crate::devcontainer::{Mount, MountKind, Text, mount::csv_fields};
use crate::project::RelPath;
use crate::yaml::Yaml;

use super::argv::Used;
use super::mounts::needs_cli;
use super::run_args::{Rule, code, number, put_text, write};
use super::state::State;
use super::value::Value;
use super::{ItemKind, paths, ports, volume as volumes};

type Flag = Used<Rule>;

fn item(state: &mut State<'_>, kind: ItemKind, used: &Flag, why: impl Into<String>) {
    state.item(kind, &code(used), &used.value, used.what.as_str(), why);
}

/// `-u` stands behind the CLI's own `-u containerUser`, so it wins over it.
pub(super) fn user(state: &mut State<'_>, used: &Flag) {
    if state.config.container_user.is_some() {
        state.edits.container_user = Some(used.value.value.clone());
        item(state, ItemKind::Moved, used, "`containerUser`, which it overruled");
        return;
    }
    write(state, used, "user", put_text);
}

pub(super) fn stop_timeout(state: &mut State<'_>, used: &Flag) {
    write(state, used, "stop_grace_period", |state, key, text| state.set_at(key, text + "s"));
}

pub(super) fn userns(state: &mut State<'_>, used: &Flag) {
    if used.value.value.starts_with("keep-id") || used.value.value == "nomap" {
        item(state, ItemKind::Lost, used, "only Podman knows it");
        return;
    }
    write(state, used, "userns_mode", put_text);
}

pub(super) fn security_opt(state: &mut State<'_>, used: &Flag) {
    if ["unmask", "mask", "proc-opts"]
        .iter()
        .any(|name| used.value.value.strip_prefix(name).is_some_and(|rest| rest.starts_with(['=', ':'])))
    {
        item(state, ItemKind::Lost, used, "only Podman knows it");
        return;
    }
    if let Some(value) = rebased_profile(state, &used.value) {
        state.moved(&code(used), &used.value, &used.what, "security_opt", &value);
        state.service.push("security_opt", value.text);
        return;
    }
    write(state, used, "security_opt", |state, key, text| {
        state.service.push(key, text);
    });
}

/// A seccomp profile in a file, written for the Compose file's folder; `None` for anything else.
pub(super) fn rebased_profile(state: &State<'_>, option: &Text) -> Option<Value> {
    let rest = option.value.strip_prefix("seccomp")?;
    let path = rest.strip_prefix(['=', ':'])?;
    if matches!(path, "unconfined" | "builtin") || paths::is_absolute(path) {
        return None;
    }
    let value = state.scope.path(path, &RelPath::root()).ok()?;
    Some(Value { text: format!("seccomp:{}", value.text), ..value })
}

/// `-e NAME=VALUE`, and `-e NAME`, which takes the value of the host.
///
/// The CLI writes `containerEnv` last in Compose and first for `docker run`, so a name that is in
/// both keeps the value of the flag there.
pub(super) fn env(state: &mut State<'_>, used: &Flag) {
    let (name, value) = match used.value.value.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (used.value.value.as_str(), None),
    };
    let in_config = state.config.container_env.iter().any(|(key, _)| key == name)
        || state.edits.container_env.iter().any(|(key, _)| key == name);
    let Some(value) = value else {
        if in_config {
            state.set_container_env(name, &format!("${{localEnv:{name}}}"));
        } else {
            state.service.put("environment", name, Yaml::Null);
        }
        item(state, ItemKind::Moved, used, "`environment`, with the host's value");
        return;
    };
    if in_config || needs_cli(value) {
        state.set_container_env(name, value);
        item(state, ItemKind::Moved, used, "`containerEnv`");
        return;
    }
    let text = used.value.with(value.to_owned());
    if let Some(translated) = state.text(&code(used), &text, &used.what) {
        state.moved(&code(used), &used.value, &used.what, "environment", &translated);
        state.service.put("environment", name, translated.text);
    }
}

pub(super) fn env_file(state: &mut State<'_>, used: &Flag) {
    let path = state.scope.path(&used.value.value, &RelPath::root());
    if let Some(value) = state.keep_or_lose(path, &code(used), &used.value, &used.what) {
        state.service.push("env_file", value.text);
        let why = "`env_file`; Compose reads quotes and `$` in it, docker took them as they are";
        item(state, ItemKind::Moved, used, why);
    }
}

pub(super) fn ulimit(state: &mut State<'_>, used: &Flag) {
    let Some(value) = state.text(&code(used), &used.value, &used.what) else { return };
    let Some((name, limits)) = value.text.split_once('=') else {
        item(state, ItemKind::Lost, used, "not a `NAME=SOFT:HARD` value");
        return;
    };
    let limit = match limits.split_once(':') {
        None => number(limits.to_owned()),
        Some((soft, hard)) => {
            Yaml::from([("soft", number(soft.to_owned())), ("hard", number(hard.to_owned()))])
        }
    };
    state.service.put("ulimits", name, limit);
    state.moved(&code(used), &used.value, &used.what, "ulimits", &value);
}

/// `all`, a count, or CSV such as `"device=0,1",capabilities=compute`.
pub(super) fn gpus(state: &mut State<'_>, used: &Flag) {
    let Some(value) = state.text(&code(used), &used.value, &used.what) else { return };
    let mut device = Yaml::map();
    let mut capabilities = Vec::new();
    let mut counted = false;
    for field in csv_fields(&value.text) {
        let (key, text) = field.split_once('=').unwrap_or(("count", &field));
        let list = || text.split(',').map(str::to_owned);
        match key {
            "driver" => device.set("driver", text),
            "count" => {
                counted = true;
                device.set("count", number(text.to_owned()))
            }
            "device" => {
                counted = true;
                device.set("device_ids", Yaml::strings(list()))
            }
            "capabilities" => {
                capabilities.extend(list());
                &mut device
            }
            _ => {
                item(state, ItemKind::Lost, used, format!("`{key}` has no Compose equivalent"));
                return;
            }
        };
    }
    if !counted {
        // What docker asks for then; Compose would take all.
        device.set("count", 1);
    }
    if !capabilities.iter().any(|name| name == "gpu") {
        capabilities.push("gpu".to_owned());
    }
    device.set("capabilities", Yaml::strings(capabilities));
    let reservations = state.service.body.entry("deploy").entry("resources").entry("reservations");
    reservations.set("devices", vec![device]);
    let key = "deploy.resources.reservations.devices";
    state.moved(&code(used), &used.value, &used.what, key, &value);
}

pub(super) fn health_cmd(state: &mut State<'_>, used: &Flag) {
    write(state, used, "healthcheck/test", |state, key, text| {
        state.set_at(key, Yaml::strings(["CMD-SHELL".to_owned(), text]));
    });
}

pub(super) fn publish(state: &mut State<'_>, used: &Flag) {
    ports::publish(state, &code(used), &used.value, &used.what);
}

/// Docker writes the protocol out, Compose does not.
pub(super) fn expose(state: &mut State<'_>, used: &Flag) {
    write(state, used, "expose", |state, key, text| {
        let text = if text.contains('/') { text } else { text + "/tcp" };
        state.service.push(key, text);
    });
}

pub(super) fn add_host(state: &mut State<'_>, used: &Flag) {
    let Some(value) = state.text(&code(used), &used.value, &used.what) else { return };
    state.service.push("extra_hosts", value.text.as_str());
    let (kind, why) = if value.text.ends_with("host-gateway") {
        (ItemKind::Warning, "`extra_hosts`; the host cannot be reached from the gate's network")
    } else {
        (ItemKind::Moved, "`extra_hosts`; only addresses on the gate's network can be reached")
    };
    item(state, kind, used, why);
}

pub(super) fn network(state: &mut State<'_>, used: &Flag) {
    let name = used.value.value.as_str();
    let (kind, why) = match name {
        "host" => (
            ItemKind::Note,
            "replaced by the gate: ports of the host and of other containers are out of reach",
        ),
        "bridge" | "default" | "none" => (ItemKind::Note, "replaced by the gate"),
        _ if name.starts_with("container:") => {
            (ItemKind::Lost, "the other container's network is outside the gate")
        }
        _ => (ItemKind::Lost, "the containers of that network cannot be reached through the gate"),
    };
    item(state, kind, used, why);
}

pub(super) fn volumes_from(state: &mut State<'_>, used: &Flag) {
    if used.value.value.ends_with(":ro") {
        item(state, ItemKind::Lost, used, "Compose would mount these volumes writable");
        return;
    }
    write(state, used, "volumes_from", |state, key, text| {
        state.service.push(key, format!("container:{text}"));
    });
}

pub(super) fn mount(state: &mut State<'_>, used: &Flag) {
    let mount = Mount::parse(&used.value.value);
    place(state, used, &mount, &used.value.value);
}

/// `-v`, in the short syntax, which like docker creates a missing folder of the host.
pub(super) fn volume(state: &mut State<'_>, used: &Flag) {
    let Some(short) = volumes::short(&used.value.value) else {
        item(state, ItemKind::Lost, used, "not a `SOURCE:TARGET:MODE` value");
        return;
    };
    let source = short.source.unwrap_or_default();
    let is_path = paths::is_path(source) || is_one_variable(source);
    let has_short = !paths::has_drive(source) && (is_path || volumes::is_volume_name(source));
    if !has_short {
        place(state, used, &long_form(&short), "");
        return;
    }
    let from = if is_path {
        state.scope.path(source, &RelPath::root())
    } else {
        volumes::declare(state, source).map(|(text, fixed_basename)| Value { text, fixed_basename })
    };
    if from.is_err() {
        place(state, used, &long_form(&short), "");
        return;
    }
    match from.and_then(|from| Ok((from, state.scope.text(short.target)?))) {
        Ok((from, to)) => {
            let mut text = format!("{}:{}", from.text, to.text);
            let modes: Vec<&str> = short.modes.iter().copied().filter(|mode| !moot(mode)).collect();
            if !modes.is_empty() {
                text = format!("{text}:{}", modes.join(","));
            }
            state.service.push("volumes", text);
            let fixed_basename = from.fixed_basename || to.fixed_basename;
            let value = Value { text: String::new(), fixed_basename };
            state.moved(&code(used), &used.value, &used.what, "volumes", &value);
        }
        Err(why) => item(state, ItemKind::Lost, used, why.to_string()),
    }
}

/// A source that is nothing but a variable holds a path: names of volumes are written out.
fn is_one_variable(source: &str) -> bool {
    matches!(pieces(source).as_slice(), [Piece::Variable(Variable::LocalEnv { .. })])
}

/// A `-v` value that the short syntax of Compose cannot say.
fn long_form(short: &volumes::Short<'_>) -> Mount {
    let source = short.source.unwrap_or_default();
    let mut mount = Mount::object(None, short.source.map(str::to_owned), short.target.to_owned());
    mount.kind = if paths::is_path(source) { MountKind::Bind } else { MountKind::Volume };
    for mode in short.modes.iter().filter(|mode| !moot(mode)) {
        match *mode {
            "ro" => mount.read_only = true,
            "nocopy" => mount.options.push(("volume-nocopy".to_owned(), None)),
            mode => mount.options.push((mode.to_owned(), None)),
        }
    }
    mount
}

/// The default, and the words for consistency, which no current engine reads.
fn moot(mode: &str) -> bool {
    matches!(mode, "rw" | "cached" | "delegated" | "consistent")
}

/// A mount in the long syntax, or in devcontainer.json when only the CLI knows its name.
fn place(state: &mut State<'_>, used: &Flag, mount: &Mount, string: &str) {
    let source = mount.source.as_deref().unwrap_or_default();
    if needs_cli_only(state, mount, source) && mount.is_plain() {
        let kind = if mount.kind == MountKind::Bind { "bind" } else { "volume" };
        let string = match string {
            "" => format!("type={kind},source={source},target={}", mount.target),
            string if mount.typed => string.to_owned(),
            string => format!("{string},type={kind}"),
        };
        state.edits.mounts_add.push(Json::from(string));
        let why = match kind {
            "bind" => "`mounts`",
            _ => "`mounts`; Compose puts the project's name before the volume's name, so it starts empty",
        };
        item(state, ItemKind::Moved, used, why);
        return;
    }
    match volumes::long(state, mount) {
        Ok(entry) => {
            state.service.push("volumes", entry.yaml);
            let value = Value { text: String::new(), fixed_basename: entry.fixed_basename };
            state.moved(&code(used), &used.value, &used.what, "volumes", &value);
        }
        Err(why) => item(state, ItemKind::Lost, used, why.to_string()),
    }
}

/// Whether only the CLI can fill in the source.
fn needs_cli_only(state: &State<'_>, mount: &Mount, source: &str) -> bool {
    match mount.kind {
        MountKind::Volume => needs_cli(source),
        MountKind::Bind => needs_cli(source) && state.scope.path(source, &RelPath::root()).is_err(),
        _ => false,
    }
}
