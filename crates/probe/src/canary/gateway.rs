//! The host, as containers see it: the gateways of their networks and the names engines give it.

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::thread;

use super::net::{Reach, connect, judge, route};
use super::schedule::Deadline;
use super::{Canary, Targets, Verdict, dns};

mod routes;

/// Ports of one host that are tried at most.
const MAX_PORTS: usize = 16;
const MAX_HOSTS_FILE: usize = 1024 * 1024;

pub(super) fn plan(targets: &Targets) -> Vec<Canary> {
    let ports: Vec<u16> = targets.gateway_ports.iter().copied().take(MAX_PORTS).collect();
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let mut gateways: BTreeSet<IpAddr> = targets.gateways.iter().copied().collect();
    gateways.extend(routes::gateways(&read("/proc/net/route")).map(IpAddr::V4));
    gateways.retain(|ip| Some(*ip) != targets.sidecar && !is_own(*ip, &targets.gateways));

    let mut canaries: Vec<Canary> = gateways
        .into_iter()
        .map(|ip| {
            let ports = ports.clone();
            Canary::new(
                format!("gateway:{ip}"),
                format!("nc -vz -w 2 {ip} {}", list(&ports)),
                move |deadline| reach_host(ip, &ports, deadline),
            )
        })
        .collect();
    let resolver = targets.resolver.or_else(dns::system_resolver);
    for name in targets.host_names.clone() {
        let (ports, sidecar) = (ports.clone(), targets.sidecar);
        canaries.push(Canary::new(
            format!("host-name:{name}"),
            format!("nc -vz -w 2 {name} {}", list(&ports)),
            move |deadline| named_host(&name, resolver, sidecar, &ports, deadline),
        ));
    }
    canaries
}

/// Whether `ip` was only guessed and turns out to be an address of this container itself.
fn is_own(ip: IpAddr, given: &[IpAddr]) -> bool {
    !given.contains(&ip) && route(ip).is_ok_and(|from| from == ip)
}

fn list(ports: &[u16]) -> String {
    ports.iter().map(u16::to_string).collect::<Vec<_>>().join(" ")
}

/// Tries every port of `ip`; the worst outcome counts.
fn reach_host(ip: IpAddr, ports: &[u16], deadline: Deadline) -> Verdict {
    let attempts: Vec<(u16, Reach)> = thread::scope(|scope| {
        let running: Vec<_> = ports
            .iter()
            .map(|port| (*port, scope.spawn(|| connect(SocketAddr::new(ip, *port), deadline))))
            .collect();
        running.into_iter().filter_map(|(port, run)| Some((port, run.join().ok()?))).collect()
    });
    let reached: Vec<String> = attempts
        .iter()
        .filter_map(|(port, reach)| match reach {
            Reach::Connected(_) => Some(format!("{port} is open")),
            Reach::Refused => Some(format!("{port} refused, so the host is reached")),
            _ => None,
        })
        .collect();
    if !reached.is_empty() {
        return Verdict::fail(format!("{ip}: {}", reached.join(", ")));
    }
    let table = fs::read_to_string("/proc/net/arp").unwrap_or_default();
    match attempts.into_iter().next() {
        None => Verdict::skip("no port to try"),
        Some((_, Reach::Silent)) => judge_neighbour(ip, routes::neighbour(&table, ip)),
        Some((_, reach)) => judge(&reach, false),
    }
}

/// Silence on the container's own network: whether a machine has the address is in the ARP table.
fn judge_neighbour(ip: IpAddr, answered: Option<bool>) -> Verdict {
    match answered {
        Some(false) => Verdict::pass(format!("no machine has the address {ip}")),
        Some(true) => {
            Verdict::fail(format!("a machine has the address {ip}: it drops these ports, others may be open"))
        }
        None => judge(&Reach::Silent, false),
    }
}

