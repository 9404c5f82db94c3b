//! Connections that were allowed, so that a changed policy can end those it no longer allows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use drawbridge_policy::{Host, Policy, Request, Scheme};
use tokio::sync::Notify;

use crate::gate::Target;
use crate::refusal::Refusal;

/// What was asked when the connection was allowed, to be asked again.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) scheme: Scheme,
    pub(crate) host: Host,
    pub(crate) port: u16,
    /// Method, path and query, where they were seen.
    pub(crate) request: Option<(String, String, Option<String>)>,
    /// TLS ends in the gate, so a rule may depend on requests.
    pub(crate) inspected: bool,
}

impl Question {
    /// Whether a connection may be.
    pub(crate) fn connection(target: &Target, inspected: bool) -> Self {
        let Target { scheme, ref host, port } = *target;
        Self { scheme, host: host.clone(), port, request: None, inspected }
    }

    /// Whether `policy` forwards this as it is forwarded now.
    pub(crate) fn judge(&self, policy: &Policy, now: i64) -> Result<(), Refusal> {
        let request = Request {
            scheme: self.scheme,
            host: &self.host,
            port: self.port,
            method: self.request.as_ref().map(|(method, ..)| method.as_str()),
            path: self.request.as_ref().map(|(_, path, _)| path.as_str()),
            query: self.request.as_ref().and_then(|(.., query)| query.as_deref()),
        };
        let decision = policy.decide(&request, now);
        let judged = if self.inspected {
            Refusal::unless_allowed(decision)
        } else {
            Refusal::unless_forwarded(decision)
        };
        judged.map(|_| ())
    }
}

/// The connections of the whole sidecar.
#[derive(Debug, Default)]
pub(crate) struct Live {
    entries: Arc<Mutex<Entries>>,
}

#[derive(Debug, Default)]
struct Entries {
    next: u64,
    by_id: HashMap<u64, Entry>,
}

#[derive(Debug)]
struct Entry {
    question: Option<Question>,
    ended: Arc<Notify>,
}

/// Keeps a connection in the list while it lives.
#[derive(Debug)]
pub(crate) struct LiveGuard {
    id: u64,
    entries: Arc<Mutex<Entries>>,
    ended: Arc<Notify>,
}

impl Live {
    /// Enters a connection about which nothing was asked yet.
    pub(crate) fn enter(&self) -> LiveGuard {
        let ended = Arc::new(Notify::new());
        let mut entries = lock(&self.entries);
        let id = entries.next;
        entries.next += 1;
        entries.by_id.insert(id, Entry { question: None, ended: ended.clone() });
        LiveGuard { id, entries: self.entries.clone(), ended }
    }

    /// Connections now.
    pub(crate) fn count(&self) -> usize {
        lock(&self.entries).by_id.len()
    }

    /// Ends every connection whose question has another answer now; returns how many.
    pub(crate) fn judge_again(&self, policy: &Policy, now: i64) -> usize {
        let entries = lock(&self.entries);
        let gone = entries
            .by_id
            .values()
            .filter(|entry| entry.question.as_ref().is_some_and(|asked| asked.judge(policy, now).is_err()));
        gone.map(|entry| entry.ended.notify_one()).count()
    }
}

impl LiveGuard {
    /// Sets what the connection was last allowed for.
    pub(crate) fn asked(&self, question: Question) {
        if let Some(entry) = lock(&self.entries).by_id.get_mut(&self.id) {
            entry.question = Some(question);
        }
    }

    /// Ends the connection, now or as soon as it waits for its end.
    pub(crate) fn end(&self) {
        self.ended.notify_one();
    }

    /// Returns when the connection is no longer allowed.
    pub(crate) async fn ended(&self) {
        self.ended.notified().await;
    }
}

impl Drop for LiveGuard {
    fn drop(&mut self) {
        lock(&self.entries).by_id.remove(&self.id);
    }
}

fn lock(entries: &Mutex<Entries>) -> std::sync::MutexGuard<'_, Entries> {
    entries.lock().unwrap_or_else(PoisonError::into_inner)
}
