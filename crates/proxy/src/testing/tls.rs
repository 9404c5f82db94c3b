//! TLS at both ends of the gate: servers signed by a CA that the tests' sidecars take for a public
//! one, and clients that trust it, the project's CA, or both.

use std::sync::{Arc, LazyLock};

use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::server::TlsStream as Served;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::world::World;

/// Signs every server of the tests.
struct Public {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

static PUBLIC_CA: LazyLock<Public> = LazyLock::new(|| {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap();
    Public { certificate, issuer: Issuer::new(params, key) }
});

/// The tests' public root as PEM.
pub(crate) fn public_root() -> String {
    PUBLIC_CA.certificate.pem()
}

/// What a server of `name` needs; `alpn` are the protocols it speaks.
pub(crate) fn acceptor(name: &str, alpn: &[&str]) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &PUBLIC_CA.issuer).unwrap();
    server(leaf.der().clone(), &key, alpn)
}

/// As [`acceptor`], signed by nobody, and its certificate as PEM.
pub(crate) fn untrusted_acceptor(name: &str) -> (TlsAcceptor, String) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    (server(made.cert.der().clone(), &made.signing_key, &[]), made.cert.pem())
}

fn server(leaf: CertificateDer<'static>, key: &KeyPair, alpn: &[&str]) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf], key.into())
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// A client that trusts the CAs in `roots` and offers `alpn`.
pub(crate) fn connector(roots: &[String], alpn: &[&str]) -> TlsConnector {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut store = RootCertStore::empty();
    for root in roots {
        store.add(CertificateDer::from_pem_slice(root.as_bytes()).unwrap()).unwrap();
    }
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(store)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

/// An upstream that answers `pong from NAME` to everything it reads.
pub(crate) struct TlsServer {
    connector: TlsConnector,
}

impl TlsServer {
    /// Serves `name:443`.
    pub(crate) async fn start(world: &World, name: &'static str) -> Self {
        world
            .serve_tls(name, &[], move |mut stream| async move {
                let mut bytes = [0; 1024];
                while let Ok(1..) = stream.read(&mut bytes).await {
                    let answer = format!("pong from {name}");
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            })
            .await;
        Self { connector: connector(&[public_root()], &[]) }
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

impl World {
    /// Starts an upstream under `name:443` that speaks `alpn` inside TLS.
    pub(crate) async fn serve_tls<F, Serving>(&self, name: &str, alpn: &[&str], serve: F)
    where
        F: Fn(Served<TcpStream>) -> Serving + Clone + Send + 'static,
        Serving: Future<Output = ()> + Send + 'static,
    {
        let acceptor = acceptor(name, alpn);
        self.serve(name, 443, move |stream| {
            let (acceptor, serve) = (acceptor.clone(), serve.clone());
            async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve(stream).await;
                }
            }
        })
        .await;
    }

    /// A client in the dev container, which knows the project's CA and no other.
    pub(crate) async fn inspected(&self, name: &str, alpn: &[&str]) -> TlsStream<TcpStream> {
        self.handshake(self.https().await, name, alpn).await
    }

    /// The same over a connection that is there already.
    pub(crate) async fn handshake(
        &self,
        stream: TcpStream,
        name: &str,
        alpn: &[&str],
    ) -> TlsStream<TcpStream> {
        let name = ServerName::try_from(name.to_owned()).unwrap();
        connector(&[self.ca()], alpn).connect(name, stream).await.unwrap()
    }

    /// The project's CA as PEM.
    pub(crate) fn ca(&self) -> String {
        self.sidecar.shared.gate.inspection.certificate().pem
    }
}

/// Sends a line and returns the answer.
pub(crate) async fn tls_client(stream: &mut TlsStream<TcpStream>) -> String {
    stream.write_all(b"ping").await.unwrap();
    let mut bytes = [0; 1024];
    let count = stream.read(&mut bytes).await.unwrap();
    String::from_utf8_lossy(&bytes[..count]).into_owned()
}
