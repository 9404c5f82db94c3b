//! The project's CA: made here, kept here. Only its certificate leaves the sidecar.
//!
//! One per project, so that a stolen key opens one project's traffic. It signs leaves only
//! (`pathLenConstraint` 0) and its name carries the key's digest, so that two projects' CAs are told
//! apart in a trust store.

use std::io::{self, Read as _};
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use crate::error::Error;
use crate::state::write_atomic;

/// Lifetime of the CA in seconds.
pub(crate) const MAX_AGE: i64 = 90 * DAY;
const DAY: i64 = 24 * 60 * 60;
/// A CA that ends sooner is made anew at the start, when most programs are about to start too.
const RENEW: i64 = 30 * DAY;
/// A CA that ends sooner is made anew while programs run that know no other; longer than any leaf lives.
const LAST: i64 = 8 * DAY;
/// A key and a certificate need 1 KiB.
const MAX_BYTES: u64 = 64 * 1024;
/// Text in front of the PEM blocks, which PEM readers skip (RFC 7468 §2).
const END: &str = "ends: ";

/// What people and trust stores get to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct CertificateFacts {
    /// `CN=…`
    pub(crate) subject: String,
    /// SHA-256 of the certificate, lower-case hex.
    pub(crate) fingerprint_sha256: String,
    /// Unix seconds.
    pub(crate) not_after: i64,
    /// One PEM block.
    pub(crate) pem: String,
}

/// The key and what it signs with.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    facts: CertificateFacts,
}

impl Authority {
    /// Reads the CA, or makes one where there is none, its end is near, or it ends later than any that is made now.
    pub(super) fn open(path: &Path, now: i64) -> Result<Self, Error> {
        let failed = |source| Error::File { path: path.to_owned(), source };
        match read(path).map_err(failed)? {
            Some(text) => {
                let known = Self::parse(&text).ok_or_else(|| failed(io::ErrorKind::InvalidData.into()))?;
                // A day more, for a clock that was set back.
                let fits = RENEW < known.left(now) && known.left(now) <= MAX_AGE + DAY;
                if fits { Ok(known) } else { Self::make(path, now) }
            }
            None => Self::make(path, now),
        }
    }

    pub(super) fn facts(&self) -> &CertificateFacts {
        &self.facts
    }

    /// Whether it cannot wait for the next start.
    pub(super) fn ends(&self, now: i64) -> bool {
        self.left(now) <= LAST
    }

    fn left(&self, now: i64) -> i64 {
        self.facts.not_after - now
    }

    pub(super) fn issuer(&self) -> &Issuer<'static, KeyPair> {
        &self.issuer
    }

    /// Makes a CA; one that is there is replaced.
    pub(super) fn make(path: &Path, now: i64) -> Result<Self, Error> {
        let setup = |source: rcgen::Error| Error::Setup { what: "the project's CA", source: source.into() };
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(setup)?;
        let ends = now + MAX_AGE;
        let mut params = params(&key);
        params.not_before = moment(now - DAY);
        params.not_after = moment(ends);
        let certificate = params.self_signed(&key).map_err(setup)?;
        let pem = certificate.pem();
        let text = format!("{END}{ends}\n{pem}{}", key.serialize_pem());
        write_atomic(path, text.as_bytes(), 0o600)
            .map_err(|source| Error::File { path: path.to_owned(), source })?;
        Ok(Self::new(certificate.der(), pem, key, ends))
    }

    fn parse(text: &str) -> Option<Self> {
        let ends = text.lines().next()?.strip_prefix(END)?.parse().ok()?;
        let key = KeyPair::from_pem(block(text, "PRIVATE KEY")?).ok()?;
        let pem = block(text, "CERTIFICATE")?;
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
        Some(Self::new(&certificate, pem.to_owned(), key, ends))
    }

    fn new(certificate: &CertificateDer<'_>, pem: String, key: KeyPair, not_after: i64) -> Self {
        let facts = CertificateFacts {
            subject: format!("CN={}", name(&key)),
            fingerprint_sha256: hex(&Sha256::digest(certificate)),
            not_after,
            pem,
        };
        Self { issuer: Issuer::new(params(&key), key), facts }
    }
}

/// What of the certificate the issuer of leaves must repeat.
fn params(key: &KeyPair) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name(key));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn name(key: &KeyPair) -> String {
    let digest = Sha256::digest(key.public_key_raw());
    format!("Drawbridge gate of one project {}", hex(&digest[..4]))
}

/// One PEM block alone, which some readers insist on.
fn block<'t>(text: &'t str, label: &str) -> Option<&'t str> {
    let last = format!("-----END {label}-----\n");
    let start = text.find(&format!("-----BEGIN {label}-----"))?;
    let end = text.find(&last)? + last.len();
    text.get(start..end)
}

fn read(path: &Path) -> io::Result<Option<String>> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(err) => return Err(err),
    };
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(Some(text))
}

/// A point in time for a certificate.
pub(super) fn moment(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    const NOW: i64 = 1_790_000_000;

    #[test]
    fn pitfall_24_the_key_is_private_and_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let first = Authority::open(&path, NOW).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let again = Authority::open(&path, NOW + DAY).unwrap();
        assert_eq!(first.facts, again.facts);
        assert!(!first.facts.pem.contains("PRIVATE"));
        assert_eq!(
            CertificateDer::from_pem_slice(first.facts.pem.as_bytes()).unwrap(),
            CertificateDer::from_pem_slice(&std::fs::read(&path).unwrap()).unwrap()
        );
    }

    #[test]
    fn it_lives_ninety_days_at_most_and_a_damaged_one_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let first = Authority::open(&path, NOW).unwrap();
        let later = Authority::open(&path, NOW + MAX_AGE - RENEW).unwrap();
        assert_ne!(first.facts.fingerprint_sha256, later.facts.fingerprint_sha256);
        let long_ago = Authority::open(&path, NOW - DAY).unwrap();
        assert_ne!(
            later.facts.fingerprint_sha256, long_ago.facts.fingerprint_sha256,
            "it would live for longer"
        );
        assert_eq!(long_ago.facts.not_after, NOW - DAY + MAX_AGE);
        std::fs::write(&path, "ends: 1\nnothing").unwrap();
        assert!(matches!(Authority::open(&path, NOW), Err(Error::File { .. })));
    }
}
