//! A WebSocket whose handshake the policy allowed: from then on bytes both ways.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use hyper::upgrade::{OnUpgrade, Parts, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::entry::rewind::Rewind;
use crate::entry::strict::Strict;
use crate::gate::{Attempt, Gate, Tunnel};
use crate::limits::TUNNEL_IDLE;
use crate::live::LiveGuard;
use crate::tunnel::{self, Traffic};

/// Joins the two upgraded connections until one ends.
pub(super) async fn bridge(
    gate: Arc<Gate>,
    attempt: Attempt,
    client: OnUpgrade,
    upstream: OnUpgrade,
    live: LiveGuard,
) {
    let (Ok(client), Ok(upstream)) = tokio::join!(client, upstream) else { return };
    let client = match client.downcast::<TokioIo<Strict<Rewind>>>() {
        Ok(client) => client,
        Err(client) => return relay(&gate, &attempt, client, upstream, live).await,
    };
    let Ok(upstream) = upstream.downcast::<TokioIo<TcpStream>>() else {
        return gate.log.error("an upgraded connection is not one of the gate's own");
    };
    let Parts { io, read_buf: early, .. } = client;
    let (mut client, seen) = io.into_inner().into_inner().into_parts();
    let Parts { io, read_buf: greeting, .. } = upstream;
    let mut upstream = io.into_inner();
    // Bytes that came together with the handshake.
    let first = [&early[..], &seen[..]].concat();
    if upstream.write_all(&first).await.is_ok() && client.write_all(&greeting).await.is_ok() {
        gate.tunnel(&attempt, &mut client, Tunnel { upstream, live, sent: first.len() }).await;
    }
}

/// The same inside TLS, where no bytes can move without being read.
async fn relay(gate: &Gate, attempt: &Attempt, client: Upgraded, upstream: Upgraded, live: LiveGuard) {
    let traffic = Traffic::default();
    let (client, upstream) = (TokioIo::new(client), TokioIo::new(upstream));
    let end = tunnel::relay(client, upstream, &traffic, &live, TUNNEL_IDLE).await;
    let (up, down) = (traffic.up.load(Ordering::Relaxed), traffic.down.load(Ordering::Relaxed));
    gate.closed(attempt, up, down, end);
}
