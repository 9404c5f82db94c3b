//! The upstream's leg: verified TLS, kept open for the next request.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use drawbridge_policy::UpstreamProxy;
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest as Http1;
use hyper::client::conn::http2::SendRequest as Http2;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use super::{Offer, Protocol, provider};
use crate::config::Roots;
use crate::gate::{Gate, Route, Routed, Target};
use crate::limits::{
    H2_CONNECTION_WINDOW, H2_HEADER_BYTES, H2_PING, H2_STREAM_WINDOW, HANDSHAKE_TIME, HEAD_BYTES, POOL_IDLE,
    POOL_PER_HOST,
};
use crate::refusal::Refusal;

/// A connection that takes requests.
pub(crate) enum Sender {
    Http1(Http1<Incoming>),
    Http2(Http2<Incoming>),
}

/// Connections to inspected upstreams, and how to make them.
pub(crate) struct Upstreams {
    roots: Option<Roots>,
    /// How often the roots changed.
    generation: AtomicU64,
    /// Made when first needed: reading the roots takes a millisecond and memory.
    configs: Mutex<Option<Configs>>,
    pool: Mutex<HashMap<Place, Kept>>,
}

/// One configuration that offers HTTP/2 first, one with HTTP/1.1 alone.
#[derive(Clone)]
struct Configs {
    generation: u64,
    both: Arc<ClientConfig>,
    http1: Arc<ClientConfig>,
}

/// Connections that were dialled under a rule for private addresses serve such rules only, and those that left by a
/// route, or were verified by some roots, serve only while these are the ones of now.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    target: Target,
    private: bool,
    route: Route,
    roots: u64,
}

#[derive(Default)]
struct Kept {
    /// What the upstream chose when it was offered both.
    protocol: Option<Protocol>,
    /// Youngest last.
    http1: Vec<(Http1<Incoming>, Instant)>,
    http2: Option<Http2<Incoming>>,
}

impl Place {
    fn of(place: &Routed) -> Self {
        let Routed { target, route, roots } = place;
        Self {
            target: target.get().clone(),
            private: target.decision().private,
            route: route.clone(),
            roots: *roots,
        }
    }
}

impl Upstreams {
    pub(super) fn new(roots: Option<Roots>) -> Self {
        Self { roots, generation: AtomicU64::new(0), configs: Mutex::default(), pool: Mutex::default() }
    }

