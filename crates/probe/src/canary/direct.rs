//! The internet without the proxy: routes, TCP, QUIC datagrams, foreign name servers, metadata services.

use std::net::{SocketAddr, UdpSocket};

use super::net::{Reach, classify, connect, judge, route, unspecified};
use super::schedule::Deadline;
use super::{Canary, Endpoint, Targets, Verdict, dns};

/// The smallest datagram that a QUIC server answers (RFC 9000, section 14.1).
const QUIC_DATAGRAM: usize = 1200;
/// A reserved version: every QUIC server answers it with the versions it speaks (RFC 9000, section 6).
const QUIC_UNKNOWN_VERSION: [u8; 4] = [0x1a, 0x2a, 0x3a, 0x4a];

pub(super) fn plan(targets: &Targets) -> Vec<Canary> {
    let mut canaries = Vec::new();
    for endpoint in &targets.direct {
        canaries.push(route_to(*endpoint));
        canaries.push(tcp("tcp-direct", *endpoint));
    }
    canaries.extend(targets.udp.iter().map(|endpoint| quic(*endpoint)));
    for endpoint in &targets.dns_servers {
        let own = targets.resolver.or_else(dns::system_resolver);
        if own == Some(endpoint.address) {
            canaries.push(Canary::skipped(
                format!("dns-foreign-udp:{}", endpoint.address),
                dig(endpoint.address, &targets.denied_host, ""),
                "this is the container's own name server",
            ));
            continue;
        }
        canaries.push(dns_udp(*endpoint, targets.denied_host.clone()));
        canaries.push(dns_tcp(*endpoint, &targets.denied_host));
    }
    canaries.extend(targets.metadata.iter().map(|endpoint| tcp("metadata", *endpoint)));
    canaries
}

fn route_to(endpoint: Endpoint) -> Canary {
    let ip = endpoint.address.ip();
    Canary::new(format!("route:{ip}"), format!("ip route get {ip}"), move |_| match route(ip) {
        Ok(from) => Verdict::fail(format!("there is a route, from {from}")),
        Err(err) => match classify(err, ip) {
            Reach::NoWay(err) => Verdict::pass(format!("no route: {err}")),
            other => judge(&other, false),
        },
    })
}

fn tcp(kind: &str, endpoint: Endpoint) -> Canary {
    let address = endpoint.address;
    Canary::new(
        format!("{kind}:{address}"),
        format!("nc -vz -w 2 {} {}", address.ip(), address.port()),
        move |deadline| judge(&connect(address, deadline), endpoint.alive),
    )
}

fn quic(endpoint: Endpoint) -> Canary {
    let address = endpoint.address;
    Canary::new(
        format!("udp-quic:{address}"),
        format!("send a QUIC version probe of {QUIC_DATAGRAM} bytes to udp {address}"),
        move |deadline| match datagram(address, &quic_probe(), deadline) {
            Ok(answer) => Verdict::fail(format!("an answer of {} bytes came back", answer.len())),
            Err(reach) => judge(&reach, endpoint.alive),
        },
    )
}

fn dns_udp(endpoint: Endpoint, host: String) -> Canary {
    let address = endpoint.address;
    Canary::new(
        format!("dns-foreign-udp:{address}"),
        dig(address, &host, ""),
        move |deadline| match datagram(address, &dns::query(&host, dns::A), deadline) {
            Ok(_) => Verdict::fail("the name server answered"),
            Err(reach) => judge(&reach, endpoint.alive),
        },
    )
}

fn dns_tcp(endpoint: Endpoint, host: &str) -> Canary {
    let address = endpoint.address;
    Canary::new(format!("dns-foreign-tcp:{address}"), dig(address, host, "+tcp "), move |deadline| {
        judge(&connect(address, deadline), endpoint.alive)
    })
}

fn dig(server: SocketAddr, host: &str, how: &str) -> String {
    format!("dig {how}@{} -p {} {host} A", server.ip(), server.port())
}

