//! What the canaries are aimed at. The caller knows the topology; the defaults suit a protected container.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// An address to try, and whether something there is known to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The address.
    pub address: SocketAddr,
    /// The caller reached it from outside of the container. Only then does silence prove a closed door.
    #[serde(default)]
    pub alive: bool,
}

impl Endpoint {
    /// An address of which nothing is known.
    pub fn unknown(address: SocketAddr) -> Self {
        Self { address, alive: false }
    }

    /// An address that answers outside of the container.
    pub fn alive(address: SocketAddr) -> Self {
        Self { address, alive: true }
    }
}

/// The parameters of [`super::run`]. Every field may be left out of the JSON form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Targets {
    /// Addresses of the internet, tried by TCP; IPv4 and IPv6.
    pub direct: Vec<Endpoint>,
    /// Addresses of the internet, tried by a QUIC datagram.
    pub udp: Vec<Endpoint>,
    /// Name servers other than the container's, asked over UDP and TCP.
    pub dns_servers: Vec<Endpoint>,
    /// The container's own name server; read from `/etc/resolv.conf` when absent.
    pub resolver: Option<SocketAddr>,
    /// A host that exists in the public DNS and that the policy denies.
    pub denied_host: String,
    /// A host that the policy allows on port 443; canaries that need one are skipped without it.
    pub allowed_host: Option<String>,
    /// Metadata services of clouds.
    pub metadata: Vec<Endpoint>,
    /// Gateways of container networks, besides those that the container's routes suggest.
    pub gateways: Vec<IpAddr>,
    /// Ports tried on every gateway and on every host name.
    pub gateway_ports: Vec<u16>,
    /// Names by which engines make the host reachable.
    pub host_names: Vec<String>,
    /// The sidecar's address; its ports are 80, 443 and 3128 unless given below.
    pub sidecar: Option<IpAddr>,
    /// The sidecar's explicit proxy, when it is not `sidecar:3128`.
    pub proxy: Option<SocketAddr>,
    /// The sidecar's TLS port, when it is not `sidecar:443`.
    pub tls: Option<SocketAddr>,
    /// Private addresses that the proxy must not reach for the container.
    pub private: Vec<SocketAddr>,
    /// Files and folders that must not be writable.
    pub protected: Vec<PathBuf>,
    /// Capabilities that the container may have, as the bit mask of `CapBnd`.
    pub capabilities: u64,
}

/// The capabilities that container engines grant by default (moby, `oci/caps/defaults.go`).
pub const DEFAULT_CAPABILITIES: u64 = 0xa804_25fb;

impl Default for Targets {
    /// Documentation addresses, where nothing lives, and well-known public servers, none marked alive.
    fn default() -> Self {
        let v4 = |octets: [u8; 4], port| Endpoint::unknown(SocketAddr::from((Ipv4Addr::from(octets), port)));
        let v6 =
            |segments: [u16; 8], port| Endpoint::unknown(SocketAddr::from((Ipv6Addr::from(segments), port)));
        let public_v6 = [0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111];
        Self {
            direct: vec![
                v4([203, 0, 113, 10], 443),
                v4([1, 1, 1, 1], 443),
                v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 10], 443),
                v6(public_v6, 443),
            ],
            udp: vec![v4([203, 0, 113, 10], 443), v4([1, 1, 1, 1], 443), v6(public_v6, 443)],
            dns_servers: vec![v4([203, 0, 113, 53], 53), v4([1, 1, 1, 1], 53), v6(public_v6, 53)],
            resolver: None,
            denied_host: "example.com".to_owned(),
            allowed_host: None,
            metadata: vec![v4([169, 254, 169, 254], 80), v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 80)],
            gateways: Vec::new(),
            gateway_ports: vec![22, 80, 443, 2375, 3128, 8080],
            host_names: ["host.docker.internal", "gateway.docker.internal", "host.containers.internal"]
                .map(str::to_owned)
                .to_vec(),
            sidecar: None,
            proxy: None,
            tls: None,
            private: vec![
                SocketAddr::from(([10, 0, 0, 1], 443)),
                SocketAddr::from(([127, 0, 0, 1], 443)),
                SocketAddr::from(([169, 254, 169, 254], 80)),
            ],
            protected: Vec::new(),
            capabilities: DEFAULT_CAPABILITIES,
        }
    }
}
