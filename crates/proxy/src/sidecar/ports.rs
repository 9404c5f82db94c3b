//! Listeners of `tcp://host:port` rules, which come and go with the policy.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use drawbridge_policy::Host;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::entry::listen::{Limiter, accept, bind};
use crate::entry::opaque;
use crate::gate::Gate;
use crate::log::Phase;

/// Keeps the listeners equal to the policy's until dropped.
pub(super) async fn follow(gate: Arc<Gate>, limiter: Limiter, address: IpAddr) {
    let mut changes = gate.in_force.subscribe();
    let mut open = Open(HashMap::new());
    loop {
        let wanted: HashMap<u16, Host> = {
            let in_force = changes.borrow_and_update();
            let listeners = in_force.policy.listeners(gate.clock.now());
            listeners.into_iter().map(|one| (one.port, one.host)).collect()
        };
        open.close_all_but(&wanted);
        for (port, host) in wanted {
            let Entry::Vacant(free) = open.0.entry(port) else { continue };
            match bind(SocketAddr::new(address, port)).await {
                Ok(listener) => {
                    let serving = serve(gate.clone(), limiter.clone(), listener, host.clone(), port);
                    free.insert((host, tokio::spawn(serving).abort_handle()));
                }
                Err(err) => gate.log.error(format!("a tcp rule has no listener: {err}")),
            }
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

async fn serve(gate: Arc<Gate>, limiter: Limiter, listener: TcpListener, host: Host, port: u16) {
    accept(gate, limiter, listener, Phase::Tcp, move |gate, client, peer| {
        let host = host.clone();
        async move { opaque::serve(&gate, client, peer, host, port).await }
    })
    .await;
}

struct Open(HashMap<u16, (Host, AbortHandle)>);

impl Open {
    fn close_all_but(&mut self, wanted: &HashMap<u16, Host>) {
        self.0.retain(|port, (host, task)| {
            let keep = wanted.get(port) == Some(host);
            if !keep {
                task.abort();
            }
            keep
        });
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.close_all_but(&HashMap::new());
    }
}
