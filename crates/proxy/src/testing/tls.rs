//! TLS at both ends of the gate, with a certificate of the test's own.

use std::sync::Arc;

use rustls::pki_types::{PrivatePkcs8KeyDer, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::world::World;

/// An upstream that answers `pong from NAME` to everything it reads.
pub(crate) struct TlsServer {
    connector: TlsConnector,
}

impl TlsServer {
    /// Serves `name:443`.
    pub(crate) async fn start(world: &World, name: &'static str) -> Self {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let server = rustls::ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key.into())
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(server));
        world
            .serve(name, 443, move |stream| {
                let acceptor = acceptor.clone();
                async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut bytes = [0; 1024];
                    while let Ok(count @ 1..) = stream.read(&mut bytes).await {
                        let _ = count;
                        let answer = format!("pong from {name}");
                        if stream.write_all(answer.as_bytes()).await.is_err() {
                            return;
                        }
                    }
                }
            })
            .await;
        let mut roots = rustls::RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let client = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { connector: TlsConnector::from(Arc::new(client)) }
    }

    /// A handshake through `stream` as a client that wants `name`.
    pub(crate) async fn handshake(
        &self,
        stream: TcpStream,
        name: &'static str,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        self.connector.connect(ServerName::try_from(name).unwrap(), stream).await
    }
}

/// Sends a line and returns the answer.
pub(crate) async fn tls_client(stream: &mut TlsStream<TcpStream>) -> String {
    stream.write_all(b"ping").await.unwrap();
    let mut bytes = [0; 1024];
    let count = stream.read(&mut bytes).await.unwrap();
    String::from_utf8_lossy(&bytes[..count]).into_owned()
}
