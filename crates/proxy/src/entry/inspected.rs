//! A client whose TLS ends in the gate, because a rule depends on what it asks for inside.

use std::net::SocketAddr;
use std::sync::Arc;

use super::http::{self, Form};
use super::rewind::Rewind;
use crate::gate::{Attempt, Gate, Permitted, Target};
use crate::inspect::{Ended, end_refused, end_tls};

/// Serves one connection to a permitted target; `io` starts with the `ClientHello`.
pub(crate) async fn serve(
    gate: &Arc<Gate>,
    io: Rewind,
    peer: SocketAddr,
    attempt: &Attempt,
    target: Permitted<Target>,
) {
    let form = Form::Within(target.get().clone());
    let Ended { stream, protocol } = match end_tls(gate, io, &gate.routed(target)).await {
        Ok(ended) => ended,
        Err(refusal) => {
            // rustls sent the alert.
            gate.refused(attempt, &refusal).await;
            return;
        }
    };
    http::serve(gate, stream, peer, form, protocol).await;
}

/// Tells a client inside TLS why its host is closed; `io` starts with the `ClientHello`.
pub(crate) async fn explain(
    gate: &Arc<Gate>,
    io: Rewind,
    peer: SocketAddr,
    attempt: &Attempt,
    target: Target,
) {
    match end_refused(gate, io, &target.host).await {
        Ok(Ended { stream, protocol }) => {
            http::serve(gate, stream, peer, Form::Closed(target), protocol).await;
        }
        Err(refusal) => {
            gate.refused(attempt, &refusal).await;
        }
    }
}
