//! Certificates for the names that clients ask for, made when they are asked for.
//!
//! All share one key: making a key costs as much as signing, and the key protects one hop inside
//! the machine. They are short-lived, and back-dated for containers whose clock is behind.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use drawbridge_policy::Host;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256};
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::authority::{Authority, moment};
use super::{Protocol, provider};
use crate::limits::LEAVES;

const HOUR: i64 = 60 * 60;
/// Lifetime of a leaf in seconds.
const AGE: i64 = 7 * 24 * HOUR;
/// A cached leaf is replaced this long before its end.
const RENEW: i64 = 24 * HOUR;

/// Server sides of TLS, by host and protocol.
pub(super) struct Leaves {
    key: KeyPair,
    provider: Arc<CryptoProvider>,
    /// Ticket keys and sessions that all servers share, so that resumption works.
    base: ServerConfig,
    cache: Mutex<HashMap<(Host, Protocol), Made>>,
}

struct Made {
    config: Arc<ServerConfig>,
    ends: i64,
    /// Another one may be in force by now.
    by: Arc<Authority>,
}

/// The one certificate of a server.
#[derive(Debug)]
struct Fixed(Arc<CertifiedKey>);

impl ResolvesServerCert for Fixed {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

type Failure = Box<dyn Error + Send + Sync>;

impl Leaves {
    pub(super) fn new() -> Result<Self, Failure> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let provider = provider();
        // Replaced in every copy; a server without certificate refuses each handshake.
        let none = Arc::new(rustls::server::ResolvesServerCertUsingSni::new());
        let mut base = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(none);
        base.ticketer = rustls::crypto::ring::Ticketer::new()?;
        base.ignore_client_order = true;
        base.send_tls13_tickets = 1;
        Ok(Self { key, provider, base, cache: Mutex::default() })
    }

    /// The server side for `host`, which offers nothing but `protocol`.
    pub(super) fn server(
        &self,
        authority: &Arc<Authority>,
        host: &Host,
        protocol: Protocol,
        now: i64,
    ) -> Result<Arc<ServerConfig>, Failure> {
        let key = (host.clone(), protocol);
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |made: &&Made| made.ends - now > RENEW && Arc::ptr_eq(&made.by, authority);
        if let Some(made) = cache.get(&key).filter(fits) {
            return Ok(made.config.clone());
        }
        let mut config = self.base.clone();
        config.cert_resolver = Arc::new(Fixed(Arc::new(self.mint(authority, host, now)?)));
        config.alpn_protocols = vec![protocol.alpn().to_vec()];
        let config = Arc::new(config);
        if cache.len() >= LEAVES {
            // A flood of names under a wildcard; the next ones cost 60 µs again.
            cache.clear();
        }
        cache.insert(key, Made { config: config.clone(), ends: now + AGE, by: authority.clone() });
        Ok(config)
    }

    fn mint(&self, authority: &Authority, host: &Host, now: i64) -> Result<CertifiedKey, Failure> {
        let mut params = CertificateParams::new([host.as_str().to_owned()])?;
        // The name stands in subjectAltName; a common name has room for 64 characters only.
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.not_before = moment(now - HOUR);
        params.not_after = moment(now + AGE);
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // All leaves have one key, so a serial number made from it would be the same for all.
        let mut serial = [0; 16];
        self.provider.secure_random.fill(&mut serial).map_err(|_| "no randomness")?;
        serial[0] &= 0x7f;
        params.serial_number = Some(serial.to_vec().into());
        let leaf = params.signed_by(&self.key, authority.issuer())?;
        let key = PrivatePkcs8KeyDer::from(self.key.serialize_der());
        let key = self.provider.key_provider.load_private_key(key.into())?;
        Ok(CertifiedKey::new(vec![leaf.der().clone()], key))
    }
}
