//! One service, merged from every file that says something about it.

use std::collections::{BTreeMap, BTreeSet};

use super::Located;
use super::node::{Node, Value};
use super::port::{Port, PortError, expand};
use super::published::{self, Published};
use super::volume::{self, Volume};
use crate::project::RelPath;

/// What protecting needs to know about a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Service {
    /// `image`.
    pub image: Option<String>,
    /// `build`.
    pub build: Option<Build>,
    /// `network_mode`.
    pub network_mode: Option<Located<String>>,
    /// `networks`; empty means the implicit `default`, unless there is a `network_mode`.
    pub networks: Vec<Network>,
    /// Published ports that the sidecar can stand in for.
    pub ports: Vec<Located<Port>>,
    /// Published ports that it cannot, as written.
    pub lost_ports: Vec<Located<(String, PortError)>>,
    /// Every published port, relayed or not.
    pub published: Vec<Located<Published>>,
    /// `volumes`; a later file wins per target.
    pub volumes: Vec<Located<Volume>>,
    /// Services of `depends_on`, `links` and `volumes_from`.
    pub needs: BTreeSet<String>,
    /// `environment`; `None` takes the value of the machine that starts it.
    pub environment: BTreeMap<String, Option<String>>,
    /// `profiles`.
    pub profiles: Vec<String>,
    /// `privileged: true`.
    pub privileged: Option<Located<()>>,
    /// `cap_add`.
    pub cap_add: Vec<Located<String>>,
    /// Other keys that are set, for notes.
    pub keys: BTreeMap<String, Located<String>>,
    /// What is in those that are lists, of every file; members of a mapping as `KEY: VALUE`.
    pub items: BTreeMap<String, Vec<Located<String>>>,
    /// Comes from an `include`, so a later file must not name it.
    pub included: bool,
    /// Where it is first written.
    pub at: Located<()>,
}

/// `build`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Build {
    /// The Dockerfile, when it lies in the workspace.
    pub dockerfile: Option<RelPath>,
    /// `dockerfile_inline`, which the official CLI cannot read.
    pub inline: bool,
    /// The Dockerfile alone decides the base image: neither `args` nor `target`.
    pub plain: bool,
}

/// A network of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// The key of the top-level network.
    pub name: String,
    /// Other names on that network.
    pub aliases: Vec<String>,
    /// A fixed address.
    pub address: Option<String>,
}

/// Where a fragment comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    /// The file that it is written in.
    pub(super) file: &'a RelPath,
    /// The folder that its paths count from.
    pub(super) base: &'a RelPath,
}

impl Context<'_> {
    pub(super) fn at<T>(&self, node: &Node, value: T) -> Located<T> {
        Located { value, file: self.file.clone(), place: node.place }
    }
}

impl Service {
    /// The networks that it joins, `default` included.
    pub fn joined(&self) -> BTreeSet<&str> {
        match (&self.network_mode, self.networks.as_slice()) {
            (Some(_), _) => BTreeSet::new(),
            (None, []) => BTreeSet::from(["default"]),
            (None, networks) => networks.iter().map(|network| network.name.as_str()).collect(),
        }
    }

    /// The service whose network namespace it shares.
    pub fn shares(&self) -> Option<&str> {
        self.network_mode.as_ref()?.value.strip_prefix("service:")
    }

    /// Adds what a later file says.
    pub(super) fn absorb(&mut self, node: &Node, cx: Context<'_>) {
        for (key, value) in node.members() {
            self.member(&key.text, value, cx);
        }
    }

    fn member(&mut self, key: &str, value: &Node, cx: Context<'_>) {
        if matches!(value.tag.as_deref(), Some("!reset" | "!override")) {
            self.clear(key);
        }
        if value.tag.as_deref() == Some("!reset") {
            return;
        }
        match key {
            "image" => self.image = value.as_str().map(str::to_owned),
            "build" => self.build = Some(self.build.take().unwrap_or_default().absorb(value, cx)),
            "network_mode" => {
                self.network_mode = value.as_str().map(|mode| cx.at(value, mode.to_owned()));
            }
            "networks" => self.networks(value),
            "ports" => value.items().iter().for_each(|item| self.port(item, cx)),
            "volumes" => value.items().iter().for_each(|item| self.volume(item, cx)),
            "depends_on" => self.needs.extend(names(value)),
            "links" | "volumes_from" => {
                let services = names(value).into_iter().filter(|name| !name.starts_with("container:"));
                self.needs.extend(services.map(|name| before_colon(&name)));
            }
            "environment" => self.environment.extend(pairs(value)),
            "profiles" => self.profiles.extend(names(value)),
            "privileged" => {
                self.privileged = (value.as_bool() == Some(true)).then(|| cx.at(value, ()));
            }
            "cap_add" => {
                self.cap_add.extend(
                    value
                        .items()
                        .iter()
                        .filter_map(|item| item.as_str().map(|name| cx.at(item, name.to_owned()))),
                );
            }
            _ => {
                self.keys.insert(key.to_owned(), cx.at(value, summary(value)));
                let items = items(value).into_iter().map(|(item, text)| cx.at(item, text));
                self.items.entry(key.to_owned()).or_default().extend(items);
            }
        }
    }

