//! TLS that ends in the sidecar, for the hosts whose rules depend on the request inside it.
//!
//! The client sees a certificate of the project's own CA, the upstream's certificate is verified
//! as a browser would, and both legs speak the protocol that the upstream chose (ALPN mirrored),
//! so nothing is translated between HTTP/1.1 and HTTP/2 and no framing can be misread on the way.

mod authority;
mod client;
mod leaf;
mod upstream;

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::crypto::{CryptoProvider, ring};

use crate::config::Roots;
use crate::error::Error;
use authority::Authority;
pub(crate) use authority::CertificateFacts;
pub(crate) use client::{Ended, end_refused, end_tls};
use leaf::Leaves;
pub(crate) use upstream::{SWEEP, Sender, Upstreams};

/// What is spoken inside TLS, on both legs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Protocol {
    /// HTTP/1.1, also where no ALPN was negotiated.
    Http1,
    /// HTTP/2.
    Http2,
}

/// What one end offers in its handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) http1: bool,
    pub(crate) http2: bool,
}

/// The project's CA, the certificates made with it, and the connections to upstreams.
pub(crate) struct Inspection {
    authority: RwLock<Arc<Authority>>,
    leaves: Leaves,
    pub(crate) upstreams: Upstreams,
}

impl Inspection {
    /// Opens the CA at `path`, or makes one. `roots` says whom upstreams may be signed by.
    ///
    /// # Errors
    ///
    /// The sidecar does not start without its CA: what must be inspected would be closed.
    pub(crate) fn open(path: &Path, roots: Option<Roots>, now: i64) -> Result<Self, Error> {
        let authority = Authority::open(path, now)?;
        let leaves = Leaves::new().map_err(|source| Error::Setup { what: "TLS", source })?;
        let authority = RwLock::new(Arc::new(authority));
        Ok(Self { authority, leaves, upstreams: Upstreams::new(roots) })
    }

    /// The CA's certificate, for the share and for people.
    pub(crate) fn certificate(&self) -> CertificateFacts {
        self.authority().facts().clone()
    }

    /// Makes another CA in the place of the one at `path`. The old key is gone, and nothing that it
    /// signed is given to anybody again.
    pub(crate) fn rotate(&self, path: &Path, now: i64) -> Result<(), Error> {
        let new = Arc::new(Authority::make(path, now)?);
        *self.authority.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// Whether the CA ends before its last leaf would.
    pub(crate) fn ends(&self, now: i64) -> bool {
        self.authority().ends(now)
    }

    fn authority(&self) -> Arc<Authority> {
        self.authority.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Protocol {
    /// The name in ALPN (RFC 7301, RFC 9113 §3.2).
    fn alpn(self) -> &'static [u8] {
        match self {
            Self::Http1 => b"http/1.1",
            Self::Http2 => b"h2",
        }
    }
}

impl Offer {
    /// What a list of ALPN names stands for; no list means HTTP/1.1.
    fn read<'a>(names: Option<impl Iterator<Item = &'a [u8]>>) -> Self {
        let Some(names) = names else { return Self { http1: true, http2: false } };
        let mut offer = Self { http1: false, http2: false };
        for name in names {
            offer.http1 |= name == Protocol::Http1.alpn();
            offer.http2 |= name == Protocol::Http2.alpn();
        }
        offer
    }

    fn has(self, protocol: Protocol) -> bool {
        match protocol {
            Protocol::Http1 => self.http1,
            Protocol::Http2 => self.http2,
        }
    }
}

/// The one implementation of cryptography; nothing is taken from the process.
///
/// AES-128 comes first: its hash has instructions of its own on processors of today, which that of AES-256 has not, and
/// a handshake hashes a lot. Both are out of reach.
fn provider() -> Arc<CryptoProvider> {
    let mut provider = ring::default_provider();
    let first = ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
    provider.cipher_suites.sort_by_key(|suite| suite.suite() != first.suite());
    Arc::new(provider)
}
