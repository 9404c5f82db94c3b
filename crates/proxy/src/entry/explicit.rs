//! Port 3128: clients that know they speak to a proxy. CONNECT and absolute-form.
//!
//! Whatever can be refused is refused before the `200`, because after it a client sees only a
//! broken handshake. What remains is the `ClientHello`: it must name the host of the CONNECT.

use std::net::SocketAddr;
use std::sync::Arc;

use drawbridge_policy::{Authority, Scheme};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::head::{self, Head};
use super::http::{self, Form};
use super::rewind::Rewind;
use super::tls;
use crate::answer;
use crate::gate::{Attempt, Gate, Target};
use crate::hello::read_client_hello;
use crate::limits::{HEAD_TIME, HELLO_TIME};
use crate::log::Phase;
use crate::refusal::Refusal;

const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

/// Serves one connection.
pub(crate) async fn serve(gate: &Arc<Gate>, mut client: TcpStream, peer: SocketAddr) {
    let mut attempt = gate.attempt(peer, Phase::Connect);
    let head = match head::read(&mut client, HEAD_TIME).await {
        Ok(Some(head)) => head,
        Ok(None) => return,
        Err(refusal) => return refuse(gate, &mut client, &attempt, &refusal).await,
    };
    if head.method == "CONNECT" {
        connect(gate, client, peer, &mut attempt, head).await;
    } else {
        http::serve(gate, Rewind::new(head.bytes, client), peer, Form::Absolute).await;
    }
}

async fn connect(
    gate: &Arc<Gate>,
    mut client: TcpStream,
    peer: SocketAddr,
    attempt: &mut Attempt,
    head: Head,
) {
    attempt.method = Some("CONNECT".to_owned());
    let established = async {
        let target = target_of(&head)?;
        attempt.about(&target);
        let permitted = gate.permit_connect(target)?;
        let upstream = gate.connect(&permitted).await?;
        Ok((permitted, upstream))
    };
    let (permitted, mut upstream) = match established.await {
        Ok(established) => established,
        Err(refusal) => return refuse(gate, &mut client, attempt, &refusal).await,
    };
    let live = gate.live.enter();
    gate.hold_to(&live, permitted.question());
    if client.write_all(ESTABLISHED).await.is_err() {
        return;
    }
    let seen = head.bytes[head.end..].to_vec();
    drop(head);
    let target = permitted.get();
    let first = match target.scheme {
        Scheme::Tcp | Scheme::Ssh => seen,
        Scheme::Https => match hello(&mut client, seen, target).await {
            Ok(bytes) => bytes,
            Err(refusal) => {
                let answer = gate.refused(attempt, &refusal).await;
                return answer::send_alert(&mut client, answer).await;
            }
        },
        Scheme::Http => {
            // Judged request by request, like any plain HTTP, but for this target only.
            drop(upstream);
            let form = Form::Within(target.clone());
            return http::serve(gate, Rewind::new(seen, client), peer, form).await;
        }
    };
    gate.allowed(attempt, &permitted);
    if upstream.write_all(&first).await.is_ok() {
        gate.tunnel(attempt, &mut client, &mut upstream, first.len(), &live).await;
    }
}

/// The target of a CONNECT, which its `Host` header may repeat but not contradict.
fn target_of(head: &Head) -> Result<Target, Refusal> {
    let Authority { host, port } = Authority::parse(&head.target)?;
    match head.hosts.as_slice() {
        // RFC 9112 §3.2 wants one, but the target of a CONNECT stands in the request line.
        [] => {}
        [claimed] => {
            let authority = Authority::parse_or(claimed, port)?;
            if authority.host != host || authority.port != port {
                let (claimed, expected) = (authority.to_string(), host.with_port(port));
                return Err(Refusal::HostMismatch { claimed, expected });
            }
        }
        _ => return Err(Refusal::NoHost),
    }
    if head.framed {
        return Err(Refusal::BadRequest("a CONNECT has no body"));
    }
    Ok(Target { scheme: Scheme::Https, host, port })
}

/// Reads the hello inside the tunnel; it must ask for the host that was allowed.
async fn hello(client: &mut TcpStream, seen: Vec<u8>, target: &Target) -> Result<Vec<u8>, Refusal> {
    let (hello, bytes) = read_client_hello(client, seen, HELLO_TIME).await?;
    if hello.server_name.is_none() && target.host.is_ip() {
        return Ok(bytes); // RFC 6066 §3: an address is never sent as a server name.
    }
    let named = tls::host_of(&hello)?;
    if named == target.host {
        return Ok(bytes);
    }
    if hello.ech {
        return Err(Refusal::Ech { outer: named.as_str().to_owned() });
    }
    let (claimed, expected) = (named.as_str().to_owned(), target.host.as_str().to_owned());
    Err(Refusal::HostMismatch { claimed, expected })
}

async fn refuse(gate: &Gate, client: &mut TcpStream, attempt: &Attempt, refusal: &Refusal) {
    let answer = gate.refused(attempt, refusal).await;
    answer::send_http(client, attempt, refusal, answer).await;
}
