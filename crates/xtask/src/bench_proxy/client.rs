//! A closed-loop HTTP/1.1 client over TLS, as small as it can be so that the machine is left to the proxy.

use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Longest answer head.
const HEAD: usize = 16 * 1024;
/// Bytes of one piece of an upload.
const PIECE: usize = 64 * 1024;

/// How a host is reached.
pub(super) struct Route {
    /// Where TCP goes.
    pub(super) dial: SocketAddr,
    /// Whether a CONNECT comes first.
    pub(super) connect: bool,
    /// Server name, and `Host`.
    pub(super) host: &'static str,
    tls: Arc<ClientConfig>,
}

/// What one measurement gave.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Load {
    /// Answers.
    pub(super) answers: u32,
    /// Bytes of bodies.
    pub(super) bytes: u64,
    /// How long it took.
    pub(super) took: Duration,
}

/// An open connection.
pub(super) struct Open {
    stream: TlsStream<TcpStream>,
    host: &'static str,
    buffer: Vec<u8>,
}

impl Route {
    /// A route whose server is signed by one of the certificates in `roots`.
    pub(super) fn new(
        dial: SocketAddr,
        connect: bool,
        host: &'static str,
        roots: &Path,
    ) -> anyhow::Result<Self> {
        let mut store = RootCertStore::empty();
        let pem = std::fs::read(roots).with_context(|| format!("no {}", roots.display()))?;
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            store.add(certificate?)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(store)
            .with_no_client_auth();
        tls.resumption = Resumption::disabled();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { dial, connect, host, tls: Arc::new(tls) })
    }

    /// Connects, as far as the handshake.
    pub(super) async fn open(&self) -> anyhow::Result<Open> {
        let stream = self.tunnel().await?;
        let name = ServerName::try_from(self.host)?;
        let stream = TlsConnector::from(self.tls.clone()).connect(name, stream).await?;
        Ok(Open { stream, host: self.host, buffer: vec![0; HEAD.max(PIECE)] })
    }

    async fn tunnel(&self) -> anyhow::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.dial).await?;
        stream.set_nodelay(true)?;
        if self.connect {
            let host = self.host;
            let head = format!("CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n");
            stream.write_all(head.as_bytes()).await?;
            let mut answer = Vec::new();
            while !answer.ends_with(b"\r\n\r\n") {
                ensure!(answer.len() < HEAD, "an endless answer to CONNECT");
                answer.push(stream.read_u8().await?);
            }
            ensure!(answer.starts_with(b"HTTP/1.") && answer[8..].starts_with(b" 200"), "{answer:?}");
        }
        Ok(stream)
    }

    /// Asks for the tunnel alone.
    pub(super) async fn answered(&self) -> anyhow::Result<()> {
        self.tunnel().await.map(drop)
    }

    /// Keeps `clients` busy for `length`; with `new` every request has a connection of its own.
    pub(super) async fn load(
        self: &Rc<Self>,
        clients: usize,
        path: &'static str,
        new: bool,
        length: Duration,
    ) -> anyhow::Result<Load> {
        let began = Instant::now();
        let one = || {
            let route = self.clone();
            tokio::task::spawn_local(async move {
                let mut load = Load::default();
                let mut open = route.open().await?;
                let began = Instant::now();
                while began.elapsed() < length {
                    if new && load.answers > 0 {
                        open = route.open().await?;
                    }
                    load.bytes += match open.get(path).await {
                        // A kept connection may be closed at any time (RFC 9112 §9.3.1).
                        Err(_) if !new && load.answers > 0 => {
                            open = route.open().await?;
                            open.get(path).await?
                        }
                        got => got?,
                    };
                    load.answers += 1;
                }
                anyhow::Ok(load)
            })
        };
        let tasks: Vec<_> = (0..clients).map(|_| one()).collect();
        let mut sum = Load::default();
        for task in tasks {
            let load = task.await??;
            sum.answers += load.answers;
            sum.bytes += load.bytes;
        }
        sum.took = began.elapsed();
        Ok(sum)
    }
}

impl Open {
    /// One request; the length of the body.
    pub(super) async fn get(&mut self, path: &str) -> anyhow::Result<u64> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.host);
        self.stream.write_all(head.as_bytes()).await?;
        self.answer().await
    }

    /// Uploads so many bytes.
    pub(super) async fn post(&mut self, path: &str, bytes: usize) -> anyhow::Result<()> {
        let head = format!("POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {bytes}\r\n\r\n", self.host);
        self.stream.write_all(head.as_bytes()).await?;
        let piece = vec![7; PIECE];
        let mut left = bytes;
        while left > 0 {
            let now = left.min(PIECE);
            self.stream.write_all(&piece[..now]).await?;
            left -= now;
        }
        self.answer().await.map(drop)
    }

    async fn answer(&mut self) -> anyhow::Result<u64> {
        let mut filled = 0;
        let end = loop {
            ensure!(filled < HEAD, "an endless head");
            let read = self.stream.read(&mut self.buffer[filled..]).await?;
            ensure!(read > 0, "closed after {filled} bytes of a head");
            filled += read;
            if let Some(at) = self.buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let head = std::str::from_utf8(&self.buffer[..end])?;
        ensure!(head.starts_with("HTTP/1.1 200"), "{head}");
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        let Some(length) = length else { bail!("no length: {head}") };
        let mut left = length.checked_sub(filled - end).context("more than was announced")?;
        while left > 0 {
            let read = self.stream.read(&mut self.buffer).await?;
            ensure!(read > 0 && read <= left, "closed within a body");
            left -= read;
        }
        Ok(u64::try_from(length)?)
    }
}
