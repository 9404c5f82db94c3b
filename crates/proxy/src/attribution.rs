//! Which process opened a denied connection: asked of a watcher on the host while it waits.
//!
//! The sidecar cannot see into the dev container's process namespace; the host can, but only
//! while the connection exists. So a denied one is held for a moment, if somebody watches.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::log::Process;

/// Connections held at once; further ones are answered at once and without a name.
const HELD: usize = 256;

/// Watchers, and what waits for them.
#[derive(Debug, Clone)]
pub(crate) struct Attribution {
    state: Arc<Mutex<State>>,
    /// How long a connection waits.
    hold: Duration,
}

#[derive(Debug, Default)]
struct State {
    watchers: usize,
    held: HashMap<String, oneshot::Sender<Process>>,
}

/// Counts a watcher while it lives.
#[derive(Debug)]
pub(crate) struct Watcher {
    state: Arc<Mutex<State>>,
}

/// A held connection's place in the list.
#[derive(Debug)]
pub(crate) struct Held {
    id: String,
    state: Arc<Mutex<State>>,
    until: Instant,
    answer: oneshot::Receiver<Process>,
}

impl Attribution {
    /// Nobody watches yet.
    pub(crate) fn new(hold: Duration) -> Self {
        Self { state: Arc::default(), hold }
    }

    /// Somebody watches from now on.
    pub(crate) fn watch(&self) -> Watcher {
        lock(&self.state).watchers += 1;
        Watcher { state: self.state.clone() }
    }

    /// A place to wait, if anybody watches.
    pub(crate) fn expect(&self, id: &str) -> Option<Held> {
        let mut state = lock(&self.state);
        if state.watchers == 0 || state.held.len() >= HELD {
            return None;
        }
        let (sender, answer) = oneshot::channel();
        state.held.insert(id.to_owned(), sender);
        let until = Instant::now() + self.hold;
        Some(Held { id: id.to_owned(), state: self.state.clone(), until, answer })
    }

    /// A watcher's answer; false when nothing of that id waits.
    pub(crate) fn attribute(&self, id: &str, process: Process) -> bool {
        let waiting = lock(&self.state).held.remove(id);
        waiting.is_some_and(|waiting| waiting.send(process).is_ok())
    }
}

impl Held {
    /// The answer; `None` when there is none in time, or the last watcher has gone.
    pub(crate) async fn received(mut self) -> Option<Process> {
        tokio::time::timeout_at(self.until, &mut self.answer).await.ok()?.ok()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        lock(&self.state).held.remove(&self.id);
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        state.watchers -= 1;
        if state.watchers == 0 {
            state.held.clear();
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
