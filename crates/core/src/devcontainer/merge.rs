//! Properties that an image and its Features bring along in the `devcontainer.metadata` label, and
//! how they combine with devcontainer.json.
//!
//! The order is: base image, Features in the order of their installation, devcontainer.json.

use serde_json::{Map, Value};

use super::{Config, Mount, PortEntry};

/// Longest label that is read.
pub const MAX_LABEL: usize = 1 << 20;

/// One entry of the label: the properties of an image, of a Feature (with `id`), or of a
/// devcontainer.json.
pub type Entry = Map<String, Value>;

/// Why a label says nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabelError {
    /// Longer than [`MAX_LABEL`].
    #[error("the label `devcontainer.metadata` is too long")]
    TooLong,
    /// Not JSON.
    #[error("the label `devcontainer.metadata` is not JSON")]
    Json(#[source] serde_json::Error),
    /// Neither an object nor a list of objects.
    #[error("the label `devcontainer.metadata` is not a list of objects")]
    Shape,
}

/// A lifecycle command, and the `id` of the Feature that brings it.
pub type HookCommand = (Option<String>, Value);

/// What the container gets in the end, as the official CLI combines it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Merged {
    /// Any entry asks for it.
    pub init: bool,
    /// Any entry asks for it.
    pub privileged: bool,
    /// Union in order.
    pub cap_add: Vec<String>,
    /// Union in order.
    pub security_opt: Vec<String>,
    /// All, in order.
    pub entrypoints: Vec<String>,
    /// All in order; of several on one target the last.
    pub mounts: Vec<Mount>,
    /// Last value of each name.
    pub container_env: Vec<(String, String)>,
    /// Last value of each name; `None` unsets.
    pub remote_env: Vec<(String, Option<String>)>,
    /// Last that is written.
    pub container_user: Option<String>,
    /// Last that is written.
    pub remote_user: Option<String>,
    /// Last that is written.
    pub user_env_probe: Option<String>,
    /// Last that is written.
    pub wait_for: Option<String>,
    /// Last that is written.
    pub shutdown_action: Option<String>,
    /// Last that is written.
    pub override_command: Option<bool>,
    /// Last that is written.
    pub update_remote_user_uid: Option<bool>,
    /// Union in order, where `3000` and `localhost:3000` are the same.
    pub forward_ports: Vec<PortEntry>,
    /// Last value of each port.
    pub ports_attributes: Map<String, Value>,
    /// Last that is written.
    pub other_ports_attributes: Option<Value>,
    /// Values of each tool in order; the tool combines them.
    pub customizations: Vec<(String, Vec<Value>)>,
    /// Commands of each hook in order.
    pub hooks: Vec<(&'static str, Vec<HookCommand>)>,
    /// The most of each.
    pub host_requirements: HostRequirements,
}

/// What the host must have. Sizes are bytes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HostRequirements {
    /// Number of processors.
    pub cpus: u64,
    /// Memory.
    pub memory: u64,
    /// Disk.
    pub storage: u64,
    /// `true`, `"optional"` or an object of requirements; `None` when no entry asks for one.
    pub gpu: Option<Value>,
}

const HOOKS: [&str; 5] =
    ["onCreateCommand", "updateContentCommand", "postCreateCommand", "postStartCommand", "postAttachCommand"];

/// What devcontainer.json hands to the merge, and what it would leave in the label.
const PICKED: [&str; 24] = [
    "onCreateCommand",
    "updateContentCommand",
    "postCreateCommand",
    "postStartCommand",
    "postAttachCommand",
    "waitFor",
    "customizations",
    "mounts",
    "containerEnv",
    "containerUser",
    "init",
    "privileged",
    "capAdd",
    "securityOpt",
    "remoteUser",
    "userEnvProbe",
    "remoteEnv",
    "overrideCommand",
    "portsAttributes",
    "otherPortsAttributes",
    "forwardPorts",
    "shutdownAction",
    "updateRemoteUserUID",
    "hostRequirements",
];

/// Reads a label: a list of entries, or one entry by itself.
pub fn read_label(text: &str) -> Result<Vec<Entry>, LabelError> {
    if text.len() > MAX_LABEL {
        return Err(LabelError::TooLong);
    }
    match serde_json::from_str(text).map_err(LabelError::Json)? {
        Value::Object(entry) => Ok(vec![entry]),
        Value::Array(entries) => entries
            .into_iter()
            .map(|entry| match entry {
                Value::Object(entry) => Ok(entry),
                _ => Err(LabelError::Shape),
            })
            .collect(),
        _ => Err(LabelError::Shape),
    }
}

/// The entry of a devcontainer.json.
pub fn entry_of(config: &Config<'_>) -> Entry {
    PICKED.iter().filter_map(|name| Some(((*name).to_owned(), config.root.get(name)?.to_json()))).collect()
}

