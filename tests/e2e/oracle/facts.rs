//! What `docker inspect` says about a container, in a form that two ways to the same container share.
//!
//! Normalised is only what means the same to the engine: absent, `null` and empty; the order of
//! environment, capabilities and limits; the `CAP_` prefix; where the CLI splits its wrapper into
//! entrypoint and command; binds given as text or as an object; names that are made of ids.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Places and values of one container.
pub(crate) type Facts = BTreeMap<String, Value>;

/// Labels that tell one creation from another and nothing else.
const PASSING: [&str; 2] = ["com.docker.compose.image", "com.docker.compose.version"];

/// What belongs to a container beside its own inspection.
#[derive(Debug)]
pub(crate) struct Around<'a> {
    /// Inspection of its image.
    pub(crate) image: &'a Value,
    /// Inspections of its named volumes.
    pub(crate) volumes: &'a [Value],
    /// Roles of the containers of the same project, by id.
    pub(crate) roles: &'a BTreeMap<String, String>,
    /// Whether a volume must be the very same one.
    pub(crate) same_volumes: bool,
}

/// The facts about one inspected container.
pub(crate) fn facts(container: &Value, around: &Around<'_>) -> Facts {
    let mut facts = Facts::new();
    config(&mut facts, container);
    host_config(&mut facts, container, around.roles);
    mounts(&mut facts, container);
    for volume in around.volumes {
        let place = format!("Volumes.{}", text(&volume["Name"]));
        put(&mut facts, &format!("{place}.Driver"), &volume["Driver"]);
        put(&mut facts, &format!("{place}.Options"), &volume["Options"]);
        let mut labels = volume["Labels"].as_object().cloned().unwrap_or_default();
        labels.retain(|name, _| !name.starts_with("com.docker."));
        put(&mut facts, &format!("{place}.Labels"), &Value::Object(labels));
        if around.same_volumes {
            put(&mut facts, &format!("{place}.CreatedAt"), &volume["CreatedAt"]);
        }
    }
    put(&mut facts, "Name", &json!(text(&container["Name"]).trim_start_matches('/')));
    put(&mut facts, "State", &container["State"]["Status"]);
    put(&mut facts, "Networks", &json!(networks(container)));
    for key in ["Os", "Architecture", "Variant"] {
        put(&mut facts, &format!("Image.{key}"), &around.image[key]);
    }
    put(&mut facts, "Image.Layers", &around.image["RootFS"]["Layers"]);
    facts
}

/// Names of the networks it is on.
pub(crate) fn networks(container: &Value) -> Vec<&str> {
    let networks = container["NetworkSettings"]["Networks"].as_object();
    networks.map(|networks| networks.keys().map(String::as_str).collect()).unwrap_or_default()
}

/// Published ports as `address:port/protocol of the container`.
pub(crate) fn published(container: &Value) -> Vec<(String, String)> {
    let bindings = container["HostConfig"]["PortBindings"].as_object();
    let each = bindings.into_iter().flatten().flat_map(|(port, bindings)| {
        let protocol = port.rsplit('/').next().unwrap_or_default();
        bindings.as_array().into_iter().flatten().map(move |binding| {
            // The sidecar publishes on the loopback address what had none.
            let address = Some(text(&binding["HostIp"])).filter(|address| !address.is_empty());
            let port = text(&binding["HostPort"]);
            (address.unwrap_or("127.0.0.1").to_owned(), format!("{port}/{protocol}"))
        })
    });
    let mut published: Vec<_> = each.collect();
    published.sort();
    published
}

fn config(facts: &mut Facts, container: &Value) {
    let mut config = container["Config"].as_object().cloned().unwrap_or_default();
    let id = text(&container["Id"]);
    let argv: Vec<Value> = ["Entrypoint", "Cmd"]
        .into_iter()
        .flat_map(|key| config.remove(key).and_then(|words| words.as_array().cloned()).unwrap_or_default())
        .map(|word| json!(text(&word).replace("\n ", "\n")))
        .collect();
    put(facts, "Argv", &Value::Array(argv));
    if config.get("Hostname").is_some_and(|name| id.starts_with(text(name))) {
        config.remove("Hostname");
    }
    // The image is compared by its content.
    config.remove("Image");
    for variable in config.remove("Env").iter().filter_map(Value::as_array).flatten() {
        let (name, value) = text(variable).split_once('=').unwrap_or((text(variable), ""));
        facts.insert(format!("Config.Env.{name}"), json!(value));
    }
    for (name, value) in config.remove("Labels").iter().filter_map(Value::as_object).flatten() {
        let place = format!("Config.Labels.{name}");
        match serde_json::from_str::<Value>(text(value)) {
            Ok(Value::Array(entries)) if name == "devcontainer.metadata" => {
                for (index, entry) in entries.iter().enumerate() {
                    put(facts, &format!("{place}.{index}"), entry);
                }
            }
            _ if PASSING.contains(&name.as_str()) => {}
            _ => drop(facts.insert(place, value.clone())),
        }
    }
    let ports = container["HostConfig"]["PortBindings"].as_object();
    for port in config.remove("ExposedPorts").iter().filter_map(Value::as_object).flat_map(Map::keys) {
        let is_published = ports.is_some_and(|ports| ports.contains_key(port));
        let place = if is_published { "Published" } else { "Config.ExposedPorts" };
        facts.insert(format!("{place}.{port}"), json!(true));
    }
    put(facts, "Config", &Value::Object(config));
}

