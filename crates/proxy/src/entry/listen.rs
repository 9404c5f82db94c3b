//! Accepting connections, with the limits that hold before anything is read.

use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use crate::error::Error;
use crate::gate::Gate;
use crate::limits::{CONNECTIONS, CONNECTIONS_PER_CLIENT};
use crate::log::Phase;
use crate::refusal::Refusal;
use crate::upstream::prepare;

/// Counts connections, over all entries.
#[derive(Debug, Default, Clone)]
pub(crate) struct Limiter(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    total: usize,
    by_client: HashMap<IpAddr, usize>,
}

/// One counted connection.
#[derive(Debug)]
pub(crate) struct Slot {
    client: IpAddr,
    limiter: Limiter,
}

impl Limiter {
    /// Counts a connection, unless there are too many.
    pub(crate) fn enter(&self, client: IpAddr) -> Option<Slot> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = counts.by_client.get(&client).copied().unwrap_or(0);
        if counts.total >= CONNECTIONS || own >= CONNECTIONS_PER_CLIENT {
            return None;
        }
        counts.total += 1;
        counts.by_client.insert(client, own + 1);
        Some(Slot { client, limiter: self.clone() })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut counts = self.limiter.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.total -= 1;
        if let Some(own) = counts.by_client.get_mut(&self.client) {
            *own -= 1;
            if *own == 0 {
                counts.by_client.remove(&self.client);
            }
        }
    }
}

/// Binds a TCP port.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, Error> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|source| Error::Listen { what: format!("{address} (tcp)"), source })
}

/// Accepts until dropped; `serve` gets each connection within the limits.
pub(crate) async fn accept<F, Serving>(
    gate: Arc<Gate>,
    limiter: Limiter,
    listener: TcpListener,
    phase: Phase,
    serve: F,
) where
    F: Fn(Arc<Gate>, TcpStream, SocketAddr) -> Serving,
    Serving: Future<Output = ()> + Send + 'static,
{
    let port = listener.local_addr().map_or(0, |address| address.port());
    loop {
        let Ok((client, peer)) = listener.accept().await else {
            // Out of descriptors, mostly: give connections the time to end.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Some(slot) = limiter.enter(peer.ip()) else {
            let mut attempt = gate.attempt(peer, phase);
            attempt.port = Some(port);
            gate.record_denial(&attempt, &Refusal::TooMany, None);
            let _ = client.set_zero_linger();
            continue;
        };
        if prepare(&client).is_err() {
            continue; // Closed already.
        }
        let serving = serve(gate.clone(), client, peer);
        tokio::spawn(async move {
            serving.await;
            drop(slot);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pitfall_21_connections_are_counted_per_client_and_in_all() {
        let limiter = Limiter::default();
        let client = |n: u8| IpAddr::from([10, 0, 0, n]);
        let mut held: Vec<Slot> = Vec::new();
        for n in 0..4 {
            held.extend((0..CONNECTIONS_PER_CLIENT).map(|_| limiter.enter(client(n)).unwrap()));
            assert!(limiter.enter(client(n)).is_none());
        }
        assert_eq!(held.len(), CONNECTIONS);
        assert!(limiter.enter(client(9)).is_none(), "the total is reached");
        held.pop();
        assert!(limiter.enter(client(9)).is_some());
        drop(held);
        assert!(limiter.0.lock().unwrap().by_client.is_empty());
    }
}