fn named_host(
    name: &str,
    resolver: Option<SocketAddr>,
    sidecar: Option<IpAddr>,
    ports: &[u16],
    deadline: Deadline,
) -> Verdict {
    let hosts = fs::read("/etc/hosts").unwrap_or_default();
    let hosts = String::from_utf8_lossy(hosts.get(..MAX_HOSTS_FILE).unwrap_or(&hosts));
    let ip = match (in_hosts_file(&hosts, name), resolver) {
        (Some(ip), _) => Some(ip),
        (None, None) => return Verdict::skip("no name server in /etc/resolv.conf"),
        (None, Some(server)) => match dns::ask(server, name, dns::A, deadline) {
            Ok(answer) if matches!(answer.code, 0 | dns::NXDOMAIN | dns::REFUSED) => {
                answer.addresses.first().copied()
            }
            Ok(answer) => {
                return Verdict::skip(format!("the name server failed with code {}", answer.code));
            }
            Err(err) => return Verdict::skip(format!("the name server did not answer: {err}")),
        },
    };
    match ip {
        None => Verdict::pass("the name does not resolve"),
        Some(ip) if Some(ip) == sidecar => {
            Verdict::pass("the name leads to the sidecar, which decides there")
        }
        Some(ip) => reach_host(ip, ports, deadline),
    }
}

/// The address that `/etc/hosts` gives `name`, which wins over the name server.
fn in_hosts_file(hosts: &str, name: &str) -> Option<IpAddr> {
    hosts.lines().find_map(|line| {
        let mut words = line.split('#').next()?.split_ascii_whitespace();
        let ip = words.next()?.parse().ok()?;
        words.any(|word| word.eq_ignore_ascii_case(name)).then_some(ip)
    })
}

/// The first usable address of a network, which engines give to its bridge.
fn first_address(network: Ipv4Addr) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(network) | 1)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, UdpSocket};

    use super::*;
    use crate::canary::{DEADLINE, Status};

    fn deadline() -> Deadline {
        Deadline::after(DEADLINE)
    }

    #[test]
    fn an_open_port_of_the_gateway_fails_and_so_does_a_refusal() {
        let listener = TcpListener::bind("127.0.0.4:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let ip = IpAddr::from([127, 0, 0, 4]);
        let open = reach_host(ip, &[port], deadline());
        assert_eq!(open, Verdict::fail(format!("127.0.0.4: {port} is open")));
        drop(listener);
        let refused = reach_host(ip, &[port], deadline());
        assert_eq!(refused.status, Status::Fail);
        assert!(refused.detail.contains("refused"), "{}", refused.detail);
    }

    #[test]
    fn silence_is_judged_by_the_neighbour_table() {
        let ip = IpAddr::from([198, 18, 0, 1]);
        assert_eq!(judge_neighbour(ip, Some(false)).status, Status::Pass);
        assert_eq!(judge_neighbour(ip, Some(true)).status, Status::Fail);
        assert_eq!(judge_neighbour(ip, None).status, Status::Skip);
    }

    #[test]
    fn a_name_in_the_hosts_file_leads_to_its_address() {
        let hosts = "127.0.0.1 localhost\n# 192.0.2.9 host.docker.internal\n192.0.2.1\tx Host.Docker.internal # gateway\n";
        assert_eq!(in_hosts_file(hosts, "host.docker.internal"), Some(IpAddr::from([192, 0, 2, 1])),);
        assert_eq!(in_hosts_file(hosts, "gateway.docker.internal"), None);
    }

    #[test]
    fn a_host_name_that_resolves_is_tried() {
        let listener = TcpListener::bind("127.0.0.4:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = UdpSocket::bind("127.0.0.4:0").unwrap();
        let resolver = server.local_addr().unwrap();
        let answering = thread::spawn(move || {
            let mut bytes = [0; 512];
            let (length, from) = server.recv_from(&mut bytes).unwrap();
            let mut answer = bytes[..length].to_vec();
            answer[2] |= 0x80;
            answer[7] = 1;
            answer.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 127, 0, 0, 4]);
            server.send_to(&answer, from).unwrap();
        });
        let verdict = named_host("host.test", Some(resolver), None, &[port], deadline());
        answering.join().unwrap();
        assert_eq!(verdict, Verdict::fail(format!("127.0.0.4: {port} is open")));
    }
}
