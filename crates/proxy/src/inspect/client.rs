//! The client's leg: its handshake, answered as the upstream would answer it.

use std::io;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::Acceptor;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use super::{Inspection, Offer, Protocol};
use crate::entry::rewind::Rewind;
use crate::gate::{Gate, Permitted, Target};
use crate::limits::{HANDSHAKE_TIME, HELLO_TIME};
use crate::refusal::Refusal;

/// A client whose TLS ends here.
pub(crate) struct Ended {
    pub(crate) stream: TlsStream<Rewind>,
    pub(crate) protocol: Protocol,
}

/// Completes the handshake of a client that asked for a permitted host.
///
/// The upstream is asked first which protocol it speaks, so that the client is offered that one and
/// no other. An upstream that cannot be reached is not a reason to break off: the client then gets
/// an answer that it can read.
pub(crate) async fn end_tls(gate: &Gate, io: Rewind, target: &Permitted<Target>) -> Result<Ended, Refusal> {
    let hello = timeout(HELLO_TIME, LazyConfigAcceptor::new(Acceptor::default(), io)).await;
    let hello = hello.map_err(|_| Refusal::ClientTls("it took too long".to_owned()))?;
    let hello = hello.map_err(|err| Refusal::ClientTls(err.to_string()))?;
    let offer = Offer::read(hello.client_hello().alpn());
    let protocol = match gate.inspection.upstreams.protocol(gate, target, offer).await {
        Some(protocol) => protocol,
        None if offer.http2 && !offer.http1 => Protocol::Http2,
        None => Protocol::Http1,
    };
    let config = gate.inspection.server(target, protocol, gate.clock.now())?;
    let stream = match timeout(HANDSHAKE_TIME, hello.into_stream(config)).await {
        Ok(done) => done.map_err(|err| refused_by_client(&err))?,
        Err(_) => return Err(Refusal::ClientTls("it took too long".to_owned())),
    };
    Ok(Ended { stream, protocol })
}

impl Inspection {
    fn server(
        &self,
        target: &Permitted<Target>,
        protocol: Protocol,
        now: i64,
    ) -> Result<Arc<ServerConfig>, Refusal> {
        let made = self.leaves.server(&self.authority, &target.get().host, protocol, now);
        made.map_err(|err| Refusal::ClientTls(err.to_string()))
    }
}

/// Most often: a program that does not know the project's CA.
fn refused_by_client(err: &io::Error) -> Refusal {
    let alert = err.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match alert {
        Some(rustls::Error::AlertReceived(
            rustls::AlertDescription::UnknownCA
            | rustls::AlertDescription::BadCertificate
            | rustls::AlertDescription::CertificateUnknown,
        )) => Refusal::Distrusted,
        _ => Refusal::ClientTls(err.to_string()),
    }
}
