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
use super::{inspected, tls};
use crate::answer;
use crate::gate::{Attempt, Gate, Permitted, Target, Tunnel, Way};
use crate::hello::read_client_hello;
use crate::inspect::Protocol;
use crate::limits::{HEAD_TIME, HELLO_TIME};
use crate::log::{Phase, clip};
use crate::refusal::Refusal;

const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

/// What a connection turned out to be.
enum Wanted {
    Tunnel(Tunnel),
    /// Plain HTTP, whose requests are judged one by one, and what was read of it.
    Http(Vec<u8>, Form),
    /// TLS to be looked into, and its hello.
    Inspect(Vec<u8>, Permitted<Target>),
    /// The client went away.
    Nothing,
}

/// A refusal, and which answer the client waits for.
enum Refused {
    /// An HTTP response.
    Head(Refusal),
    /// A TLS handshake: the `200` was sent.
    Hello(Refusal),
}

/// Serves one connection.
pub(crate) async fn serve(gate: &Arc<Gate>, mut client: TcpStream, peer: SocketAddr) {
    let mut attempt = gate.attempt(peer, Phase::Connect);
    // Boxed: a tunnel does not keep the room that only its beginning needs.
    match Box::pin(begin(gate, &mut client, &mut attempt)).await {
        Ok(Wanted::Tunnel(tunnel)) => gate.tunnel(&attempt, &mut client, tunnel).await,
        Ok(Wanted::Http(seen, form)) => {
            let io = Rewind::new(seen, client);
            Box::pin(http::serve(gate, io, peer, form, Protocol::Http1)).await;
        }
        Ok(Wanted::Inspect(hello, target)) => {
            let io = Rewind::new(hello, client);
            Box::pin(inspected::serve(gate, io, peer, &attempt, target)).await;
        }
        Ok(Wanted::Nothing) => {}
        Err(Refused::Head(refusal)) => {
            let answer = gate.refused(&attempt, &refusal).await;
            answer::send_http(&mut client, &attempt, &refusal, answer).await;
        }
        Err(Refused::Hello(refusal)) => {
            let answer = gate.refused(&attempt, &refusal).await;
            answer::send_alert(&mut client, answer).await;
        }
    }
}

async fn begin(gate: &Gate, client: &mut TcpStream, attempt: &mut Attempt) -> Result<Wanted, Refused> {
    let Some(head) = head::read(client, HEAD_TIME).await.map_err(Refused::Head)? else {
        return Ok(Wanted::Nothing);
    };
    if head.method != "CONNECT" {
        return Ok(Wanted::Http(head.bytes, Form::Absolute));
    }
    attempt.method = Some("CONNECT".to_owned());
    // As claimed, until it is known to be a target.
    attempt.host = clip(&head.target);
    let target = target_of(&head).map_err(Refused::Head)?;
    attempt.about(&target);
    let permitted = match gate.permit_connect(target).map_err(Refused::Head)? {
        Way::Through(permitted) => permitted,
        Way::Inspect(permitted) => return inspect(client, &head, permitted).await,
    };
    let mut upstream = gate.connect(&permitted).await.map_err(Refused::Head)?;
    let live = gate.live.enter();
    gate.hold_to(&live, permitted.question());
    if client.write_all(ESTABLISHED).await.is_err() {
        return Ok(Wanted::Nothing);
    }
    let seen = head.bytes[head.end..].to_vec();
    let target = permitted.get();
    let first = match target.scheme {
        Scheme::Tcp | Scheme::Ssh => seen,
        Scheme::Https => hello(client, seen, target).await.map_err(Refused::Hello)?,
        Scheme::Http => return Ok(Wanted::Http(seen, Form::Within(target.clone()))),
    };
    gate.allowed(attempt, &permitted);
    let sent = upstream.write_all(&first).await;
    sent.map_err(|err| Refused::Hello(Refusal::Unreachable(err)))?;
    Ok(Wanted::Tunnel(Tunnel { upstream, live, sent: first.len() }))
}

/// What fails behind this `200` is answered inside TLS, where it can be read.
async fn inspect(client: &mut TcpStream, head: &Head, target: Permitted<Target>) -> Result<Wanted, Refused> {
    if client.write_all(ESTABLISHED).await.is_err() {
        return Ok(Wanted::Nothing);
    }
    let seen = head.bytes[head.end..].to_vec();
    let bytes = hello(client, seen, target.get()).await.map_err(Refused::Hello)?;
    Ok(Wanted::Inspect(bytes, target))
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
