//! The sidecar's service, its networks and volumes.

use super::{Gate, IMAGE, SHARE, with_default};
use crate::convert::TopLevel;
use crate::yaml::{Yaml, literal};

/// First port on which the sidecar listens for a published one.
const FIRST_RELAY: u16 = 20_000;

pub(super) fn service(gate: &Gate<'_>) -> Yaml {
    let strings = |items: &[&str]| Yaml::strings(items.iter().copied());
    let mut command = vec!["proxy".to_owned(), "run".to_owned()];
    let mut ports = Vec::new();
    for (listen, relay) in (FIRST_RELAY..).zip(&gate.topology.relays) {
        command.push("--publish".to_owned());
        command.push(format!("{listen}={}:{}", literal(&relay.service), relay.port.target));
        ports.push(relay.port.publish(listen));
    }
    // What a digest names is one image only, wherever it comes from.
    let (image, pull) = gate.image.map_or((IMAGE, "never"), |pinned| (pinned, "missing"));
    let mut body: Yaml = [
        ("image", literal(image).into()),
        ("pull_policy", pull.into()),
        ("command", Yaml::strings(command)),
        ("user", "65532:65532".into()),
        ("read_only", true.into()),
        ("cap_drop", strings(&["ALL"])),
        ("security_opt", strings(&["no-new-privileges:true"])),
        (
            "sysctls",
            [("net.ipv4.ip_unprivileged_port_start", "0".into()), ("net.ipv4.ip_forward", Yaml::from("0"))]
                .into(),
        ),
        ("restart", "unless-stopped".into()),
        (
            "logging",
            [
                ("driver", "local".into()),
                ("options", [("max-size", "10m".into()), ("max-file", Yaml::from("3"))].into()),
            ]
            .into(),
        ),
        (
            "healthcheck",
            [
                ("test", strings(&["CMD", "/drawbridge", "proxy", "health"])),
                ("interval", "5s".into()),
                ("timeout", "2s".into()),
                ("retries", 6.into()),
                ("start_period", "20s".into()),
                ("start_interval", "200ms".into()),
            ]
            .into(),
        ),
        ("environment", [("DRAWBRIDGE_POLICY", Yaml::from(literal(gate.policy)))].into()),
        ("volumes", volumes(gate)),
    ]
    .into();
    let mut networks = Yaml::map();
    networks.set(gate.network(), [("ipv4_address", Yaml::from(gate.ip()))]);
    networks.set(gate.layout.named("drawbridge-egress"), Yaml::map());
    body.set("networks", networks);
    if !ports.is_empty() {
        body.set("ports", Yaml::strings(ports));
    }
    body
}

fn volumes(gate: &Gate<'_>) -> Yaml {
    let volume = |source: String, target: &str, read_only: bool| -> Yaml {
        let mut volume: Yaml =
            [("type", "volume".into()), ("source", source.into()), ("target", target.into())].into();
        if read_only {
            volume.set("read_only", true);
        }
        volume
    };
    Yaml::Seq(vec![
        volume(gate.layout.named("drawbridge-state"), "/var/lib/drawbridge", false),
        volume(gate.layout.named("drawbridge-share"), SHARE, false),
        volume("drawbridge-personal".to_owned(), "/etc/drawbridge/personal", true),
        super::bind(gate.path(&gate.layout.policy_dir), "/etc/drawbridge/policy".to_owned(), true),
    ])
}

pub(super) fn top_level(gate: &Gate<'_>) -> TopLevel {
    let (layout, subnet) = (gate.layout, gate.subnet);
    let ipam: Yaml = [
        ("subnet", with_default(&layout.variable("SUBNET"), &subnet.cidr()).into()),
        ("ip_range", Yaml::from(with_default(&layout.variable("RANGE"), &subnet.range()))),
    ]
    .into();
    let inner: Yaml = [
        ("internal", true.into()),
        ("driver_opts", [("com.docker.network.bridge.inhibit_ipv4", Yaml::from("true"))].into()),
        ("ipam", [("config", Yaml::Seq(vec![ipam]))].into()),
    ]
    .into();
    let mut top = TopLevel::default();
    top.volumes.set(layout.named("drawbridge-state"), Yaml::map());
    top.volumes.set(layout.named("drawbridge-share"), Yaml::map());
    top.volumes.set("drawbridge-personal", [("name", Yaml::from("drawbridge-personal"))]);
    top.networks.set(gate.network(), inner);
    top.networks.set(layout.named("drawbridge-egress"), Yaml::map());
    top
}
