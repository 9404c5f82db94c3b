//! Puts the parts together: start in order, serve, end cleanly.

mod ports;
mod watch;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::net::UdpSocket;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::config::{Config, PrepareShare};
use crate::ctl::server;
use crate::dns;
use crate::entry::listen::{Limiter, accept, bind};
use crate::entry::{explicit, http, relay, tls};
use crate::error::Error;
use crate::gate::Gate;
use crate::inspect::{CertificateFacts, Inspection, SWEEP};
use crate::keeper::Keeper;
use crate::limits::HOLD_TIME;
use crate::log::{Event, Log, LogWriter, Phase};
use crate::network::{Network, System};
use crate::paths::Paths;
use crate::secrets::Secrets;
use crate::share;
use crate::topology::Topology;

/// What the control socket needs.
pub(crate) struct Shared {
    pub(crate) gate: Arc<Gate>,
    pub(crate) keeper: Mutex<Keeper>,
    bound: Bound,
    ready: AtomicBool,
    paths: Paths,
    prepare_share: Option<PrepareShare>,
}

/// Where the entries listen.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct Bound {
    pub(crate) address: IpAddr,
    pub(crate) dns: SocketAddr,
    pub(crate) http: SocketAddr,
    pub(crate) https: SocketAddr,
    pub(crate) proxy: SocketAddr,
    pub(crate) relays: Vec<SocketAddr>,
}

/// A serving sidecar; dropping it stops the listeners.
pub(crate) struct Sidecar {
    pub(crate) shared: Arc<Shared>,
    paths: crate::paths::Paths,
    _tasks: JoinSet<()>,
}

impl Shared {
    /// Makes a new CA and puts its certificate into the share.
    pub(crate) fn rotate_ca(&self) -> Result<CertificateFacts, Error> {
        self.replace_ca("rotated")
    }

    /// As [`Shared::rotate_ca`], when the CA is about to end under a sidecar that runs for months.
    fn renew_ca(&self) {
        if self.gate.inspection.ends(self.gate.clock.now())
            && let Err(err) = self.replace_ca("renewed")
        {
            self.gate.log.error(format!("the project's CA ends and could not be renewed: {err}"));
        }
    }

    /// What has to be looked at now and then.
    pub(crate) fn housekeeping(&self) {
        self.gate.inspection.upstreams.sweep(self.gate.policy().policy.upstream_proxy());
        self.renew_ca();
    }

    fn replace_ca(&self, action: &'static str) -> Result<CertificateFacts, Error> {
        let inspection = &self.gate.inspection;
        inspection.rotate(&self.paths.ca(), self.gate.clock.now())?;
        let facts = inspection.certificate();
        self.gate.log.event(Event::Ca { action, fingerprint_sha256: facts.fingerprint_sha256.clone() });
        share::prepare_trust(&self.paths, &facts.pem, self.prepare_share.as_ref())?;
        Ok(facts)
    }

    /// Trusts the extra CAs that are there now: the gate and, by the share, the container.
    fn authorities_changed(&self) {
        self.gate.inspection.upstreams.forget_roots();
        self.gate.log.event(Event::Roots {});
        let pem = self.gate.inspection.certificate().pem;
        if let Err(err) = share::prepare_trust(&self.paths, &pem, self.prepare_share.as_ref()) {
            self.gate.log.error(format!("the trust files of the container could not be renewed: {err}"));
        }
    }

    /// Adds what is not about the policy to a status.
    pub(crate) fn describe(&self, status: &mut Value) {
        status["ready"] = self.ready.load(Ordering::Acquire).into();
        status["version"] = env!("CARGO_PKG_VERSION").into();
        status["address"] = self.bound.address.to_string().into();
        status["listening"] = serde_json::json!(self.bound);
        status["connections"] = self.gate.live.count().into();
        let denials = self.gate.denials.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        status["denied"] = denials.total().into();
        status["dropped_log_lines"] = self.gate.log.dropped().into();
    }

    #[cfg(test)]
    pub(crate) fn bound(&self) -> &Bound {
        &self.bound
    }
}

/// Runs until SIGTERM or SIGINT.
pub(crate) fn run(config: Config) -> Result<(), Error> {
    raise_descriptor_limit();
    let runtime = if config.workers > 1 {
        tokio::runtime::Builder::new_multi_thread().worker_threads(config.workers).enable_all().build()
    } else {
        tokio::runtime::Builder::new_current_thread().enable_all().build()
    };
    let runtime = runtime.map_err(|err| Error::Setup { what: "the runtime", source: err.into() })?;
    let (log, writer) = Log::start(Box::new(std::io::stdout()));
    let outcome = runtime.block_on(serve(config, log));
    // Connections end here: their tasks are dropped with the runtime.
    runtime.shutdown_timeout(Duration::from_secs(1));
    LogWriter::close(writer);
    outcome
}

async fn serve(config: Config, log: Log) -> Result<(), Error> {
    let setup = |err: std::io::Error| Error::Setup { what: "signals", source: err.into() };
    let mut terminate = signal(SignalKind::terminate()).map_err(setup)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(setup)?;
    let topology = Topology::read();
    let network = Arc::new(System::new(topology.has_ipv6())?);
    let sidecar = start(config, log.clone(), network, topology, HOLD_TIME).await?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    sidecar.shared.ready.store(false, Ordering::Release);
    let paths = sidecar.paths.clone();
    drop(sidecar);
    log.event(Event::Stop {});
    let _ = share::remove_marker(&paths);
    let _ = std::fs::remove_file(paths.ctl_socket());
    Ok(())
}