    fn clear(&mut self, key: &str) {
        match key {
            "image" => self.image = None,
            "build" => self.build = None,
            "network_mode" => self.network_mode = None,
            "networks" => self.networks.clear(),
            "ports" => {
                self.ports.clear();
                self.lost_ports.clear();
                self.published.clear();
            }
            "volumes" => self.volumes.clear(),
            "environment" => self.environment.clear(),
            "profiles" => self.profiles.clear(),
            "privileged" => self.privileged = None,
            "cap_add" => self.cap_add.clear(),
            // Too many needs only confine more services than necessary.
            _ => {
                self.keys.remove(key);
                self.items.remove(key);
            }
        }
    }

    fn networks(&mut self, value: &Node) {
        let text = |node: &Node, key: &str| node.get(key).and_then(Node::as_str).map(str::to_owned);
        let added: Vec<Network> = match &value.value {
            Value::Map(members) => members
                .iter()
                .map(|(key, node)| Network {
                    name: key.text.clone(),
                    aliases: node.get("aliases").map(names).unwrap_or_default(),
                    address: text(node, "ipv4_address").or_else(|| text(node, "ipv6_address")),
                })
                .collect(),
            _ => names(value).into_iter().map(|name| Network { name, ..Network::default() }).collect(),
        };
        for network in added {
            match self.networks.iter_mut().find(|known| known.name == network.name) {
                Some(known) => {
                    known.aliases.extend(network.aliases);
                    known.address = network.address.or_else(|| known.address.take());
                }
                None => self.networks.push(network),
            }
        }
    }

    fn port(&mut self, item: &Node, cx: Context<'_>) {
        self.published.extend(published::read(item).map(|port| cx.at(item, port)));
        match expand(item) {
            Ok(ports) => {
                for port in ports {
                    if !self.ports.iter().any(|known| known.value == port) {
                        self.ports.push(cx.at(item, port));
                    }
                }
            }
            Err(err) => self.lost_ports.push(cx.at(item, (summary(item), err))),
        }
    }

    fn volume(&mut self, item: &Node, cx: Context<'_>) {
        if let Some(volume) = volume::read(item, cx.base) {
            self.volumes.retain(|known| known.value.target != volume.target);
            self.volumes.push(cx.at(item, volume));
        }
    }
}

impl Build {
    fn absorb(mut self, node: &Node, cx: Context<'_>) -> Self {
        let text = |key| node.get(key).and_then(Node::as_str);
        let context = node.as_str().or_else(|| text("context")).unwrap_or(".");
        let dockerfile = text("dockerfile").unwrap_or("Dockerfile");
        if !context.contains("://") && !context.contains('$') && !dockerfile.contains('$') {
            self.dockerfile = cx.base.join(context).and_then(|folder| folder.join(dockerfile));
        }
        self.inline |= node.get("dockerfile_inline").is_some();
        self.plain = node.get("args").or_else(|| node.get("target")).is_none();
        self
    }
}

/// Keys of a mapping or items of a list.
fn names(node: &Node) -> Vec<String> {
    match &node.value {
        Value::Map(members) => members.iter().map(|(key, _)| key.text.clone()).collect(),
        Value::Seq(items) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        Value::Scalar { .. } => node.as_str().map(str::to_owned).into_iter().collect(),
    }
}

fn pairs(node: &Node) -> Vec<(String, Option<String>)> {
    match &node.value {
        Value::Map(members) => {
            members.iter().map(|(key, value)| (key.text.clone(), value.as_str().map(str::to_owned))).collect()
        }
        _ => names(node)
            .into_iter()
            .map(|item| match item.split_once('=') {
                Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
                None => (item, None),
            })
            .collect(),
    }
}

fn before_colon(text: &str) -> String {
    text.split_once(':').map_or(text, |(head, _)| head).to_owned()
}

/// What is in a list or a mapping, each on one line.
fn items(node: &Node) -> Vec<(&Node, String)> {
    match &node.value {
        Value::Scalar { .. } => Vec::new(),
        Value::Seq(items) => items.iter().map(|item| (item, summary(item))).collect(),
        Value::Map(members) => {
            members.iter().map(|(key, value)| (value, format!("{}: {}", key.text, summary(value)))).collect()
        }
    }
}

/// A value on one line, for messages.
fn summary(node: &Node) -> String {
    match &node.value {
        Value::Scalar { text, .. } => text.clone(),
        _ => items(node).into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(", "),
    }
}
