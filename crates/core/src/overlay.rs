//! Our Compose file: the gate around a dev service, as `design/egress.md` draws it.
//!
//! It stands last among the Compose files, so `!override` and `!reset` (Compose ≥ 2.24.4) can take
//! away what the others say: network lists merge by union otherwise, and the open network stays.

pub(crate) mod environment;
pub(crate) mod record;
mod sidecar;
pub(crate) mod topology;

use crate::convert::{Service, TopLevel};
use crate::ground::Mount;
use crate::project::{Layout, RelPath};
use crate::protect::Variables;
use crate::subnet::Subnet;
use crate::yaml::{Yaml, emit, literal};
use record::Record;
use topology::{Member, Topology};

/// The sidecar's image where the user chose none of a registry: `drawbridge sidecar build` makes it, and
/// `pull_policy: never` keeps a stranger's image of that name out.
pub const IMAGE: &str = concat!("drawbridge/sidecar:", env!("CARGO_PKG_VERSION"));

/// Where the sidecar shares its program and public certificates.
pub(crate) const SHARE: &str = "/run/drawbridge/share";
/// The explicit proxy's port.
pub(crate) const PROXY_PORT: u16 = 3128;

/// Everything that our file says.
pub(crate) struct Gate<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) topology: &'a Topology,
    pub(crate) subnet: Subnet,
    /// The default project name.
    pub(crate) project: &'a str,
    /// Folder of the first Compose file.
    pub(crate) project_dir: &'a RelPath,
    /// The service that an image or Dockerfile configuration was converted to.
    pub(crate) converted: Option<(&'a Service, &'a TopLevel)>,
    /// Variables of the dev service.
    pub(crate) environment: &'a [(String, String)],
    /// Read-only binds and pins of the dev service.
    pub(crate) mounts: &'a [Mount],
    /// The sidecar's image in a registry, with its digest; [`IMAGE`] without one.
    pub(crate) image: Option<&'a str>,
    /// The policy's text.
    pub(crate) policy: &'a str,
    pub(crate) record: &'a Record,
}

impl Gate<'_> {
    pub(crate) fn sidecar(&self) -> String {
        self.layout.named("drawbridge")
    }

    pub(crate) fn network(&self) -> String {
        self.layout.named("drawbridge")
    }

    /// `${DRAWBRIDGE_IP:-198.18.0.2}`
    pub(crate) fn ip(&self) -> String {
        with_default(&self.layout.variable("IP"), &self.subnet.ip().to_string())
    }

    /// A path as our file writes it.
    pub(crate) fn path(&self, path: &RelPath) -> String {
        literal(&path.from_dir(self.project_dir))
    }

    /// A path relative to the workspace, `..` included, as our file writes it.
    fn above(&self, source: &str) -> String {
        match RelPath::new(source) {
            Some(path) => self.path(&path),
            None => literal(&format!("{}/{source}", RelPath::root().from_dir(self.project_dir))),
        }
    }

    /// Names of the variables.
    pub(crate) fn variables(&self) -> Variables {
        let variable = |key| self.layout.variable(key);
        Variables {
            ip: variable("IP"),
            subnet: variable("SUBNET"),
            range: variable("RANGE"),
            workspace: variable("WORKSPACE"),
            project: self.converted.map(|_| variable("PROJECT")),
        }
    }
}

/// `${NAME:-default}`
pub(crate) fn with_default(variable: &str, default: &str) -> String {
    format!("${{{variable}:-{default}}}")
}

/// The text of our Compose file.
pub(crate) fn build(gate: &Gate<'_>) -> String {
    let mut root = Yaml::map();
    let mut top = TopLevel::default();
    if let Some((_, converted)) = gate.converted {
        root.set("name", with_default(&gate.layout.variable("PROJECT"), gate.project));
        top.extend(converted.clone());
    }
    let mut dev = gate.converted.map_or_else(Yaml::map, |(service, _)| service.body.clone());
    let mut others = Vec::new();
    for member in &gate.topology.members {
        if member.name == gate.topology.dev {
            join(&mut dev, member, gate);
        } else {
            let mut body = Yaml::map();
            join(&mut body, member, gate);
            others.push((member.name.clone(), body));
        }
    }
    dress(&mut dev, gate);
    let first = std::iter::once((gate.topology.dev.clone(), dev));
    let last = std::iter::once((gate.sidecar(), sidecar::service(gate)));
    root.set("services", Yaml::Map(first.chain(others).chain(last).collect()));
    top.extend(sidecar::top_level(gate));
    top.write_to(&mut root);

    let head = head(gate);
    let comments = comments(gate);
    let mut comments: Vec<(&str, &str)> =
        comments.iter().map(|(place, text)| (place.as_str(), *text)).collect();
    comments.push(("", &head));
    emit(&root, &comments)
}

