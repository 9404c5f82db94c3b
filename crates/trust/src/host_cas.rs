//! The certificate authorities that an administrator added to the host, which may be Linux, macOS or Windows.
//!
//! A company network that inspects TLS signs with such a CA, so whatever talks through it needs the
//! CA too. Public roots are not listed.

use std::collections::HashSet;
use std::env;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::certificate::Certificate;

mod files;
#[cfg(target_os = "macos")]
mod keychain;
#[cfg(any(windows, test))]
mod registry;
mod walk;

/// Variables by which tools of the host are told about a CA: files with PEM certificates.
const VARIABLES: [&str; 6] = [
    "AWS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
];

/// A certificate that an administrator added to the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostCa {
    /// For example `CN=Acme Root, O=Acme`; foreign text, escape it before showing it.
    pub subject: String,
    /// The SHA-256 of the certificate, 64 lower-case hexadecimal digits.
    pub fingerprint_sha256: String,
    /// The certificate alone, as one PEM block.
    pub pem: String,
    /// The file it was found in, or the name of the store.
    pub source: PathBuf,
}

/// Finds the CAs added to this host: in the folders and bundles of Linux distributions, macOS's trust settings of the
/// administrator, Windows' root stores, and the files that variables such as `NODE_EXTRA_CA_CERTS` name.
///
/// What cannot be read is passed over. Without repetitions.
pub fn find() -> Vec<HostCa> {
    let bundles: Vec<PathBuf> = VARIABLES.iter().filter_map(env::var_os).map(PathBuf::from).collect();
    let mut found = Found::default();
    files::find(Path::new("/"), &bundles, &mut found);
    #[cfg(target_os = "macos")]
    keychain::find(&mut found);
    #[cfg(windows)]
    registry::find(&mut found);
    found.cas
}

/// The public roots of this host as PEM: its bundle without the CAs that an administrator added. Mozilla's set where it
/// has none, as on Windows.
///
/// This is what goes into an image that others may get: a company's CA is carried along only where the user asked for it.
pub fn public_bundle() -> String {
    let mut roots = files::public(Path::new("/"));
    if roots.is_empty() {
        roots = mozilla();
    }
    roots.iter().map(Certificate::to_pem).collect()
}

fn mozilla() -> Vec<Certificate> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|der| Certificate::from_der(der)).collect()
}

#[derive(Default)]
struct Found {
    cas: Vec<HostCa>,
    seen: HashSet<String>,
}

impl Found {
    /// Those of `certificates`, found in `source`, that are not `public` and were not found before.
    fn add(&mut self, source: &Path, certificates: Vec<Certificate>, public: &HashSet<String>) {
        for certificate in certificates {
            let fingerprint_sha256 = certificate.fingerprint_sha256();
            if !public.contains(&fingerprint_sha256) && self.seen.insert(fingerprint_sha256.clone()) {
                self.cas.push(HostCa {
                    subject: certificate.subject(),
                    fingerprint_sha256,
                    pem: certificate.to_pem(),
                    source: source.to_owned(),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests;
