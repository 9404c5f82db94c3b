//! What `docker inspect` says, reduced to what is used here.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A container.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Container {
    /// Full id.
    pub id: String,
    /// Name without the slash.
    pub name: String,
    /// Whether it runs now.
    pub running: bool,
    /// `healthy`, `unhealthy`, `starting`; `None` without a health check.
    pub health: Option<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Networks by name, with the container's address and the gateway of each.
    pub networks: BTreeMap<String, Attachment>,
    /// `bridge`, `host`, `container:ID` or the name of a network.
    pub network_mode: String,
    /// Capabilities beyond the engine's default set.
    pub cap_add: Vec<String>,
    /// Whether it has every privilege.
    pub privileged: bool,
    /// Binds and volumes.
    pub mounts: Vec<Mount>,
    /// The user of the image or of the command line.
    pub user: String,
}

/// A container on a network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attachment {
    /// IPv4 address, may be empty.
    pub address: String,
    /// IPv4 gateway, may be empty.
    pub gateway: String,
}

/// A bind or volume of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Path on the host, or the volume's name.
    pub source: String,
    /// Path in the container.
    pub target: String,
    /// Whether the container may write.
    pub writable: bool,
}

/// A network of the engine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Network {
    /// Name.
    pub name: String,
    /// Whether it has no way out.
    pub internal: bool,
    /// Subnets in CIDR notation.
    pub subnets: Vec<String>,
    /// Gateways, where the engine or the user set one.
    pub gateways: Vec<String>,
    /// Compose project that made it.
    pub project: Option<String>,
}

impl Container {
    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.get(name).map(String::as_str)
    }

    /// The id as the engine's own lists show it.
    pub fn short_id(&self) -> &str {
        self.id.get(..12).unwrap_or(&self.id)
    }
}

pub(super) fn parse_containers(json: &[u8]) -> Option<Vec<Container>> {
    let raw: Vec<RawContainer> = serde_json::from_slice(json).ok()?;
    Some(raw.into_iter().map(Container::from).collect())
}

pub(super) fn parse_networks(json: &[u8]) -> Option<Vec<Network>> {
    let raw: Vec<RawNetwork> = serde_json::from_slice(json).ok()?;
    Some(raw.into_iter().map(Network::from).collect())
}

impl From<RawContainer> for Container {
    fn from(raw: RawContainer) -> Self {
        let networks = raw.network_settings.networks.unwrap_or_default();
        Self {
            id: raw.id,
            name: raw.name.trim_start_matches('/').to_owned(),
            running: raw.state.running,
            health: raw.state.health.map(|health| health.status),
            labels: raw.config.labels.unwrap_or_default(),
            networks: networks
                .into_iter()
                .map(|(name, raw)| {
                    let field =
                        |key: &str| raw.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                    (name, Attachment { address: field("IPAddress"), gateway: field("Gateway") })
                })
                .collect(),
            network_mode: raw.host_config.network_mode,
            cap_add: raw.host_config.cap_add.unwrap_or_default(),
            privileged: raw.host_config.privileged,
            mounts: raw
                .mounts
                .into_iter()
                .map(|mount| Mount {
                    source: mount.name.unwrap_or(mount.source),
                    target: mount.destination,
                    writable: mount.writable,
                })
                .collect(),
            user: raw.config.user,
        }
    }
}

impl From<RawNetwork> for Network {
    fn from(raw: RawNetwork) -> Self {
        let config = raw.ipam.config.unwrap_or_default();
        let all = |key: &str| {
            config.iter().filter_map(|entry| entry.get(key)?.as_str().map(str::to_owned)).collect()
        };
        Self {
            name: raw.name,
            internal: raw.internal,
            subnets: all("Subnet"),
            gateways: all("Gateway"),
            project: raw.labels.and_then(|labels| labels.get(super::LABEL_PROJECT).cloned()),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawContainer {
    id: String,
    name: String,
    state: RawState,
    config: RawConfig,
    host_config: RawHostConfig,
    network_settings: RawNetworkSettings,
    #[serde(default)]
    mounts: Vec<RawMount>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawState {
    running: bool,
    #[serde(default)]
    health: Option<RawHealth>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawHealth {
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawConfig {
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    user: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawHostConfig {
    #[serde(default)]
    network_mode: String,
    #[serde(default)]
    cap_add: Option<Vec<String>>,
    #[serde(default)]
    privileged: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawNetworkSettings {
    #[serde(default)]
    networks: Option<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawMount {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    source: String,
    destination: String,
    #[serde(rename = "RW", default)]
    writable: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawNetwork {
    name: String,
    #[serde(default)]
    internal: bool,
    #[serde(rename = "IPAM")]
    ipam: RawIpam,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawIpam {
    #[serde(default)]
    config: Option<Vec<BTreeMap<String, Value>>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_engine_prints() {
        let json = br#"[{"Id":"0123456789abcdef","Name":"/app-dev-1","State":{"Running":true,"Health":{"Status":"healthy"}},
            "Config":{"Labels":{"a":"b"},"User":"vscode"},"HostConfig":{"NetworkMode":"app_drawbridge","CapAdd":null},
            "Mounts":[{"Type":"volume","Name":"v","Source":"/data/v","Destination":"/x","RW":false},
                      {"Type":"bind","Source":"/src","Destination":"/y","RW":true}],
            "NetworkSettings":{"Networks":{"app_drawbridge":{"IPAddress":"198.18.0.3","Gateway":""}}}}]"#;
        let found = parse_containers(json).unwrap();
        let container = &found[0];
        assert_eq!(container.name, "app-dev-1");
        assert_eq!(container.health.as_deref(), Some("healthy"));
        assert_eq!(container.networks["app_drawbridge"].address, "198.18.0.3");
        assert_eq!(container.mounts[0].source, "v");
        assert!(!container.mounts[0].writable && container.mounts[1].writable);
        assert_eq!(container.short_id(), "0123456789ab");
    }

    #[test]
    fn a_network_without_addresses_is_fine() {
        let json = br#"[{"Name":"host","Internal":false,"IPAM":{"Config":null},"Labels":null},
            {"Name":"n","Internal":true,"IPAM":{"Config":[{"Subnet":"198.18.0.0/28"}]},
             "Labels":{"com.docker.compose.project":"p"}}]"#;
        let found = parse_networks(json).unwrap();
        assert_eq!(found[0].subnets, Vec::<String>::new());
        assert_eq!(found[1].subnets, ["198.18.0.0/28"]);
        assert_eq!(found[1].project.as_deref(), Some("p"));
    }

    #[test]
    fn garbage_is_no_panic() {
        assert_eq!(parse_containers(b"[{}]"), None);
        assert_eq!(parse_networks(b"nonsense"), None);
    }
}