/// Puts a service on the inner network and nowhere else.
fn join(body: &mut Yaml, member: &Member, gate: &Gate<'_>) {
    let base = gate.converted.is_none();
    let over = |value: Yaml, replace: bool| if replace { Yaml::overriding(value) } else { value };
    if member.reset_mode {
        body.set("network_mode", Yaml::reset());
    }
    let networks = if member.aliases.is_empty() {
        Yaml::strings([gate.network()])
    } else {
        let aliases = Yaml::strings(member.aliases.iter().map(|alias| literal(alias)));
        let mut networks = Yaml::map();
        networks.set(gate.network(), [("aliases", aliases)]);
        networks
    };
    body.set("networks", over(networks, base));
    body.set("dns", over(Yaml::strings([gate.ip()]), member.has_dns));
    if member.has_ports {
        body.set("ports", Yaml::overriding(Yaml::Seq(Vec::new())));
    }
}

/// What the dev service itself gets.
fn dress(body: &mut Yaml, gate: &Gate<'_>) {
    let healthy: Yaml = [("condition", Yaml::from("service_healthy"))].into();
    body.entry("depends_on").set(gate.sidecar(), healthy);
    for (name, value) in gate.environment {
        body.entry("environment").set(name, value.as_str());
    }
    let share: Yaml = [
        ("type", "volume".into()),
        ("source", gate.layout.named("drawbridge-share").into()),
        ("target", SHARE.into()),
        ("read_only", true.into()),
        ("volume", [("nocopy", Yaml::from(true))].into()),
    ]
    .into();
    body.push("volumes", share);
    for mount in gate.mounts {
        let source = gate.above(&mount.source);
        body.push("volumes", bind(source, mount.target.clone(), mount.read_only));
    }
}

/// Long syntax: the short one makes a root-owned folder in the repository when the source is missing.
fn bind(source: String, target: String, read_only: bool) -> Yaml {
    let mut bind: Yaml =
        [("type", "bind".into()), ("source", source.into()), ("target", target.into())].into();
    if read_only {
        bind.set("read_only", true);
    }
    bind.set("bind", [("create_host_path", Yaml::from(false))]);
    bind
}

fn head(gate: &Gate<'_>) -> String {
    let policy = gate.layout.policy.from_dir(&gate.layout.dir);
    let policy = policy.trim_start_matches("./");
    format!(
        "Written by `drawbridge protect`. Run it again instead of editing this file.\n\
         The services below share one network that has no way out. Their only neighbour is the\n\
         sidecar, which lets through what {policy} allows.\n{}",
        gate.record.to_comment()
    )
}

fn comments(gate: &Gate<'_>) -> Vec<(String, &'static str)> {
    let (sidecar, network) = (gate.sidecar(), gate.network());
    let owner = &gate.topology.netns;
    vec![
        (format!("services/{owner}/networks"), "Replaces every other network, so that no open one stays."),
        (format!("services/{sidecar}"), "The only way out. It runs without root and without capabilities."),
        (
            format!("services/{sidecar}/pull_policy"),
            "Made on this machine by `drawbridge sidecar build`; never taken from a registry.",
        ),
        (
            format!("services/{sidecar}/environment/DRAWBRIDGE_POLICY"),
            "The policy file's text, for engines that cannot see this folder. `drawbridge protect` renews it.",
        ),
        (
            format!("networks/{network}/internal"),
            "No gateway: not to the internet, and (inhibit_ipv4) not to services of the host.",
        ),
        (
            format!("networks/{network}/ipam"),
            "Addresses for benchmarks (RFC 2544), chosen by the project's name. Override in `.env` after a clash.",
        ),
        (
            "volumes/drawbridge-personal".to_owned(),
            "Shared by all projects: your own policy and certificates.",
        ),
    ]
}
