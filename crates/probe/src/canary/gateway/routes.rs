//! `/proc/net/route` and `/proc/net/arp` (proc(5)).

use std::net::{IpAddr, Ipv4Addr};

use super::first_address;

/// A neighbour that answered: the `ATF_COM` flag of `<linux/if_arp.h>`.
const COMPLETE: u32 = 0x2;
/// Smaller prefixes are no container networks.
const SHORTEST_PREFIX: u32 = 8;

/// The gateways that a routing table names, and the first address of every network that is attached.
pub(super) fn gateways(table: &str) -> impl Iterator<Item = Ipv4Addr> + '_ {
    table.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().take(8).collect();
        let [interface, destination, gateway, _, _, _, _, mask] = fields[..] else { return None };
        let (destination, gateway, mask) = (address(destination)?, address(gateway)?, address(mask)?);
        if !gateway.is_unspecified() {
            return Some(gateway);
        }
        let prefix = u32::from(mask).leading_ones();
        let attached = (SHORTEST_PREFIX..31).contains(&prefix) && interface != "lo";
        attached.then(|| first_address(destination))
    })
}

/// Whether `ip` answered on the network: `None` when the table does not list it.
pub(super) fn neighbour(table: &str, ip: IpAddr) -> Option<bool> {
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        if fields.next()?.parse() != Ok(ip) {
            return None;
        }
        let flags = u32::from_str_radix(fields.nth(1)?.strip_prefix("0x")?, 16).ok()?;
        Some(flags & COMPLETE != 0)
    })
}

/// Eight digits are one word in host byte order; in memory it is in network order.
fn address(digits: &str) -> Option<Ipv4Addr> {
    u32::from_str_radix(digits, 16).ok().map(|word| Ipv4Addr::from(word.to_ne_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn gateways_come_from_routes_and_networks() {
        let table = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n\
            eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
            eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n\
            eth1\t101012C6\t00000000\t0001\t0\t0\t0\tF0FFFFFF\t0\t0\t0\n\
            broken\n";
        let found: Vec<Ipv4Addr> = gateways(table).collect();
        let expected =
            [Ipv4Addr::new(172, 17, 0, 1), Ipv4Addr::new(172, 17, 0, 1), Ipv4Addr::new(198, 18, 16, 17)];
        assert_eq!(found, expected);
    }

    #[test]
    fn only_a_complete_neighbour_exists() {
        let table = "IP address       HW type     Flags       HW address            Mask     Device\n\
            198.18.0.1       0x1         0x0         00:00:00:00:00:00     *        eth0\n\
            198.18.0.2       0x1         0x2         02:42:c6:12:00:02     *        eth0\n";
        let at = |last| neighbour(table, IpAddr::from([198, 18, 0, last]));
        assert_eq!([at(1), at(2), at(3)], [Some(false), Some(true), None]);
    }
}
