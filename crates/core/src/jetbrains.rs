//! `customizations.jetbrains`, for those who name the editor or have such a section already.
//!
//! No documented setting closes a way of the JetBrains bridge (`reference/ide-bridge.md` §7.4), so this is about
//! a back end that finds its way out and the agent's plugin, and the notes say what stays open.

use std::collections::BTreeSet;

use drawbridge_jsonc::{Edit, Node, Pointer};
use serde_json::{Value, json};

use crate::detect::Found;
use crate::devcontainer::Config;
use crate::protect::{Note, NoteKind, Options};

/// "Auto-detect proxy settings". In the container that finds `http_proxy`; a host and port would also be right there, and
/// wrong on the host, where the native mode of 2026.1 keeps the IDE.
const AUTO_DETECT: &str = "com.intellij:app:HttpConfigurable.use_proxy_pac";

/// What a configuration that names a proxy itself starts its keys with.
const PROXY: &str = "com.intellij:app:HttpConfigurable.";

/// The product that is meant for what a project builds with (`reference/ide-bridge.md` §7.4 names them).
const BACKENDS: [(&str, &[&str]); 8] = [
    ("IntelliJ", &["maven", "gradle"]),
    ("WebStorm", &["npm", "yarn"]),
    ("PyCharm", &["pypi", "conda"]),
    ("RustRover", &["cargo", "rustup"]),
    ("GoLand", &["go"]),
    ("RubyMine", &["rubygems"]),
    ("Rider", &["nuget"]),
    ("PhpStorm", &["composer"]),
];

/// The plugins of coding agents: agent, plugin, whether the client needs it as well (`reference/agents.md` §6).
const AGENT_PLUGINS: [(&str, &str, bool); 4] = [
    ("claude-code", "com.anthropic.code.plugin", false),
    ("copilot", "com.github.copilot", false),
    ("jetbrains-ai", "org.jetbrains.junie", true),
    ("factory", "com.factory.jetbrains-plugin", false),
];

/// Whether `id` is the plugin of a coding agent that Drawbridge knows.
pub(crate) fn is_agent_plugin(id: &str) -> bool {
    AGENT_PLUGINS.iter().any(|(_, plugin, _)| *plugin == id)
}

/// Whether the plugin works only when it is installed in the client on the host too.
pub fn needs_both_sides(id: &str) -> bool {
    AGENT_PLUGINS.iter().any(|(_, plugin, both)| *plugin == id && *both)
}

/// Edits and notes for `config`. `protected` is the file as an earlier `protect` left it: what that one chose stays.
pub(crate) fn customize(
    config: &Config<'_>,
    protected: Option<&Node>,
    ecosystems: &[Found],
    options: &Options,
) -> (Vec<Edit>, Vec<Note>) {
    let written = config.customizations.and_then(|node| node.get("jetbrains"));
    let asked = options.ides.as_ref().is_some_and(|ides| ides.iter().any(|ide| ide == "jetbrains"));
    if !asked && written.is_none() {
        return Default::default();
    }
    let at = Pointer::root().key("customizations").key("jetbrains");
    let has = |key: &str| written.and_then(|node| node.get(key));
    let mut edits = Vec::new();
    if has("backend").is_none()
        && let Some(backend) = protected.map_or_else(|| backend(ecosystems), earlier)
    {
        edits.push(Edit::Set { at: at.key("backend"), value: json!(backend) });
    }
    if let Some(list) = plugins(has("plugins"), options) {
        edits.push(Edit::Set { at: at.key("plugins"), value: list });
    }
    let settings = has("settings").map(Node::members).unwrap_or_default();
    let own_proxy = settings.iter().find(|member| member.key.starts_with(PROXY));
    let mut notes = Vec::new();
    match own_proxy {
        Some(member) => notes.push(Note {
            kind: NoteKind::Warning,
            what: member.key.clone(),
            why: "your own value stays; if it names another proxy, that one is out of reach now".to_owned(),
        }),
        None => edits.push(Edit::Set { at: at.key("settings").key(AUTO_DETECT), value: json!(true) }),
    }
    notes.push(Note {
        kind: NoteKind::Warning,
        what: "bridge of JetBrains IDEs".to_owned(),
        why: "no documented setting closes the ssh agent or forwarded ports; `drawbridge doctor jetbrains` says \
              what to look at"
            .to_owned(),
    });
    (edits, notes)
}

/// The product that an earlier `protect` wrote, so that a second run changes nothing.
fn earlier(root: &Node) -> Option<&str> {
    root.get("customizations")?.get("jetbrains")?.get("backend")?.as_str()
}

/// The product, where the project leaves no choice.
fn backend(ecosystems: &[Found]) -> Option<&'static str> {
    let fits = |ids: &[&str]| ecosystems.iter().any(|found| ids.contains(&found.id.as_str()));
    let mut fitting = BACKENDS.iter().filter(|(_, ids)| fits(ids)).map(|(product, _)| *product);
    fitting.next().filter(|_| fitting.next().is_none())
}

/// The list with the plugins of the agents that the user named; `None` when it stays as it is. An agent that was only
/// detected installs nothing.
fn plugins(written: Option<&Node>, options: &Options) -> Option<Value> {
    let mut list = match written.map(Node::to_json) {
        Some(Value::Array(list)) => list,
        Some(_) => return None,
        None => Vec::new(),
    };
    let known: BTreeSet<String> = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let named = options.agents.iter().flatten();
    let wanted = named.filter_map(|agent| AGENT_PLUGINS.iter().find(|(id, ..)| id == agent));
    let before = list.len();
    list.extend(wanted.map(|(_, plugin, _)| *plugin).filter(|id| !known.contains(*id)).map(Value::from));
    (list.len() > before).then_some(Value::Array(list))
}