/// Combines entries, first to last. Values of the wrong type are passed over.
pub fn merge(entries: &[Entry]) -> Merged {
    let mut merged =
        Merged { hooks: HOOKS.iter().map(|name| (*name, Vec::new())).collect(), ..Merged::default() };
    for entry in entries {
        merged.add(entry);
    }
    merged.hooks.retain(|(_, commands)| !commands.is_empty());
    merged
}

impl Merged {
    fn add(&mut self, entry: &Entry) {
        self.init |= flag(entry, "init") == Some(true);
        self.privileged |= flag(entry, "privileged") == Some(true);
        unite(&mut self.cap_add, strings(entry, "capAdd"));
        unite(&mut self.security_opt, strings(entry, "securityOpt"));
        self.entrypoints.extend(text(entry, "entrypoint"));
        for mount in list(entry, "mounts").filter_map(mount) {
            self.mounts.retain(|old| old.target != mount.target);
            self.mounts.push(mount);
        }
        for (name, value) in members(entry, "containerEnv") {
            put(&mut self.container_env, name, scalar(value).unwrap_or_default());
        }
        for (name, value) in members(entry, "remoteEnv") {
            put(&mut self.remote_env, name, scalar(value));
        }
        last(&mut self.container_user, text(entry, "containerUser"));
        last(&mut self.remote_user, text(entry, "remoteUser"));
        last(&mut self.user_env_probe, text(entry, "userEnvProbe"));
        last(&mut self.wait_for, text(entry, "waitFor"));
        last(&mut self.shutdown_action, text(entry, "shutdownAction"));
        last(&mut self.override_command, flag(entry, "overrideCommand"));
        last(&mut self.update_remote_user_uid, flag(entry, "updateRemoteUserUID"));
        unite(&mut self.forward_ports, list(entry, "forwardPorts").filter_map(port));
        for (name, value) in members(entry, "portsAttributes") {
            self.ports_attributes.insert(name.clone(), value.clone());
        }
        last(&mut self.other_ports_attributes, entry.get("otherPortsAttributes").cloned());
        for (tool, value) in members(entry, "customizations") {
            match self.customizations.iter_mut().find(|(name, _)| name == tool) {
                Some((_, values)) => values.push(value.clone()),
                None => self.customizations.push((tool.clone(), vec![value.clone()])),
            }
        }
        for (name, commands) in &mut self.hooks {
            if let Some(command) = entry.get(*name).filter(|command| is_truthy(command)) {
                commands.push((text(entry, "id"), command.clone()));
            }
        }
        if let Some(Value::Object(requirements)) = entry.get("hostRequirements") {
            self.host_requirements.add(requirements);
        }
    }
}

impl HostRequirements {
    fn add(&mut self, entry: &Entry) {
        self.cpus = self.cpus.max(entry.get("cpus").and_then(Value::as_u64).unwrap_or(0));
        self.memory = self.memory.max(bytes(entry.get("memory")));
        self.storage = self.storage.max(bytes(entry.get("storage")));
        let Some(gpu) = entry.get("gpu").filter(|gpu| is_truthy(gpu)) else { return };
        self.gpu = Some(match self.gpu.take() {
            None => gpu.clone(),
            Some(old) if old == *gpu && old == "optional" => old,
            Some(old) => {
                // An optional one beside a required one is required, with the most of each.
                let most = |key| [&old, gpu].into_iter().map(|gpu| bytes(gpu.get(key))).max().unwrap_or(0);
                let mut both = Map::new();
                for key in ["cores", "memory"] {
                    if most(key) > 0 {
                        both.insert(key.to_owned(), Value::from(most(key)));
                    }
                }
                Value::Object(both)
            }
        });
    }
}

fn flag(entry: &Entry, key: &str) -> Option<bool> {
    entry.get(key).and_then(Value::as_bool)
}

/// An empty string counts as not written.
fn text(entry: &Entry, key: &str) -> Option<String> {
    entry.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn list<'e>(entry: &'e Entry, key: &str) -> impl Iterator<Item = &'e Value> {
    entry.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn strings(entry: &Entry, key: &str) -> impl Iterator<Item = String> {
    list(entry, key).filter_map(Value::as_str).map(str::to_owned)
}

fn members<'e>(entry: &'e Entry, key: &str) -> impl Iterator<Item = (&'e String, &'e Value)> {
    entry.get(key).and_then(Value::as_object).into_iter().flatten()
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn mount(value: &Value) -> Option<Mount> {
    let text = |key| value.get(key).and_then(Value::as_str);
    match value {
        Value::String(text) => Some(Mount::parse(text)),
        Value::Object(_) => {
            let source = text("source").map(str::to_owned);
            Some(Mount::object(text("type"), source, text("target")?.to_owned()))
        }
        _ => None,
    }
}

fn port(value: &Value) -> Option<PortEntry> {
    match value {
        Value::Number(number) => Some(PortEntry::Number(u16::try_from(number.as_u64()?).ok()?)),
        Value::String(text) => Some(match text.strip_prefix("localhost:").map(str::parse) {
            Some(Ok(number)) => PortEntry::Number(number),
            _ => PortEntry::Text(text.clone()),
        }),
        _ => None,
    }
}

fn unite<T: PartialEq>(all: &mut Vec<T>, more: impl Iterator<Item = T>) {
    for item in more {
        if !all.contains(&item) {
            all.push(item);
        }
    }
}

fn last<T>(slot: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *slot = value;
    }
}

