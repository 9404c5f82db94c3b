//! A port of a `tcp://host:port` rule: the port alone says where the bytes go.

use std::net::SocketAddr;

use drawbridge_policy::{Host, Scheme};
use tokio::net::TcpStream;

use crate::gate::{Attempt, Gate, Target};
use crate::log::Phase;
use crate::refusal::Refusal;

/// Serves one connection to `port`, which a rule gave to `host`.
pub(crate) async fn serve(gate: &Gate, mut client: TcpStream, peer: SocketAddr, host: Host, port: u16) {
    let mut attempt = gate.attempt(peer, Phase::Tcp);
    let target = Target { scheme: Scheme::Tcp, host, port };
    attempt.about(&target);
    if let Err(refusal) = pass(gate, &mut client, &attempt, target).await {
        gate.refused(&attempt, &refusal).await;
        // Opaque bytes have no way to say no but a reset.
        let _ = client.set_zero_linger();
    }
}

async fn pass(gate: &Gate, client: &mut TcpStream, attempt: &Attempt, target: Target) -> Result<(), Refusal> {
    let permitted = gate.permit(target)?;
    let live = gate.live.enter();
    gate.hold_to(&live, permitted.question());
    let mut upstream = gate.connect(&permitted).await?;
    gate.allowed(attempt, &permitted);
    gate.tunnel(attempt, client, &mut upstream, 0, &live).await;
    Ok(())
}
