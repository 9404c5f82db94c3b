//! Port 53 over UDP and TCP.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use drawbridge_policy::{DeniedNames, Host};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};

use super::message::{self, Question, Verdict};
use crate::gate::Gate;
use crate::limits::{DNS_IDLE, DNS_MESSAGE};
use crate::log::{Phase, clip};
use crate::refusal::Refusal;

/// Serves queries until the task is dropped. `address` is what allowed names resolve to.
pub(crate) async fn udp(gate: &Gate, socket: UdpSocket, address: IpAddr) {
    let mut buffer = vec![0; DNS_MESSAGE];
    loop {
        // An error belongs to one datagram (an ICMP answer to the last reply), not to the socket.
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else { continue };
        let address = if address.is_unspecified() { towards(peer) } else { address };
        if let Some(reply) = reply(gate, &buffer[..length], peer, address) {
            // No room in the socket's buffer: the client asks again.
            let _ = socket.try_send_to(&reply, peer);
        }
    }
}

/// The address from which this container reaches `peer`: the one on their common network.
fn towards(peer: SocketAddr) -> IpAddr {
    let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let route = || -> std::io::Result<SocketAddr> {
        // Connecting a UDP socket sends nothing.
        let socket = std::net::UdpSocket::bind((any, 0))?;
        socket.connect(peer)?;
        socket.local_addr()
    };
    route().map_or(any, |own| own.ip())
}

/// Serves the queries of one connection.
pub(crate) async fn tcp(gate: &Gate, mut client: TcpStream, peer: SocketAddr, address: IpAddr) {
    while let Ok(Ok(query)) = tokio::time::timeout(DNS_IDLE, read_query(&mut client)).await {
        let Some(reply) = reply(gate, &query, peer, address) else { return };
        let Ok(length) = u16::try_from(reply.len()) else { return };
        let framed = [&length.to_be_bytes()[..], &reply].concat();
        if client.write_all(&framed).await.is_err() {
            return;
        }
    }
}

async fn read_query(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let length = usize::from(client.read_u16().await?);
    if length > DNS_MESSAGE {
        return Err(std::io::ErrorKind::InvalidData.into());
    }
    let mut query = vec![0; length];
    client.read_exact(&mut query).await?;
    Ok(query)
}

fn reply(gate: &Gate, query: &[u8], peer: SocketAddr, address: IpAddr) -> Option<Vec<u8>> {
    message::answer(query, |question| judge(gate, question, peer, address))
}

fn judge(gate: &Gate, question: &Question, peer: SocketAddr, address: IpAddr) -> Verdict {
    let refusal = match Host::parse(&question.name) {
        Ok(host) => {
            let in_force = gate.policy();
            let decision = in_force.policy.steer(&host, gate.clock.now());
            if decision.is_allowed() {
                return Verdict::Steer(address);
            }
            Refusal::Denied(Box::new(decision))
        }
        Err(err) => Refusal::BadName(err),
    };
    let mut attempt = gate.attempt(peer, Phase::Dns);
    let name = question.name.strip_suffix('.').unwrap_or(&question.name);
    attempt.host = clip(&name.to_ascii_lowercase());
    attempt.method = Some(clip(&question.kind));
    gate.record_denial(&attempt, &refusal, None);
    let explained = gate.policy().policy.denied_names() == DeniedNames::Explain;
    match refusal {
        Refusal::Denied(_) if explained => Verdict::Steer(address),
        _ => Verdict::Deny,
    }
}
