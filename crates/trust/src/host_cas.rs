//! The certificate authorities that an administrator added to a Linux host.
//!
//! A company network that inspects TLS signs with such a CA, so whatever talks through it needs the
//! CA too. The public roots of the distribution are not listed.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::certificate::{self, Certificate};
use crate::file;

mod walk;

/// Where administrators put certificates, and how the distribution names files there.
const ANCHORS: [&str; 8] = [
    "usr/local/share/ca-certificates",                // Debian, Ubuntu, Alpine
    "etc/pki/ca-trust/source/anchors",                // Fedora, RHEL, Amazon Linux
    "usr/share/pki/ca-trust-source/anchors",          // Fedora, RHEL: packages of the company
    "etc/pki/trust/anchors",                          // SUSE
    "usr/share/pki/trust/anchors",                    // SUSE: packages of the company
    "etc/ca-certificates/trust-source/anchors",       // Arch
    "usr/share/ca-certificates/trust-source/anchors", // Arch: packages of the company
    "etc/ssl/trust-source/anchors",                   // p11-kit's own default
];

/// The bundles that programs read.
const BUNDLES: [&str; 5] = [
    "etc/ssl/certs/ca-certificates.crt", // Debian, Alpine, Arch, SUSE
    "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora, RHEL, Arch
    "etc/pki/tls/certs/ca-bundle.crt",   // Fedora, RHEL
    "etc/ssl/ca-bundle.pem",             // SUSE
    "etc/ssl/cert.pem",                  // Alpine, and what OpenSSL falls back to
];

/// The distribution's own set: directories of `.crt` files, and p11-kit files.
const PUBLIC_DIR: &str = "usr/share/ca-certificates/mozilla"; // Debian, Alpine
const PUBLIC_FILES: [&str; 5] = [
    "usr/share/pki/ca-trust-source/ca-bundle.trust.p11-kit", // Fedora, RHEL
    "usr/share/pki/trust/ca-certificates-mozilla.trust.p11-kit", // SUSE
    "usr/share/pki/trust/ca-bundle.trust.p11-kit",
    "usr/share/ca-certificates/trust-source/mozilla.trust.p11-kit", // Arch
    "usr/share/ca-certificates/trust-source/ca-bundle.trust.p11-kit",
];

/// A set of roots with fewer certificates than this is taken for incomplete, so it proves nothing about a bundle.
const FEWEST_PUBLIC_ROOTS: usize = 50;

/// A certificate that an administrator added to the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostCa {
    /// For example `CN=Acme Root, O=Acme`; foreign text, escape it before showing it.
    pub subject: String,
    /// The SHA-256 of the certificate, 64 lower-case hexadecimal digits.
    pub fingerprint_sha256: String,
    /// The certificate alone, as one PEM block.
    pub pem: String,
    /// The file it was found in.
    pub source: PathBuf,
}

/// Finds the CAs added to the host whose file system starts at `root` (`/` outside of tests).
///
/// Looks into the folders for added certificates, then for certificates in the system's bundle that
/// the distribution does not ship, where its own set is known. Unreadable files are passed over.
/// Sorted by source, without repetitions.
pub fn find(root: &Path) -> Vec<HostCa> {
    find_with(root, &[])
}

/// As [`find`], and also looks into `bundles`: the files that variables such as `SSL_CERT_FILE`
/// and `NODE_EXTRA_CA_CERTS` name.
///
/// When the distribution's own set is not known, a bundle as large as a public one tells nothing and is passed over.
pub fn find_with(root: &Path, bundles: &[PathBuf]) -> Vec<HostCa> {
    let mut found = Found::default();
    for folder in ANCHORS {
        for path in walk::files(&root.join(folder), is_anchor) {
            found.add_file(&path, &HashSet::new());
        }
    }
    let public = public_fingerprints(root);
    let known = public.len() >= FEWEST_PUBLIC_ROOTS;
    let system: Vec<PathBuf> = BUNDLES.iter().map(|bundle| root.join(bundle)).collect();
    for path in system.iter().filter(|_| known).chain(bundles) {
        let certificates = read_certificates(path);
        if known || certificates.len() < FEWEST_PUBLIC_ROOTS {
            found.add(path, certificates, &public);
        }
    }
    found.cas
}

/// The public roots of the host as PEM: its bundle without the CAs that [`find`] reports.
///
/// `None` when the host has no bundle. This is what goes into an image that others may get: a
/// company's CA is carried along only where the user asked for it.
pub fn public_bundle(root: &Path) -> Option<String> {
    let added: HashSet<String> = find(root).into_iter().map(|ca| ca.fingerprint_sha256).collect();
    let bundle = BUNDLES
        .iter()
        .map(|bundle| read_certificates(&root.join(bundle)))
        .find(|certificates| !certificates.is_empty())?;
    Some(
        certificate::distinct(bundle)
            .iter()
            .filter(|certificate| !added.contains(&certificate.fingerprint_sha256()))
            .map(Certificate::to_pem)
            .collect(),
    )
}

#[derive(Default)]
struct Found {
    cas: Vec<HostCa>,
    seen: HashSet<String>,
}

impl Found {
    fn add_file(&mut self, path: &Path, public: &HashSet<String>) {
        self.add(path, read_certificates(path), public);
    }

    fn add(&mut self, path: &Path, certificates: Vec<Certificate>, public: &HashSet<String>) {
        for certificate in certificates {
            let fingerprint_sha256 = certificate.fingerprint_sha256();
            if !public.contains(&fingerprint_sha256) && self.seen.insert(fingerprint_sha256.clone()) {
                self.cas.push(HostCa {
                    subject: certificate.subject(),
                    fingerprint_sha256,
                    pem: certificate.to_pem(),
                    source: path.to_owned(),
                });
            }
        }
    }
}

fn read_certificates(path: &Path) -> Vec<Certificate> {
    file::read(path).map(|bytes| certificate::parse_all(&bytes)).unwrap_or_default()
}

fn public_fingerprints(root: &Path) -> HashSet<String> {
    walk::files(&root.join(PUBLIC_DIR), |path| walk::has_extension(path, &["crt"]))
        .into_iter()
        .chain(PUBLIC_FILES.iter().map(|path| root.join(path)))
        .flat_map(|path| read_certificates(&path))
        .map(|certificate| certificate.fingerprint_sha256())
        .collect()
}

fn is_anchor(path: &Path) -> bool {
    walk::has_extension(path, &["crt", "pem", "cer", "der", "p11-kit"])
}

#[cfg(test)]
mod tests;
