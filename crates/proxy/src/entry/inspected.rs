//! A client whose TLS ends in the gate, because a rule depends on what it asks for inside.

use std::net::SocketAddr;
use std::sync::Arc;

use super::http::{self, Form};
use super::rewind::Rewind;
use crate::gate::{Attempt, Gate, Permitted, Target};
use crate::inspect::{Ended, end_tls};

/// Serves one connection to a permitted target; `io` starts with the `ClientHello`.
pub(crate) async fn serve(
    gate: &Arc<Gate>,
    io: Rewind,
    peer: SocketAddr,
    attempt: &Attempt,
    target: Permitted<Target>,
) {
    let Ended { stream, protocol } = match end_tls(gate, io, &target).await {
        Ok(ended) => ended,
        Err(refusal) => {
            // rustls sent the alert.
            gate.refused(attempt, &refusal).await;
            return;
        }
    };
    let form = Form::Within(target.get().clone());
    http::serve(gate, stream, peer, form, protocol).await;
}
