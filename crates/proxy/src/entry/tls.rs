//! Port 443: TLS that DNS steered here. The name in the handshake is the target.

use std::net::SocketAddr;
use std::sync::Arc;

use drawbridge_policy::{Host, Scheme};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::inspected;
use super::rewind::Rewind;
use crate::answer;
use crate::gate::{Attempt, Gate, Permitted, Target, Tunnel, Way};
use crate::hello::{ClientHello, read_client_hello};
use crate::limits::HELLO_TIME;
use crate::log::{Phase, clip};
use crate::refusal::Refusal;

/// What a connection turned out to be.
enum Wanted {
    Tunnel(Tunnel),
    /// To be looked into; with the hello.
    Inspect(Vec<u8>, Permitted<Target>),
    /// To be told why its host is closed; with the hello.
    Explain(Vec<u8>, Target),
}

/// Serves one connection.
pub(crate) async fn serve(gate: &Arc<Gate>, mut client: TcpStream, peer: SocketAddr) {
    let mut attempt = gate.attempt(peer, Phase::Sni);
    attempt.port = Some(443);
    // Boxed: a tunnel does not keep the room that only its beginning needs.
    match Box::pin(begin(gate, &mut client, &mut attempt)).await {
        Ok(Wanted::Tunnel(tunnel)) => gate.tunnel(&attempt, &mut client, tunnel).await,
        Ok(Wanted::Inspect(hello, target)) => {
            let io = Rewind::new(hello, client);
            Box::pin(inspected::serve(gate, io, peer, &attempt, target)).await;
        }
        Ok(Wanted::Explain(hello, target)) => {
            let io = Rewind::new(hello, client);
            Box::pin(inspected::explain(gate, io, peer, &attempt, target)).await;
        }
        Err(refusal) => {
            let answer = gate.refused(&attempt, &refusal).await;
            answer::send_alert(&mut client, answer).await;
        }
    }
}

async fn begin(gate: &Gate, client: &mut TcpStream, attempt: &mut Attempt) -> Result<Wanted, Refusal> {
    let (hello, bytes) = read_client_hello(client, Vec::new(), HELLO_TIME).await?;
    // As claimed, until it is known to be a host.
    attempt.host = clip(hello.server_name.as_deref().unwrap_or_default());
    let target = Target { scheme: Scheme::Https, host: host_of(&hello)?, port: 443 };
    attempt.about(&target);
    let permitted = match gate.permit_tls(target.clone()) {
        Ok(Way::Through(permitted)) => permitted,
        Ok(Way::Inspect(permitted)) => return Ok(Wanted::Inspect(bytes, permitted)),
        Err(Refusal::Denied(_)) if !hello.ech && gate.explains(&target.host) => {
            return Ok(Wanted::Explain(bytes, target));
        }
        Err(refusal) => return Err(unmask(refusal, &hello)),
    };
    let live = gate.live.enter();
    gate.hold_to(&live, permitted.question());
    let mut upstream = gate.connect(&permitted).await?;
    gate.allowed(attempt, &permitted);
    upstream.write_all(&bytes).await.map_err(Refusal::Unreachable)?;
    Ok(Wanted::Tunnel(Tunnel { upstream, live, sent: bytes.len() }))
}

/// The canonical host of a hello; without one there is nothing to judge.
pub(super) fn host_of(hello: &ClientHello) -> Result<Host, Refusal> {
    let name = hello.server_name.as_deref().ok_or(Refusal::NoServerName)?;
    Ok(Host::parse(name)?)
}

/// Says that ECH is the cause where the outer name is refused: the real one is hidden.
fn unmask(refusal: Refusal, hello: &ClientHello) -> Refusal {
    match (&refusal, &hello.server_name) {
        (Refusal::Denied(_), Some(outer)) if hello.ech => Refusal::Ech { outer: outer.clone() },
        _ => refusal,
    }
}
