//! Which services sit behind the gate, and which ports the sidecar publishes for them.

use std::collections::BTreeSet;

use crate::compose::{Located, Model, Port, Service};
use crate::protect::{Item, Note, NoteKind, Refusal};

/// The services behind the gate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Topology {
    /// The dev service.
    pub(crate) dev: String,
    /// The service whose network namespace it uses.
    pub(crate) netns: String,
    /// Services on the inner network, the namespace's owner first.
    pub(crate) members: Vec<Member>,
    /// Published ports that the sidecar takes over.
    pub(crate) relays: Vec<Relay>,
}

/// A service on the inner network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// Names that it had on its own networks.
    pub(crate) aliases: Vec<String>,
    /// It has a `network_mode`, which excludes networks.
    pub(crate) reset_mode: bool,
    /// It has `dns`, to which ours would be added.
    pub(crate) has_dns: bool,
    /// It publishes ports, which an internal network silently drops.
    pub(crate) has_ports: bool,
}

/// A published port that the sidecar takes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Relay {
    pub(crate) service: String,
    pub(crate) port: Port,
}

impl Topology {
    /// A dev service that is alone with the sidecar.
    pub(crate) fn alone(dev: &str, ports: impl IntoIterator<Item = Port>) -> Self {
        let member = Member { name: dev.to_owned(), ..Member::default() };
        let relay = |port| Relay { service: dev.to_owned(), port };
        Self {
            dev: dev.to_owned(),
            netns: dev.to_owned(),
            members: vec![member],
            relays: ports.into_iter().map(relay).collect(),
        }
    }

    /// Every name under which a neighbour is reached.
    pub(crate) fn neighbours(&self) -> Vec<String> {
        let names = self.members.iter().flat_map(|member| [&member.name].into_iter().chain(&member.aliases));
        names.filter(|name| !name.contains('$')).cloned().collect()
    }
}

/// What was found on the way.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) notes: Vec<Note>,
    pub(crate) items: Vec<Item>,
}

impl Findings {
    pub(crate) fn warn(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.notes.push(Note { kind: NoteKind::Warning, what: what.into(), why: why.into() });
    }

    pub(crate) fn lose<T>(&mut self, code: &str, what: String, why: impl Into<String>, at: &Located<T>) {
        self.items.push(Item {
            code: code.to_owned(),
            what,
            why: why.into(),
            file: Some(at.file.clone()),
            line: Some(at.place.line),
            column: Some(at.place.column),
        });
    }
}

/// Draws the gate around `dev`.
///
/// Behind it are the owner of its network namespace, everything it starts with, and everything that
/// shared a network with it, so that names keep resolving; nothing of that keeps a way out.
pub(crate) fn draw(model: &Model, dev: &str, findings: &mut Findings) -> Result<Topology, Refusal> {
    let owner = model.netns(dev);
    confinable(model, dev, dev)?;
    confinable(model, dev, &owner)?;
    let mut topology = Topology { dev: dev.to_owned(), netns: owner.clone(), ..Topology::default() };
    let inside = inside(model, dev, &owner);
    let names = std::iter::once(&owner).chain(inside.iter().filter(|name| **name != owner));
    for name in names {
        let service = &model.services[name];
        if !may_join(name, service, *name == owner, findings) {
            continue;
        }
        topology.members.push(member(name, service, findings));
        ports(name, service, &mut topology.relays, findings);
    }
    outside(model, &inside, findings);
    Ok(topology)
}

/// The dev service and its namespace's owner can be put on the inner network.
fn confinable(model: &Model, dev: &str, name: &str) -> Result<(), Refusal> {
    let Some(service) = model.services.get(name) else {
        let at = model.services.get(dev).and_then(|service| service.network_mode.as_ref());
        let message = match at {
            Some(mode) => format!("`{dev}` uses the network of `{}`, which is no service", mode.value),
            None => format!("no service `{name}`"),
        };
        return Err(refuse(message, at, None));
    };
    if service.included {
        return Err(refuse(
            format!("service `{name}` comes from an included file, which no later file may change"),
            Some(&service.at),
            Some("name that file in `dockerComposeFile` instead of `include`"),
        ));
    }
    match &service.network_mode {
        Some(mode) if mode.value.starts_with("container:") => Err(refuse(
            format!("`{name}` uses the network of a container that Compose does not start"),
            Some(mode),
            Some("make that container a service, or remove `network_mode`"),
        )),
        Some(mode) if mode.value.starts_with("service:") && model.netns(dev) == name => {
            Err(refuse(format!("`network_mode` of `{name}` goes in a circle"), Some(mode), None))
        }
        _ => Ok(()),
    }
}

