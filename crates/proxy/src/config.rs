//! What `drawbridge proxy run` is told by its arguments and environment.

use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr;

use crate::paths::Paths;

/// Fills the share before the sidecar reports healthy, for example with trust files. Gets the
/// share's path and the certificate of the project's CA as PEM.
pub type PrepareShare =
    Box<dyn Fn(&Path, &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> + Send + Sync>;

/// Reads whom the certificates of inspected upstreams may be signed by: PEM texts. Asked again when the folder of the extra
/// CAs changed.
pub type Roots = Box<dyn Fn() -> Vec<String> + Send + Sync>;

/// Everything the sidecar is told. `Config::default()` is right inside the container.
#[derive(Default)]
#[non_exhaustive]
pub struct Config {
    /// The sidecar's address on the internal network: bound, and given as the answer to every
    /// allowed name. `None` finds it: the interface that does not hold the default route.
    pub address: Option<IpAddr>,
    /// Address of the published-port relays. `None` is the interface of the default route.
    pub relay_address: Option<IpAddr>,
    /// Ports of the four entries.
    pub ports: Ports,
    /// Published ports of services behind the gate.
    pub relays: Vec<Relay>,
    /// Folders.
    pub paths: Paths,
    /// The repository's policy as text, from `DRAWBRIDGE_POLICY`; used when a container is
    /// created and the policy folder cannot be read.
    pub inline_policy: Option<String>,
    /// Identity of this container. `None` asks the kernel for the host name, which an engine
    /// sets anew for each container it creates.
    pub creation: Option<String>,
    /// Threads that serve connections; 0 and 1 both mean one.
    pub workers: usize,
    /// `None` trusts nobody.
    pub roots: Option<Roots>,
    /// Called before listening, and when the trust files change.
    pub prepare_share: Option<PrepareShare>,
}

/// Ports of the entries. Port 0 takes a free one, which tests use.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// DNS over UDP and TCP.
    pub dns: u16,
    /// Plain HTTP, steered here by DNS.
    pub http: u16,
    /// TLS, steered here by DNS.
    pub https: u16,
    /// Explicit proxy: CONNECT and absolute-form.
    pub proxy: u16,
}

impl Default for Ports {
    fn default() -> Self {
        Self { dns: 53, http: 80, https: 443, proxy: 3128 }
    }
}

/// A published port: connections to `listen` go to `service:port` on the internal network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// Port of the sidecar.
    pub listen: u16,
    /// Name of the service on the internal network.
    pub service: String,
    /// Port of that service.
    pub port: u16,
}

/// Why a `--publish` argument was not understood.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not LISTEN=SERVICE:PORT")]
pub struct RelayError(String);

impl FromStr for Relay {
    type Err = RelayError;

    /// Parses `LISTEN=SERVICE:PORT`. A service name has letters, digits, `-`, `_` and `.`.
    fn from_str(text: &str) -> Result<Self, RelayError> {
        let parse = || {
            let (listen, target) = text.split_once('=')?;
            let (service, port) = target.rsplit_once(':')?;
            let named = !service.is_empty()
                && service.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
            let listen = listen.parse().ok().filter(|port| *port != 0)?;
            let port = port.parse().ok().filter(|port| *port != 0)?;
            named.then(|| Self { listen, service: service.to_owned(), port })
        };
        parse().ok_or_else(|| RelayError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_names_both_ends() {
        let relay: Relay = "8080=web_app:3000".parse().unwrap();
        assert_eq!(relay, Relay { listen: 8080, service: "web_app".into(), port: 3000 });
        for bad in ["", "8080", "8080=web", "0=web:1", "1=web:0", "1=:2", "1=a b:2", "70000=a:1"] {
            assert!(bad.parse::<Relay>().is_err(), "{bad}");
        }
    }
}
