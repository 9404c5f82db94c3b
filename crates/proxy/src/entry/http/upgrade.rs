//! A WebSocket whose handshake the policy allowed: from then on bytes both ways.

use std::sync::Arc;

use hyper::upgrade::{OnUpgrade, Parts};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::entry::rewind::Rewind;
use crate::gate::{Attempt, Gate, Tunnel};
use crate::live::LiveGuard;

/// Joins the two upgraded connections until one ends.
pub(super) async fn bridge(
    gate: Arc<Gate>,
    attempt: Attempt,
    client: OnUpgrade,
    upstream: OnUpgrade,
    live: LiveGuard,
) {
    let (Ok(client), Ok(upstream)) = tokio::join!(client, upstream) else { return };
    let (Ok(client), Ok(upstream)) =
        (client.downcast::<TokioIo<Rewind>>(), upstream.downcast::<TokioIo<TcpStream>>())
    else {
        return gate.log.error("an upgraded connection is not one of the gate's own");
    };
    let Parts { io, read_buf: early, .. } = client;
    let (mut client, seen) = io.into_inner().into_parts();
    let Parts { io, read_buf: greeting, .. } = upstream;
    let mut upstream = io.into_inner();
    // Bytes that came together with the handshake.
    let first = [&early[..], &seen[..]].concat();
    if upstream.write_all(&first).await.is_ok() && client.write_all(&greeting).await.is_ok() {
        gate.tunnel(&attempt, &mut client, Tunnel { upstream, live, sent: first.len() }).await;
    }
}
