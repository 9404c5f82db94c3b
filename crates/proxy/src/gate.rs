//! The state machine that all entries share: canonical target → decision → [`Permitted`].
//!
//! Decisions are taken against the policy in force now, never against one captured earlier.

mod permit;
mod route;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use drawbridge_policy::{DeniedNames, Host, Policy, Reason, Request, catalogue};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::attribution::Attribution;
use crate::clock::Clock;
use crate::denials::Denials;
use crate::inspect::Inspection;
use crate::limits::TUNNEL_IDLE;
use crate::live::{Live, LiveGuard, Question};
use crate::log::{Action, Decided, Event, Log, Phase, Process, clip};
use crate::network::Network;
use crate::refusal::{Answer, Kind, Refusal};
use crate::secrets::Secrets;
use crate::topology::Topology;
use crate::tunnel::{self, Buffers, End, Traffic};
pub(crate) use permit::{Permitted, Target, Way};
pub(crate) use route::{Route, Routed};

/// A policy and its number since the start.
#[derive(Debug, Default)]
pub(crate) struct InForce {
    pub(crate) policy: Policy,
    pub(crate) generation: u64,
}

/// What every connection needs.
pub(crate) struct Gate {
    pub(crate) in_force: watch::Sender<Arc<InForce>>,
    pub(crate) clock: Clock,
    pub(crate) log: Log,
    pub(crate) denials: Mutex<Denials>,
    /// What only passed because the policy observes.
    pub(crate) observed: Mutex<Denials>,
    pub(crate) attribution: Attribution,
    pub(crate) live: Live,
    pub(crate) network: Arc<dyn Network>,
    pub(crate) topology: Topology,
    pub(crate) inspection: Inspection,
    pub(crate) secrets: Secrets,
    pub(crate) buffers: Buffers,
    ids: AtomicU64,
}

/// An upstream that a client may talk to, as long as nothing else is said.
pub(crate) struct Tunnel {
    pub(crate) upstream: TcpStream,
    pub(crate) live: LiveGuard,
    /// Bytes that the upstream got already.
    pub(crate) sent: usize,
}

/// What is known so far of one thing that is judged, for the log.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) id: String,
    pub(crate) client: SocketAddr,
    pub(crate) phase: Phase,
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    pub(crate) method: Option<String>,
    pub(crate) path: Option<String>,
    /// Names of the secrets that are sent along.
    pub(crate) secrets: Vec<String>,
    since: Instant,
}

impl Gate {
    /// A gate that denies everything until a policy is put in force. `hold` is how long a denied
    /// connection waits for a watcher.
    pub(crate) fn new(
        log: Log,
        network: Arc<dyn Network>,
        topology: Topology,
        inspection: Inspection,
        secrets: Secrets,
        hold: Duration,
    ) -> Self {
        Self {
            in_force: watch::Sender::default(),
            clock: Clock::default(),
            log,
            denials: Mutex::default(),
            observed: Mutex::default(),
            attribution: Attribution::new(hold),
            live: Live::default(),
            network,
            topology,
            inspection,
            secrets,
            buffers: Buffers::default(),
            ids: AtomicU64::new(1),
        }
    }

    /// The policy to judge by, now.
    pub(crate) fn policy(&self) -> Arc<InForce> {
        self.in_force.borrow().clone()
    }

    /// Starts the record of something to judge.
    pub(crate) fn attempt(&self, client: SocketAddr, phase: Phase) -> Attempt {
        let id = self.ids.fetch_add(1, Ordering::Relaxed).to_string();
        let (host, since) = (String::new(), Instant::now());
        Attempt { id, client, phase, host, port: None, method: None, path: None, secrets: Vec::new(), since }
    }

    /// Judges a connection that passes through unseen.
    pub(crate) fn permit(&self, target: Target) -> Result<Permitted<Target>, Refusal> {
        permit::connection(&self.policy().policy, target, self.clock.now())
    }

    /// Judges a connection whose requests are judged one by one.
    pub(crate) fn permit_seen(&self, target: Target) -> Result<Permitted<Target>, Refusal> {
        permit::seen(&self.policy().policy, target, self.clock.now())
    }

    /// Judges TLS by its server name.
    pub(crate) fn permit_tls(&self, target: Target) -> Result<Way, Refusal> {
        let bound = self.secrets.binds(&target);
        permit::tls(&self.policy().policy, target, bound, self.clock.now())
    }

    /// Whether a client that asks for a closed `host` is to be told why, inside TLS.
    pub(crate) fn explains(&self, host: &Host) -> bool {
        self.policy().policy.denied_names() == DeniedNames::Explain && !catalogue::is_never_inspected(host)
    }

    /// Judges a CONNECT, which does not say what will be spoken.
    pub(crate) fn permit_connect(&self, target: Target) -> Result<Way, Refusal> {
        let bound = self.secrets.binds(&target);
        permit::connect(&self.policy().policy, target, bound, self.clock.now())
    }