    /// Reads the roots again before the next connection; one that an older set verified serves no further request.
    pub(crate) fn forget_roots(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// The number of the roots of now.
    pub(crate) fn roots(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// What the upstream speaks, out of what the client offered; `None` when it cannot be asked.
    pub(super) async fn protocol(&self, gate: &Gate, place: &Routed, offer: Offer) -> Option<Protocol> {
        if !offer.http2 {
            return offer.http1.then_some(Protocol::Http1);
        }
        let known = self.lock().get(&Place::of(place)).and_then(|kept| kept.protocol);
        if let Some(known) = known.filter(|known| offer.has(*known)) {
            return Some(known);
        }
        let (sender, protocol) = self.dial(gate, place, Protocol::Http2).await.ok()?;
        self.keep(place, sender);
        offer.has(protocol).then_some(protocol)
    }

    /// An open connection that is free, if there is one.
    pub(crate) fn take(&self, place: &Routed, protocol: Protocol) -> Option<Sender> {
        let mut pool = self.lock();
        let kept = pool.get_mut(&Place::of(place))?;
        match protocol {
            Protocol::Http2 => {
                kept.http2.take_if(|sender| sender.is_closed());
                kept.http2.clone().map(Sender::Http2)
            }
            Protocol::Http1 => {
                // The youngest is the least likely to be closed by the other side right now.
                while let Some((sender, since)) = kept.http1.pop() {
                    if sender.is_ready() && since.elapsed() < POOL_IDLE {
                        return Some(Sender::Http1(sender));
                    }
                }
                None
            }
        }
    }

    /// Keeps a connection for the next request. Whether it is ready is asked when it is taken: at the end of a response it
    /// may need a moment.
    pub(crate) fn keep(&self, place: &Routed, sender: Sender) {
        let mut pool = self.lock();
        let kept = pool.entry(Place::of(place)).or_default();
        match sender {
            Sender::Http2(sender) if !sender.is_closed() => kept.http2 = Some(sender),
            Sender::Http1(sender) if !sender.is_closed() && kept.http1.len() < POOL_PER_HOST => {
                kept.http1.push((sender, Instant::now()));
            }
            Sender::Http1(_) | Sender::Http2(_) => {}
        }
    }

    /// Lets go of what was not used for long, and of what left by another way than the route of now or was verified by
    /// other roots.
    pub(crate) fn sweep(&self, route: Option<&UpstreamProxy>) {
        let roots = self.roots();
        self.lock().retain(|place, kept| {
            if place.roots != roots || (!place.private && place.route.as_ref() != route) {
                return false;
            }
            kept.http1.retain(|(sender, since)| sender.is_ready() && since.elapsed() < POOL_IDLE);
            kept.http2.take_if(|sender| sender.is_closed());
            !kept.http1.is_empty() || kept.http2.is_some()
        });
    }

    /// A new connection that speaks `protocol`.
    pub(crate) async fn connect(
        &self,
        gate: &Gate,
        place: &Routed,
        protocol: Protocol,
    ) -> Result<Sender, Refusal> {
        let (sender, spoken) = self.dial(gate, place, protocol).await?;
        if spoken == protocol {
            return Ok(sender);
        }
        // It changed its mind since the client was offered what it spoke.
        Err(Refusal::BadUpstream("it speaks another protocol than before".to_owned()))
    }

    async fn dial(
        &self,
        gate: &Gate,
        place: &Routed,
        wanted: Protocol,
    ) -> Result<(Sender, Protocol), Refusal> {
        let configs = self.configs(place.roots)?;
        let config = if wanted == Protocol::Http2 { &configs.both } else { &configs.http1 };
        let name = server_name(place.target.get())?;
        let stream = gate.connect_by(&place.target, &place.route).await?;
        let connecting = TlsConnector::from(config.clone()).connect(name, stream);
        let stream = match timeout(HANDSHAKE_TIME, connecting).await {
            Ok(done) => done.map_err(|err| Refusal::UpstreamTls(err.to_string()))?,
            Err(_) => return Err(Refusal::UpstreamTimeout),
        };
        let spoken = match stream.get_ref().1.alpn_protocol() {
            Some(name) if name == Protocol::Http2.alpn() => Protocol::Http2,
            _ => Protocol::Http1,
        };
        if wanted == Protocol::Http2 {
            self.lock().entry(Place::of(place)).or_default().protocol = Some(spoken);
        }
        let broken = |err: hyper::Error| Refusal::BadUpstream(err.to_string());
        let io = TokioIo::new(stream);
        let sender = match spoken {
            Protocol::Http1 => {
                let (sender, connection) = http1::Builder::new()
                    .preserve_header_case(true)
                    .max_buf_size(HEAD_BYTES)
                    .handshake(io)
                    .await
                    .map_err(broken)?;
                // Ends with its sender.
                tokio::spawn(connection.with_upgrades());
                Sender::Http1(sender)
            }
            Protocol::Http2 => {
                let (sender, connection) = http2::Builder::new(TokioExecutor::new())
                    .timer(TokioTimer::new())
                    .initial_stream_window_size(H2_STREAM_WINDOW)
                    .initial_connection_window_size(H2_CONNECTION_WINDOW)
                    .max_header_list_size(H2_HEADER_BYTES)
                    .keep_alive_interval(H2_PING)
                    .handshake(io)
                    .await
                    .map_err(broken)?;
                tokio::spawn(connection);
                Sender::Http2(sender)
            }
        };
        Ok((sender, spoken))
    }

    /// By the roots of `generation` or newer ones.
    fn configs(&self, generation: u64) -> Result<Configs, Refusal> {
        let mut configs = self.configs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = configs.as_ref().filter(|made| made.generation >= generation) {
            return Ok(made.clone());
        }
        // The number first: roots that change while they are read are read again.
        let generation = self.roots();
        let roots = self.roots.as_ref().map(|read| read()).unwrap_or_default();
        let made = self::configs(&roots, generation).map_err(Refusal::UpstreamTls)?;
        Ok(configs.insert(made).clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Place, Kept>> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn server_name(target: &Target) -> Result<ServerName<'static>, Refusal> {
    match target.host.ip() {
        Some(ip) => Ok(ServerName::from(ip)),
        None => ServerName::try_from(target.host.as_str().to_owned())
            .map_err(|err| Refusal::UpstreamTls(err.to_string())),
    }
}

fn configs(roots: &[String], generation: u64) -> Result<Configs, String> {
    let mut store = RootCertStore::empty();
    for text in roots {
        store.add_parsable_certificates(CertificateDer::pem_slice_iter(text.as_bytes()).flatten());
    }
    let mut http1 = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|err| err.to_string())?
        .with_root_certificates(store)
        .with_no_client_auth();
    let mut both = http1.clone();
    http1.alpn_protocols = vec![Protocol::Http1.alpn().to_vec()];
    both.alpn_protocols = vec![Protocol::Http2.alpn().to_vec(), Protocol::Http1.alpn().to_vec()];
    Ok(Configs { generation, both: Arc::new(both), http1: Arc::new(http1) })
}

/// How often idle connections are looked at.
pub(crate) const SWEEP: Duration = Duration::from_secs(30);
