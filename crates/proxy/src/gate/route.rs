//! Which way a permitted target is reached: directly, or through the proxy of the host's owner.

use drawbridge_policy::UpstreamProxy;
use tokio::net::TcpStream;

use super::{Gate, Permitted, Target};
use crate::refusal::Refusal;
use crate::upstream::{self, Via};

/// The proxy that connections leave through; `None` leaves directly.
pub(crate) type Route = Option<UpstreamProxy>;

/// A permitted target with the route that the policy said when the two were put together, and the number of the roots
/// that verify it.
///
/// A connection that is kept for later belongs to all: under another route or other roots it serves nobody.
#[derive(Debug)]
pub(crate) struct Routed {
    pub(crate) target: Permitted<Target>,
    pub(crate) route: Route,
    pub(crate) roots: u64,
}

impl Gate {
    /// The target with the route and the roots of now.
    pub(crate) fn routed(&self, target: Permitted<Target>) -> Routed {
        Routed { route: self.route(&target), target, roots: self.inspection.upstreams.roots() }
    }

    /// Connects to a permitted target, at an address that was checked. A policy that changed
    /// meanwhile has the last word.
    pub(crate) async fn connect(&self, target: &Permitted<Target>) -> Result<TcpStream, Refusal> {
        self.connect_by(target, &self.route(target)).await
    }

    /// As [`Gate::connect`], by the route that was found before.
    pub(crate) async fn connect_by(
        &self,
        target: &Permitted<Target>,
        route: &Route,
    ) -> Result<TcpStream, Refusal> {
        let via = route.as_ref().map(|proxy| self.via(proxy)).transpose()?;
        let stream = upstream::connect(&self.network, &self.topology, target, via.as_ref()).await?;
        target.question().judge(&self.policy().policy, self.clock.now())?;
        Ok(stream)
    }

    /// Private targets are reached directly.
    fn route(&self, target: &Permitted<Target>) -> Route {
        let in_force = self.policy();
        in_force.policy.upstream_proxy().filter(|_| !target.decision().private).cloned()
    }

    fn via(&self, proxy: &UpstreamProxy) -> Result<Via, Refusal> {
        let credentials = match &proxy.secret {
            None => None,
            Some(name) => Some(self.secrets.basic(name, &proxy.authority).ok_or_else(|| {
                let proxy = &proxy.authority;
                Refusal::BadUpstream(format!("the secret `{name}` with credentials for {proxy} is not set"))
            })?),
        };
        Ok(Via { proxy: proxy.authority.clone(), credentials })
    }
}