    /// Judges one request whose head is known.
    pub(crate) fn permit_request<B>(
        &self,
        target: &Target,
        request: hyper::Request<B>,
    ) -> Result<Permitted<hyper::Request<B>>, Refusal> {
        permit::request(&self.policy().policy, target, request, self.clock.now())
    }

    /// From now on a policy that answers `question` otherwise ends the connection of `live`.
    pub(crate) fn hold_to(&self, live: &LiveGuard, question: &Question) {
        live.asked(question.clone());
        // It may have changed since the question was asked.
        if question.judge(&self.policy().policy, self.clock.now()).is_err() {
            live.end();
        }
    }

    /// Logs that something may pass.
    pub(crate) fn allowed<T>(&self, attempt: &Attempt, permitted: &Permitted<T>) {
        let decision = permitted.decision();
        let mut decided = attempt.decided(Action::Allow, decision.reason.code());
        if let Some(rule) = &decision.rule {
            decided.rule = Some(clip(&rule.text));
            decided.layer = Some(rule.layer.to_string());
        }
        if decision.reason == Reason::Observed {
            let now = self.clock.now();
            self.observed.lock().unwrap_or_else(PoisonError::into_inner).record(&decided, now);
        }
        self.log.event(Event::Decision(Box::new(decided)));
    }

    /// Logs a refusal, remembers it for `blocked`, and gives a watcher on the host the time to see
    /// who it was. The caller then sends the answer.
    pub(crate) async fn refused(&self, attempt: &Attempt, refusal: &Refusal) -> Answer {
        let answer = refusal.answer();
        match answer.kind {
            Kind::Gone => {}
            Kind::Failed => self.log.event(Event::Failure {
                id: attempt.id.clone(),
                client: attempt.client,
                phase: attempt.phase,
                reason: answer.reason,
                host: attempt.host.clone(),
                port: attempt.port.unwrap_or(0),
                why: clip(&refusal.to_string()),
            }),
            Kind::Denied => {
                let process = self.attribute(attempt, answer.reason).await;
                self.record_denial(attempt, refusal, process);
            }
        }
        answer
    }

    /// As [`Gate::refused`] where nobody can wait, such as a DNS query.
    pub(crate) fn record_denial(&self, attempt: &Attempt, refusal: &Refusal, process: Option<Process>) {
        let mut decided = attempt.decided(Action::Deny, refusal.answer().reason);
        decided.why = Some(clip(&refusal.to_string()));
        decided.process = process;
        if let Some(rule) = refusal.decision().and_then(|decision| decision.rule.as_ref()) {
            decided.rule = Some(clip(&rule.text));
            decided.layer = Some(rule.layer.to_string());
        }
        let now = self.clock.now();
        self.denials.lock().unwrap_or_else(PoisonError::into_inner).record(&decided, now);
        self.log.event(Event::Decision(Box::new(decided)));
    }

    async fn attribute(&self, attempt: &Attempt, reason: &'static str) -> Option<Process> {
        let answer = self.attribution.expect(&attempt.id)?;
        self.log.event(Event::Hold {
            id: attempt.id.clone(),
            client: attempt.client,
            phase: attempt.phase,
            reason,
            host: attempt.host.clone(),
            port: attempt.port.unwrap_or(0),
        });
        answer.received().await
    }

    /// Passes bytes until the tunnel ends, and logs how much it was.
    pub(crate) async fn tunnel(&self, attempt: &Attempt, client: &mut TcpStream, tunnel: Tunnel) {
        let Tunnel { mut upstream, live, sent } = tunnel;
        let traffic = Traffic::default();
        traffic.up.store(u64::try_from(sent).unwrap_or(0), Ordering::Relaxed);
        let end = tunnel::run(client, &mut upstream, &traffic, &self.buffers, &live, TUNNEL_IDLE).await;
        let (up, down) = (traffic.up.load(Ordering::Relaxed), traffic.down.load(Ordering::Relaxed));
        self.closed(attempt, up, down, end);
    }

    /// Logs how much was moved.
    pub(crate) fn closed(&self, attempt: &Attempt, up: u64, down: u64, end: End) {
        let (id, ms) = (attempt.id.clone(), attempt.millis());
        self.log.event(Event::Close { id, up, down, ms, reason: end.code() });
    }
}

impl Attempt {
    /// Fills in what is being asked for.
    pub(crate) fn about(&mut self, target: &Target) {
        target.host.as_str().clone_into(&mut self.host);
        self.port = Some(target.port);
    }

    fn decided(&self, action: Action, reason: &'static str) -> Decided {
        Decided {
            id: self.id.clone(),
            client: self.client,
            phase: self.phase,
            action,
            reason,
            host: self.host.clone(),
            port: self.port,
            method: self.method.clone(),
            path: self.path.clone(),
            rule: None,
            layer: None,
            secrets: self.secrets.clone(),
            why: None,
            process: None,
            ms: self.millis(),
        }
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The question to a policy about a connection whose head is not known.
fn connection(target: &Target) -> Request<'_> {
    Request::connection(target.scheme, &target.host, target.port)
}
