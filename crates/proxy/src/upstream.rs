//! Resolve once, keep the addresses that may be dialled, dial those and no others.
//!
//! A second lookup between check and dial would hand the decision to whoever owns the name
//! (DNS rebinding), so the checked addresses themselves are dialled.

mod via;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use drawbridge_policy::{Host, address};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::gate::{Permitted, Target};
use crate::limits::{DIAL_ADDRESSES, DIAL_STAGGER, DIAL_TIME, RESOLVE_TIME};
use crate::network::Network;
use crate::refusal::Refusal;
use crate::topology::Topology;

pub(crate) use via::Via;

/// Connects to a permitted target, or has the proxy that everything leaves through do so. That one
/// resolves names itself, so only literal addresses can be checked here then.
pub(crate) async fn connect(
    network: &Arc<dyn Network>,
    topology: &Topology,
    permitted: &Permitted<Target>,
    via: Option<&Via>,
) -> Result<TcpStream, Refusal> {
    let target = permitted.get();
    let private = permitted.decision().private;
    if let Some(via) = via {
        if let Some(ip) = target.host.ip() {
            checked(topology, &target.host, vec![ip], private)?;
        }
        let found = match via.proxy.host.ip() {
            Some(ip) => vec![ip],
            None => resolve(network, via.proxy.host.as_str()).await.map_err(|err| via.failed(&err))?,
        };
        // A word of the host's owner, so it may be private; never metadata, never the gate.
        let addresses = checked(topology, &via.proxy.host, found, true)?;
        let stream = dial(network, &addresses, via.proxy.port).await.map_err(|err| via.failed(&err))?;
        return via.open(stream, target).await;
    }
    let found = match target.host.ip() {
        Some(ip) => vec![ip],
        None => resolve(network, target.host.as_str()).await?,
    };
    let addresses = checked(topology, &target.host, found, private)?;
    dial(network, &addresses, target.port).await
}

/// Connects to a service that the host's own configuration names, wherever it is.
pub(crate) async fn connect_service(
    network: &Arc<dyn Network>,
    service: &str,
    port: u16,
) -> Result<TcpStream, Refusal> {
    let mut found = resolve(network, service).await?;
    found.truncate(DIAL_ADDRESSES);
    dial(network, &found, port).await
}

async fn resolve(network: &Arc<dyn Network>, name: &str) -> Result<Vec<IpAddr>, Refusal> {
    let found = tokio::time::timeout(RESOLVE_TIME, network.resolve(name))
        .await
        .unwrap_or_else(|_| Err("the resolver did not answer in time".to_owned()))
        .map_err(Refusal::Unresolved)?;
    if found.is_empty() {
        return Err(Refusal::Unresolved("the name has no address".to_owned()));
    }
    Ok(found)
}

/// The addresses of `found` that may be dialled, IPv4 first; refused when none is left.
fn checked(
    topology: &Topology,
    host: &Host,
    found: Vec<IpAddr>,
    private: bool,
) -> Result<Vec<IpAddr>, Refusal> {
    let mut refused = None;
    let mut good = Vec::new();
    for ip in found {
        let ip = ip.to_canonical();
        let class = address::class(ip);
        let bad = if class.may_dial(private) { topology.refuses(ip, private) } else { Some(class.code()) };
        match bad {
            None => good.push(ip),
            Some(class) => refused = refused.or(Some((ip, class))),
        }
    }
    match refused {
        Some((address, class)) if good.is_empty() => {
            Err(Refusal::Address { host: host.as_str().to_owned(), address, class })
        }
        _ => {
            good.sort_by_key(IpAddr::is_ipv6);
            good.dedup();
            good.truncate(DIAL_ADDRESSES);
            Ok(good)
        }
    }
}

/// Tries the addresses in order, each with a head start; the first connection wins.
async fn dial(network: &Arc<dyn Network>, addresses: &[IpAddr], port: u16) -> Result<TcpStream, Refusal> {
    let mut waiting = addresses.iter().map(|ip| SocketAddr::new(*ip, port));
    let mut attempts = JoinSet::new();
    let mut failure = None;
    loop {
        if let Some(address) = waiting.next() {
            let network = network.clone();
            attempts.spawn(async move { dial_one(&*network, address).await });
        } else if attempts.is_empty() {
            return Err(failure.unwrap_or(Refusal::UpstreamTimeout));
        }
        let more = waiting.len() > 0;
        tokio::select! {
            Some(done) = attempts.join_next() => match done {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(err)) => failure = Some(err),
                // The attempt panicked; the others decide.
                Err(_) => {}
            },
            () = tokio::time::sleep(DIAL_STAGGER), if more => {}
        }
    }
}

async fn dial_one(network: &dyn Network, address: SocketAddr) -> Result<TcpStream, Refusal> {
    let dialled =
        tokio::time::timeout(DIAL_TIME, network.dial(address)).await.map_err(|_| Refusal::UpstreamTimeout)?;
    let stream = dialled.map_err(|err| match err.kind() {
        io::ErrorKind::TimedOut => Refusal::UpstreamTimeout,
        _ => Refusal::Unreachable(err),
    })?;
    prepare(&stream).map_err(Refusal::Unreachable)?;
    Ok(stream)
}

/// What every socket of the gate needs, on both legs: without `TCP_NODELAY` a new connection
/// costs 44 ms (Nagle against delayed acknowledgements, measured).
pub(crate) fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    rustix::net::sockopt::set_socket_keepalive(stream, true)?;
    rustix::net::sockopt::set_tcp_keepidle(stream, crate::limits::KEEPALIVE)?;
    Ok(())
}