/// Starts everything: policy, share, listeners, control socket, ready marker, in this order.
pub(crate) async fn start(
    mut config: Config,
    log: Log,
    network: Arc<dyn Network>,
    topology: Topology,
    hold: Duration,
) -> Result<Sidecar, Error> {
    let unspecified = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let internal = config.address.or_else(|| topology.internal());
    let outside = config.relay_address.or_else(|| topology.external()).unwrap_or(unspecified);
    let paths = config.paths.clone();
    let now = Clock::default().now();
    let inspection = Inspection::open(&paths.ca(), config.roots.take(), now)?;
    let secrets = Secrets::open(paths.secrets())?;
    let gate = Arc::new(Gate::new(log.clone(), network, topology, inspection, secrets, hold));
    share::remove_marker(&paths)?;
    let changes = watch::Changes::watch(&paths);
    let creation = config.creation.take().unwrap_or_else(host_name);
    let keeper = Keeper::start(gate.clone(), paths.clone(), creation, config.inline_policy.take())?;
    share::prepare(&paths, &gate.inspection.certificate().pem, config.prepare_share.as_ref())?;

    let mut tasks = JoinSet::new();
    let bound = listen(&mut tasks, &gate, &config, internal, outside).await?;
    let control = server::bind(&paths.ctl_socket())?;
    log.event(Event::Start {
        version: env!("CARGO_PKG_VERSION"),
        address: bound.address.to_string(),
        generation: keeper.generation(),
        policy: keeper.origin().to_owned(),
        warnings: keeper.warning_lines(),
    });
    let shared = Arc::new(Shared {
        gate,
        keeper: Mutex::new(keeper),
        bound,
        ready: AtomicBool::new(false),
        paths: paths.clone(),
        prepare_share: config.prepare_share.take(),
    });
    tasks.spawn(server::serve(shared.clone(), control));
    tasks.spawn(watch::files(shared.clone(), changes));
    let own = shared.clone();
    tasks.spawn(async move {
        loop {
            tokio::time::sleep(SWEEP).await;
            own.housekeeping();
        }
    });
    share::write_marker(&paths)?;
    shared.ready.store(true, Ordering::Release);
    Ok(Sidecar { shared, paths, _tasks: tasks })
}

async fn listen(
    tasks: &mut JoinSet<()>,
    gate: &Arc<Gate>,
    config: &Config,
    internal: Option<IpAddr>,
    outside: IpAddr,
) -> Result<Bound, Error> {
    let limiter = Limiter::default();
    let ports = config.ports;
    let inside = internal.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let at = |port| SocketAddr::new(inside, port);

    let dns_tcp = bind(at(ports.dns)).await?;
    let dns_at = local(&dns_tcp)?;
    let dns_udp = UdpSocket::bind(dns_at)
        .await
        .map_err(|source| Error::Listen { what: format!("{dns_at} (udp)"), source })?;
    let plain = bind(at(ports.http)).await?;
    let tls_listener = bind(at(ports.https)).await?;
    let proxy = bind(at(ports.proxy)).await?;
    let mut bound = Bound {
        address: inside,
        dns: dns_at,
        http: local(&plain)?,
        https: local(&tls_listener)?,
        proxy: local(&proxy)?,
        relays: Vec::new(),
    };

    let own = gate.clone();
    tasks.spawn(async move { dns::udp(&own, dns_udp, inside).await });
    tasks.spawn(accept(
        gate.clone(),
        limiter.clone(),
        dns_tcp,
        Phase::Dns,
        |gate, client, peer| async move {
            let address = client.local_addr().map_or(peer.ip(), |own| own.ip());
            dns::tcp(&gate, client, peer, address).await;
        },
    ));
    tasks.spawn(accept(gate.clone(), limiter.clone(), plain, Phase::Http, |gate, client, peer| async move {
        http::serve_origin(&gate, client, peer).await;
    }));
    tasks.spawn(accept(
        gate.clone(),
        limiter.clone(),
        tls_listener,
        Phase::Sni,
        |gate, client, peer| async move { tls::serve(&gate, client, peer).await },
    ));
    tasks.spawn(accept(
        gate.clone(),
        limiter.clone(),
        proxy,
        Phase::Connect,
        |gate, client, peer| async move { explicit::serve(&gate, client, peer).await },
    ));
    for wanted in &config.relays {
        let listener = bind(SocketAddr::new(outside, wanted.listen)).await?;
        bound.relays.push(local(&listener)?);
        let wanted = Arc::new(wanted.clone());
        tasks.spawn(accept(
            gate.clone(),
            limiter.clone(),
            listener,
            Phase::Relay,
            move |gate, client, peer| {
                let wanted = wanted.clone();
                async move { relay::serve(&gate, client, peer, &wanted).await }
            },
        ));
    }
    tasks.spawn(ports::follow(gate.clone(), limiter, inside));
    Ok(bound)
}

fn local(listener: &tokio::net::TcpListener) -> Result<SocketAddr, Error> {
    let found = listener.local_addr();
    found.map_err(|source| Error::Listen { what: "a bound socket".to_owned(), source })
}

/// The engine gives each container it creates another one, and a restart keeps it.
fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Two sockets per connection do not fit into the usual soft limit.
pub(crate) fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // Without it fewer connections fit; the limits still hold.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}
