//! Listeners of `tcp://host:port` rules, which come and go with the policy.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use drawbridge_policy::Host;
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
            if !open.0.contains_key(&port) {
                match bind(SocketAddr::new(address, port)).await {
                    Ok(listener) => {
                        let target = host.clone();
                        let accepting =
                            accept(gate.clone(), limiter.clone(), listener, Phase::Tcp, move |gate, client, peer| {
                                let host = target.clone();
                                async move { opaque::serve(&gate, client, peer, host, port).await }
                            });
                        open.0.insert(port, (host, tokio::spawn(accepting).abort_handle()));
                    }
                    Err(err) => gate.log.error(format!("a tcp rule has no listener: {err}")),
                }
            }
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
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