fn refuse<T>(message: String, at: Option<&Located<T>>, hint: Option<&str>) -> Refusal {
    Refusal {
        message,
        file: at.map(|at| at.file.clone()),
        line: at.map(|at| at.place.line),
        column: at.map(|at| at.place.column),
        hint: hint.map(str::to_owned),
        items: Box::default(),
    }
}

/// Owners of network namespaces that belong behind the gate.
fn inside(model: &Model, dev: &str, owner: &str) -> BTreeSet<String> {
    // With `network_mode: host` a service reached what the others publish; names replace that.
    let joined = model.services[owner].joined();
    let reach = if joined.is_empty() { BTreeSet::from(["default"]) } else { joined };
    let near = |service: &Service| service.joined().iter().any(|network| reach.contains(network));
    let mut open: Vec<&str> = vec![dev, owner];
    open.extend(model.services.iter().filter(|(_, s)| near(s)).map(|(name, _)| name.as_str()));
    let owners = model.closure(open).into_iter().map(|name| model.netns(name));
    owners.filter(|name| model.services.contains_key(name)).collect()
}

/// Whether a neighbour can be put on the inner network; says so when not.
fn may_join(name: &str, service: &Service, owner: bool, findings: &mut Findings) -> bool {
    let mode = service.network_mode.as_ref();
    if service.included {
        findings.lose(
            "included-service",
            format!("service {name}"),
            "it comes from an included file, which no later file may change, so it keeps its own \
             network: the dev container cannot reach it, and it is not behind the gate",
            &service.at,
        );
        return false;
    }
    match mode.map(|mode| mode.value.as_str()) {
        None => true,
        Some("none") if !owner => false,
        Some(value) if value.starts_with("container:") || value.starts_with("service:") => {
            findings.warn(
                format!("service {name}"),
                format!("`network_mode: {value}` cannot be confined: it may have a way out"),
            );
            false
        }
        Some(value) => {
            findings.warn(
                format!("service {name}"),
                format!(
                    "`network_mode: {value}` is replaced by the inner network; what it reached or \
                     offered on the host's own addresses is gone"
                ),
            );
            true
        }
    }
}

fn member(name: &str, service: &Service, findings: &mut Findings) -> Member {
    let mut aliases: Vec<String> = Vec::new();
    for network in &service.networks {
        for alias in &network.aliases {
            if alias != name && !aliases.contains(alias) {
                aliases.push(alias.clone());
            }
        }
        if let Some(address) = &network.address {
            findings.warn(
                format!("service {name}"),
                format!("its fixed address {address} is dropped: use the name `{name}`"),
            );
        }
    }
    if let Some(hosts) = service.keys.get("extra_hosts").filter(|at| at.value.contains("host-gateway")) {
        findings.warn(
            format!("extra_hosts of {name}"),
            format!("`{}` is the host, which is not reachable from the inner network", hosts.value),
        );
    }
    Member {
        name: name.to_owned(),
        aliases,
        reset_mode: service.network_mode.is_some(),
        has_dns: service.keys.contains_key("dns"),
        has_ports: !service.ports.is_empty() || !service.lost_ports.is_empty(),
    }
}

fn ports(name: &str, service: &Service, relays: &mut Vec<Relay>, findings: &mut Findings) {
    for lost in &service.lost_ports {
        let (text, err) = &lost.value;
        findings.lose(err.code(), format!("ports of {name}: {text}"), err.to_string(), lost);
    }
    for port in &service.ports {
        relays.push(Relay { service: name.to_owned(), port: port.value.clone() });
        let host = port.value.published.as_deref().unwrap_or("a free port");
        findings.notes.push(Note {
            kind: NoteKind::Moved,
            what: format!("ports of {name}: {host} to {}", port.value.target),
            why: match &port.value.host_ip {
                Some(ip) => format!("the sidecar publishes it on {ip} and relays it"),
                None => "the sidecar publishes it on 127.0.0.1 and relays it".to_owned(),
            },
        });
    }
}

/// Services that stay outside keep their networks.
fn outside(model: &Model, inside: &BTreeSet<String>, findings: &mut Findings) {
    for name in model.services.keys() {
        if !inside.contains(&model.netns(name)) {
            findings.notes.push(Note {
                kind: NoteKind::Kept,
                what: format!("service {name}"),
                why: "shares no network with the dev container and keeps its own; neither can reach \
                      the other"
                    .to_owned(),
            });
        }
    }
    for network in &model.external_networks {
        findings.warn(
            format!("network {network}"),
            "it exists outside of the project; services behind the gate leave it",
        );
    }
}