fn put<V>(map: &mut Vec<(String, V)>, name: &str, value: V) {
    match map.iter_mut().find(|(old, _)| old == name) {
        Some((_, slot)) => *slot = value,
        None => map.push((name.to_owned(), value)),
    }
}

fn is_truthy(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value.as_str() != Some("")
}

/// `8gb` and the like; a number is bytes already (or a count of cores).
fn bytes(value: Option<&Value>) -> u64 {
    let Some(text) = value.and_then(|value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }) else {
        return 0;
    };
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match &text[digits.len()..] {
        "" => 0,
        "kb" => 10,
        "mb" => 20,
        "gb" => 30,
        "tb" => 40,
        _ => return 0,
    };
    digits.parse::<u64>().unwrap_or(0).saturating_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn merged(label: &Value) -> Merged {
        merge(&read_label(&label.to_string()).expect("a label"))
    }

    #[test]
    fn later_entries_add_or_win() {
        let merged = merged(&json!([
            {"init": true, "capAdd": ["A", "B"], "remoteUser": "one", "overrideCommand": false,
             "containerEnv": {"X": "1", "Y": "1"}, "mounts": ["type=volume,source=a,target=/t"],
             "forwardPorts": [3000, "db:5432"], "entrypoint": "/one.sh"},
            {"id": "feature", "privileged": true, "capAdd": ["B", "C"], "postCreateCommand": "f",
             "mounts": [{"type": "bind", "source": "/b", "target": "/t"}], "entrypoint": "/two.sh"},
            {"init": false, "remoteUser": "two", "containerEnv": {"Y": 2}, "postCreateCommand": ["c"],
             "forwardPorts": ["localhost:3000", 4000], "remoteEnv": {"GONE": null}},
        ]));
        assert!(merged.init && merged.privileged);
        assert_eq!(merged.cap_add, ["A", "B", "C"]);
        assert_eq!(merged.remote_user.as_deref(), Some("two"));
        assert_eq!(merged.override_command, Some(false));
        assert_eq!(merged.container_env, [("X".into(), "1".into()), ("Y".into(), "2".into())]);
        assert_eq!(merged.remote_env, [("GONE".into(), None)]);
        assert_eq!(merged.mounts.len(), 1);
        assert_eq!(merged.mounts[0].source.as_deref(), Some("/b"));
        assert_eq!(merged.entrypoints, ["/one.sh", "/two.sh"]);
        assert_eq!(
            merged.hooks,
            [("postCreateCommand", vec![(Some("feature".to_owned()), json!("f")), (None, json!(["c"]))])]
        );
        assert_eq!(
            merged.forward_ports,
            [PortEntry::Number(3000), PortEntry::Text("db:5432".into()), PortEntry::Number(4000)]
        );
    }

    #[test]
    fn requirements_take_the_most() {
        let merged = merged(&json!([
            {"hostRequirements": {"cpus": 2, "memory": "8gb", "gpu": "optional"}},
            {"hostRequirements": {"cpus": 4, "memory": "4gb", "gpu": {"cores": 1000}}},
        ]));
        assert_eq!(merged.host_requirements.cpus, 4);
        assert_eq!(merged.host_requirements.memory, 8 << 30);
        assert_eq!(merged.host_requirements.gpu, Some(json!({"cores": 1000})));
    }

    #[test]
    fn tools_combine_their_customizations_themselves() {
        let merged = merged(&json!([
            {"customizations": {"vscode": {"extensions": ["a"]}}},
            {"customizations": {"vscode": {"extensions": ["-a"]}, "jetbrains": {}}},
        ]));
        assert_eq!(merged.customizations[0].1.len(), 2);
        assert_eq!(merged.customizations[1].0, "jetbrains");
    }

    #[test]
    fn a_label_can_be_one_entry_and_a_bad_one_is_refused() {
        assert_eq!(read_label(r#"{"init": true}"#).expect("one entry").len(), 1);
        assert!(matches!(read_label("x"), Err(LabelError::Json(_))));
        assert!(matches!(read_label("[1]"), Err(LabelError::Shape)));
        assert!(matches!(read_label(&" ".repeat(MAX_LABEL + 1)), Err(LabelError::TooLong)));
        assert!(matches!(read_label(&"[".repeat(100_000)), Err(LabelError::Json(_))));
        let odd =
            r#"[{"init": 1, "capAdd": "A", "mounts": [1, {}], "containerEnv": [], "hostRequirements": 5}]"#;
        assert_eq!(merge(&read_label(odd).expect("a list")).cap_add, Vec::<String>::new());
    }
}
