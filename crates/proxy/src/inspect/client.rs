//! The client's leg: its handshake, answered as the upstream would answer it.

use std::io;
use std::sync::Arc;

use drawbridge_policy::Host;
use rustls::ServerConfig;
use rustls::server::Acceptor;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{LazyConfigAcceptor, StartHandshake};

use super::{Inspection, Offer, Protocol};
use crate::entry::rewind::Rewind;
use crate::gate::{Gate, Routed};
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
pub(crate) async fn end_tls(gate: &Gate, io: Rewind, place: &Routed) -> Result<Ended, Refusal> {
    let (hello, offer) = greet(io).await?;
    let protocol = match gate.inspection.upstreams.protocol(gate, place, offer).await {
        Some(protocol) => protocol,
        None if offer.http2 && !offer.http1 => Protocol::Http2,
        None => Protocol::Http1,
    };
    finish(gate, hello, &place.target.get().host, protocol).await
}

/// Completes the handshake of a client whose host is closed, so that it can be told why.
pub(crate) async fn end_refused(gate: &Gate, io: Rewind, host: &Host) -> Result<Ended, Refusal> {
    let (hello, offer) = greet(io).await?;
    let protocol = if offer.http2 && !offer.http1 { Protocol::Http2 } else { Protocol::Http1 };
    finish(gate, hello, host, protocol).await
}

async fn greet(io: Rewind) -> Result<(StartHandshake<Rewind>, Offer), Refusal> {
    let hello = timeout(HELLO_TIME, LazyConfigAcceptor::new(Acceptor::default(), io)).await;
    let hello = hello.map_err(|_| Refusal::ClientTls("it took too long".to_owned()))?;
    let hello = hello.map_err(|err| Refusal::ClientTls(err.to_string()))?;
    let offer = Offer::read(hello.client_hello().alpn());
    Ok((hello, offer))
}

async fn finish(
    gate: &Gate,
    hello: StartHandshake<Rewind>,
    host: &Host,
    protocol: Protocol,
) -> Result<Ended, Refusal> {
    let config = gate.inspection.server(host, protocol, gate.clock.now())?;
    let stream = match timeout(HANDSHAKE_TIME, hello.into_stream(config)).await {
        Ok(done) => done.map_err(|err| refused_by_client(&err))?,
        Err(_) => return Err(Refusal::ClientTls("it took too long".to_owned())),
    };
    Ok(Ended { stream, protocol })
}

impl Inspection {
    fn server(&self, host: &Host, protocol: Protocol, now: i64) -> Result<Arc<ServerConfig>, Refusal> {
        let made = self.leaves.server(&self.authority(), host, protocol, now);
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