/// Sends one datagram and waits for one to come back.
fn datagram(address: SocketAddr, payload: &[u8], deadline: Deadline) -> Result<Vec<u8>, Reach> {
    let sent = || {
        let socket = UdpSocket::bind(unspecified(address.ip()))?;
        socket.connect(address)?;
        socket.send(payload)?;
        socket.set_read_timeout(Some(deadline.left()))?;
        let mut answer = vec![0; 2048];
        let length = socket.recv(&mut answer)?;
        answer.truncate(length);
        Ok(answer)
    };
    sent().map_err(|err| classify(err, address.ip()))
}

/// A long header with a version that nobody speaks and two connection ids, filled up with zeros.
fn quic_probe() -> Vec<u8> {
    let mut probe = vec![0xc0];
    probe.extend_from_slice(&QUIC_UNKNOWN_VERSION);
    for id in *b"dc" {
        probe.push(8);
        probe.extend_from_slice(&[id; 8]);
    }
    probe.resize(QUIC_DATAGRAM, 0);
    probe
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;
    use crate::canary::{DEADLINE, Status};

    fn run(canary: Canary) -> Verdict {
        (canary.job)(Deadline::after(DEADLINE))
    }

    #[test]
    fn an_address_on_an_interface_has_a_route() {
        let verdict = run(route_to(Endpoint::unknown("127.0.0.2:443".parse().unwrap())));
        assert_eq!(verdict, Verdict::fail("there is a route, from 127.0.0.1"));
    }

    #[test]
    fn an_open_tcp_door_fails() {
        let listener = TcpListener::bind("127.0.0.2:0").unwrap();
        let endpoint = Endpoint::unknown(listener.local_addr().unwrap());
        assert_eq!(run(tcp("metadata", endpoint)).status, Status::Fail);
        assert_eq!(run(dns_tcp(endpoint, "denied.example")).status, Status::Fail);
    }

    #[test]
    fn a_server_that_answers_datagrams_fails() {
        let server = UdpSocket::bind("127.0.0.2:0").unwrap();
        let endpoint = Endpoint::unknown(server.local_addr().unwrap());
        let answering = thread::spawn(move || {
            let mut lengths = Vec::new();
            for _ in 0..2 {
                let mut question = [0; 2048];
                let (length, from) = server.recv_from(&mut question).unwrap();
                server.send_to(&question[..length], from).unwrap();
                lengths.push(length);
            }
            lengths
        });
        assert_eq!(run(quic(endpoint)).status, Status::Fail);
        assert_eq!(run(dns_udp(endpoint, "denied.example".to_owned())).status, Status::Fail);
        assert_eq!(answering.join().unwrap(), [1200, 32]);
    }

    #[test]
    fn a_server_that_keeps_silent_passes_only_when_it_is_known_to_answer() {
        let server = UdpSocket::bind("127.0.0.2:0").unwrap();
        let address = server.local_addr().unwrap();
        assert_eq!(run(quic(Endpoint::alive(address))).status, Status::Pass);
        assert_eq!(run(quic(Endpoint::unknown(address))).status, Status::Skip);
    }

    #[test]
    fn a_datagram_that_is_refused_reached_a_host() {
        let server = UdpSocket::bind("127.0.0.2:0").unwrap();
        let address = server.local_addr().unwrap();
        drop(server);
        assert_eq!(run(quic(Endpoint::alive(address))).status, Status::Fail);
    }

    #[test]
    fn the_own_name_server_is_not_foreign() {
        let own: SocketAddr = "127.0.0.11:53".parse().unwrap();
        let targets = Targets {
            direct: Vec::new(),
            udp: Vec::new(),
            metadata: Vec::new(),
            dns_servers: vec![Endpoint::unknown(own)],
            resolver: Some(own),
            ..Targets::default()
        };
        let verdicts: Vec<Verdict> = plan(&targets).into_iter().map(run).collect();
        assert_eq!(verdicts, [Verdict::skip("this is the container's own name server")]);
    }
}
