//! A published port: from the host, through the sidecar, inwards.
//!
//! An internal network drops published ports, so the sidecar publishes them instead. The target
//! comes from the overlay, which the host wrote; no policy is asked.

use std::net::SocketAddr;

use tokio::net::TcpStream;

use crate::config::Relay;
use crate::gate::{Gate, Tunnel};
use crate::log::Phase;
use crate::upstream;

/// Serves one connection.
pub(crate) async fn serve(gate: &Gate, mut client: TcpStream, peer: SocketAddr, relay: &Relay) {
    let mut attempt = gate.attempt(peer, Phase::Relay);
    attempt.host.clone_from(&relay.service);
    attempt.port = Some(relay.port);
    let live = gate.live.enter();
    match upstream::connect_service(&gate.network, &relay.service, relay.port).await {
        Ok(upstream) => gate.tunnel(&attempt, &mut client, Tunnel { upstream, live, sent: 0 }).await,
        Err(refusal) => {
            gate.refused(&attempt, &refusal).await;
            let _ = client.set_zero_linger();
        }
    }
}