fn host_config(facts: &mut Facts, container: &Value, roles: &BTreeMap<String, String>) {
    let mut config = container["HostConfig"].as_object().cloned().unwrap_or_default();
    // Compared by what they made: `mounts`.
    config.remove("Binds");
    config.remove("Mounts");
    for key in ["CapAdd", "CapDrop"] {
        sort(&mut config, key, |name| json!(text(name).trim_start_matches("CAP_")));
    }
    for key in ["SecurityOpt", "ExtraHosts", "Links", "Ulimits", "GroupAdd"] {
        sort(&mut config, key, Value::clone);
    }
    for key in ["NetworkMode", "PidMode", "IpcMode"] {
        let owner = config.get(key).and_then(Value::as_str).and_then(|mode| mode.strip_prefix("container:"));
        if let Some(role) = owner.and_then(|id| roles.get(id)) {
            config.insert(key.to_owned(), json!(format!("service:{role}")));
        }
    }
    put(facts, "HostConfig", &Value::Object(config));
}

fn sort(config: &mut Map<String, Value>, key: &str, normal: impl Fn(&Value) -> Value) {
    if let Some(Value::Array(values)) = config.get_mut(key) {
        *values = values.iter().map(normal).collect();
        values.sort_by_key(Value::to_string);
    }
}

fn mounts(facts: &mut Facts, container: &Value) {
    let written = container["HostConfig"]["Mounts"].as_array();
    for mount in container["Mounts"].as_array().into_iter().flatten() {
        let target = text(&mount["Destination"]);
        let place = |key: &str| format!("Mounts.{target}.{key}");
        for key in ["Type", "RW", "Propagation"] {
            put(facts, &place(key), &mount[key]);
        }
        let name = text(&mount["Name"]);
        if mount["Type"] == "volume" {
            let anonymous = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
            put(facts, &place("Name"), &json!(if anonymous { "(anonymous)" } else { name }));
        } else {
            put(facts, &place("Source"), &mount["Source"]);
        }
        let propagation = text(&mount["Propagation"]);
        for mode in text(&mount["Mode"]).split(',').filter(|mode| *mode != propagation) {
            match mode {
                // No current engine reads the last three.
                "" | "rw" | "ro" | "cached" | "delegated" | "consistent" => {}
                // What the engine says of every volume that was written as an object.
                "z" if mount["Type"] == "volume" => {}
                "nocopy" => put(facts, &place("NoCopy"), &json!(true)),
                _ => put(facts, &place(mode), &json!(true)),
            }
        }
        let entry = written.into_iter().flatten().find(|entry| entry["Target"] == target);
        for options in ["BindOptions", "VolumeOptions", "TmpfsOptions"] {
            let options = entry.and_then(|entry| entry[options].as_object());
            for (key, value) in options.into_iter().flatten() {
                // The volume itself tells its driver and labels.
                if !matches!(key.as_str(), "Propagation" | "DriverConfig" | "Labels") {
                    put(facts, &place(key), value);
                }
            }
        }
    }
}

/// Writes a value under its place: objects by member, nothing for what is empty.
fn put(facts: &mut Facts, place: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (key, value) in members {
                put(facts, &format!("{place}.{key}"), value);
            }
        }
        Value::Array(values) if values.is_empty() => {}
        Value::String(text) if text.is_empty() && !place.contains(".metadata.") => {}
        value => drop(facts.insert(place.to_owned(), pruned(value))),
    }
}

/// Without what is empty, in objects in lists.
fn pruned(value: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(pruned).collect(),
        Value::Object(members) => {
            let full = |value: &Value| match value {
                Value::Null => false,
                Value::Array(values) => !values.is_empty(),
                Value::Object(members) => !members.is_empty(),
                Value::String(text) => !text.is_empty(),
                _ => true,
            };
            let members = members.iter().filter(|(_, value)| full(value));
            Value::Object(members.map(|(key, value)| (key.clone(), pruned(value))).collect())
        }
        value => value.clone(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
