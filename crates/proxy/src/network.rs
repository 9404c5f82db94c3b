//! Names to addresses and addresses to connections: everything that leaves the sidecar.
//!
//! A trait, so that tests answer names and carry connections to loopback servers without any
//! flag that would do the same in the product.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::LookupIpStrategy;
use hickory_resolver::proto::rr::Name;
use tokio::net::TcpStream;

use crate::error::Error;
use crate::limits::RESOLVE_TIME;

/// A future behind a trait object.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The outside.
pub(crate) trait Network: Send + Sync {
    /// Every address of `name`, a canonical host name; unchecked. The error is a line for people.
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, String>>;

    /// Connects to an address that was checked.
    fn dial(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>>;
}

/// The resolver of `/etc/resolv.conf`, which is the engine's, and plain sockets.
pub(crate) struct System {
    resolver: TokioResolver,
}

impl System {
    /// Reads `/etc/resolv.conf` and `/etc/hosts`.
    pub(crate) fn new(ipv6: bool) -> Result<Self, Error> {
        let setup = |source: hickory_resolver::net::NetError| Error::Setup {
            what: "the resolver",
            source: source.into(),
        };
        let mut builder = TokioResolver::builder_tokio().map_err(setup)?;
        let options = builder.options_mut();
        options.ip_strategy = if ipv6 { LookupIpStrategy::Ipv4AndIpv6 } else { LookupIpStrategy::Ipv4Only };
        options.timeout = RESOLVE_TIME / 2;
        options.attempts = 1;
        options.positive_min_ttl = Some(Duration::from_secs(5));
        options.positive_max_ttl = Some(Duration::from_mins(5));
        options.negative_max_ttl = Some(Duration::from_secs(2));
        Ok(Self { resolver: builder.build().map_err(setup)? })
    }
}

impl Network for System {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, String>> {
        Box::pin(async move {
            let mut absolute = Name::from_ascii(name).map_err(|err| err.to_string())?;
            // Search domains would make another name of it.
            absolute.set_fqdn(true);
            match self.resolver.lookup_ip(absolute).await {
                Ok(found) => Ok(found.iter().collect()),
                Err(err) if err.is_nx_domain() || err.is_no_records_found() => {
                    Err("the name does not exist".to_owned())
                }
                Err(err) => Err(err.to_string()),
            }
        })
    }

    fn dial(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>> {
        Box::pin(TcpStream::connect(address))
    }
}
