//! The sidecar's own place in the network: which side is which, and what must not be dialled.

use std::net::{IpAddr, Ipv4Addr};

/// The addresses of this container, read once at start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Topology {
    interfaces: Vec<Interface>,
    gateways: Vec<Ipv4Addr>,
    /// The interface of the default route: the way out.
    egress: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Interface {
    name: String,
    address: IpAddr,
    prefix: u8,
}

impl Topology {
    /// Reads the kernel's tables. What cannot be read counts as absent; the address classes of
    /// the policy crate hold without it.
    pub(crate) fn read() -> Self {
        let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
        let routes = std::fs::read_to_string("/proc/net/route").unwrap_or_default();
        let interfaces = interfaces.into_iter().map(|found| Interface {
            address: found.ip(),
            prefix: match &found.addr {
                if_addrs::IfAddr::V4(v4) => v4.prefixlen,
                if_addrs::IfAddr::V6(v6) => v6.prefixlen,
            },
            name: found.name,
        });
        Self::new(interfaces.collect(), &routes)
    }

    fn new(interfaces: Vec<Interface>, routes: &str) -> Self {
        let mut topology = Self { interfaces, ..Self::default() };
        for line in routes.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [name, destination, gateway, ..] = fields[..] else { continue };
            let gateway = hex_address(gateway).filter(|ip| !ip.is_unspecified());
            if destination == "00000000" && fields.get(7) == Some(&"00000000") {
                topology.egress.get_or_insert_with(|| name.to_owned());
            }
            topology.gateways.extend(gateway);
        }
        topology
    }

    /// The address on the internal network: the only one that is neither loopback nor on the way
    /// out. `None` when there is no such address, or more than one.
    pub(crate) fn internal(&self) -> Option<IpAddr> {
        let egress = self.egress.as_deref()?;
        let mut found = self
            .interfaces
            .iter()
            .filter(|own| own.name != egress && own.address.is_ipv4() && !own.address.is_loopback());
        let first = found.next()?.address;
        found.next().is_none().then_some(first)
    }

    /// The address on the way out, where published ports arrive.
    pub(crate) fn external(&self) -> Option<IpAddr> {
        let egress = self.egress.as_deref()?;
        let own = self.interfaces.iter().find(|own| own.name == egress && own.address.is_ipv4())?;
        Some(own.address)
    }

    /// Whether IPv6 destinations can be reached at all.
    pub(crate) fn has_ipv6(&self) -> bool {
        self.interfaces.iter().any(|own| match own.address {
            IpAddr::V6(ip) => ip.segments()[0] & 0xe000 == 0x2000,
            IpAddr::V4(_) => false,
        })
    }

    /// Why `ip` must not be dialled, as far as it is about this container's neighbourhood.
    ///
    /// A rule that opens private addresses opens neighbours and gateways too (a model server on
    /// the developer's machine), but never the sidecar itself.
    pub(crate) fn refuses(&self, ip: IpAddr, private: bool) -> Option<&'static str> {
        if self.interfaces.iter().any(|own| own.address == ip) {
            return Some("the gate itself");
        }
        if private {
            return None;
        }
        if self.gateways.iter().any(|gateway| IpAddr::V4(*gateway) == ip) {
            return Some("the engine's gateway");
        }
        self.interfaces.iter().any(|own| own.contains(ip)).then_some("on the gate's own network")
    }
}

impl Interface {
    fn contains(&self, ip: IpAddr) -> bool {
        match (self.address, ip) {
            (IpAddr::V4(own), IpAddr::V4(ip)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix.min(32))).unwrap_or(0);
                // A point-to-point /0 would own the world.
                self.prefix > 0 && u32::from(own) & mask == u32::from(ip) & mask
            }
            (IpAddr::V6(own), IpAddr::V6(ip)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix.min(128))).unwrap_or(0);
                self.prefix > 0 && u128::from(own) & mask == u128::from(ip) & mask
            }
            _ => false,
        }
    }
}

/// `/proc/net/route` prints an address as the host-order value of its network-order bytes.
fn hex_address(text: &str) -> Option<Ipv4Addr> {
    let value = u32::from_str_radix(text, 16).ok()?;
    Some(Ipv4Addr::from(value.to_ne_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTES: &str = "\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth1\t00000000\t010014AC\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth1\t000014AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
eth0\t200012C6\t00000000\t0001\t0\t0\t0\tF0FFFFFF\t0\t0\t0
";

    fn topology() -> Topology {
        let interface = |name: &str, address: &str, prefix| Interface {
            name: name.into(),
            address: address.parse().unwrap(),
            prefix,
        };
        let interfaces = vec![
            interface("lo", "127.0.0.1", 8),
            interface("eth0", "198.18.0.34", 28),
            interface("eth1", "172.20.0.5", 16),
        ];
        Topology::new(interfaces, ROUTES)
    }

    #[test]
    fn tells_the_two_sides_apart() {
        let topology = topology();
        assert_eq!(topology.internal(), Some("198.18.0.34".parse().unwrap()));
        assert_eq!(topology.external(), Some("172.20.0.5".parse().unwrap()));
        assert!(!topology.has_ipv6());
    }

    #[test]
    fn without_a_default_route_nothing_is_guessed() {
        assert_eq!(Topology::new(topology().interfaces, "").internal(), None);
    }

    #[test]
    fn pitfall_1_neighbours_and_gateways_are_refused() {
        let topology = topology();
        let refuses = |ip: &str, private| topology.refuses(ip.parse().unwrap(), private);
        assert_eq!(refuses("172.20.0.1", false), Some("the engine's gateway"));
        assert_eq!(refuses("172.20.7.7", false), Some("on the gate's own network"));
        assert_eq!(refuses("198.18.0.35", false), Some("on the gate's own network"));
        assert_eq!(refuses("172.21.0.1", false), None);
        assert_eq!(refuses("172.20.0.1", true), None);
    }

    #[test]
    fn pitfall_25_the_gate_itself_is_refused_even_to_a_private_rule() {
        for own in ["172.20.0.5", "198.18.0.34", "127.0.0.1"] {
            assert_eq!(topology().refuses(own.parse().unwrap(), true), Some("the gate itself"));
        }
    }
}
