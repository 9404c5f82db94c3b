//! A port of a `tcp://host:port` rule: the port alone says where the bytes go.

use std::net::SocketAddr;

use drawbridge_policy::{Host, Scheme};
use tokio::net::TcpStream;

use crate::gate::{Attempt, Gate, Target, Tunnel};
use crate::log::Phase;
use crate::refusal::Refusal;

/// Serves one connection to `port`, which a rule gave to `host`.
pub(crate) async fn serve(gate: &Gate, mut client: TcpStream, peer: SocketAddr, host: Host, port: u16) {
    let mut attempt = gate.attempt(peer, Phase::Tcp);
    let target = Target { scheme: Scheme::Tcp, host, port };
    attempt.about(&target);
    match begin(gate, &attempt, target).await {
        Ok(tunnel) => gate.tunnel(&attempt, &mut client, tunnel).await,
        Err(refusal) => {
            gate.refused(&attempt, &refusal).await;
            // Opaque bytes have no way to say no but a reset.
            let _ = client.set_zero_linger();
        }
    }
}

async fn begin(gate: &Gate, attempt: &Attempt, target: Target) -> Result<Tunnel, Refusal> {
    let permitted = gate.permit(target)?;
    let live = gate.live.enter();
    gate.hold_to(&live, permitted.question());
    let upstream = gate.connect(&permitted).await?;
    gate.allowed(attempt, &permitted);
    Ok(Tunnel { upstream, live, sent: 0 })
}
