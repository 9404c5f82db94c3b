//! What an administrator added to the files of a Linux host; the distribution's public roots are not listed.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::{Found, walk};
use crate::certificate::{self, Certificate};
use crate::file;

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

/// Finds what was added to the host whose file system starts at `root` (`/` outside of tests), and looks into
/// `bundles` too.
///
/// Looks into the folders for added certificates, then for certificates in the system's bundle that
/// the distribution does not ship, where its own set is known; when it is not known, a bundle as large as a public
/// one tells nothing and is passed over. Unreadable files are passed over.
pub(super) fn find(root: &Path, bundles: &[PathBuf], found: &mut Found) {
    for folder in ANCHORS {
        for path in walk::files(&root.join(folder), is_anchor) {
            found.add(&path, read_certificates(&path), &HashSet::new());
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
}

/// The public roots of the host: its bundle without the CAs that [`find`] reports; none when it has no bundle.
pub(super) fn public(root: &Path) -> Vec<Certificate> {
    let mut added = Found::default();
    find(root, &[], &mut added);
    let bundle = BUNDLES
        .iter()
        .map(|bundle| read_certificates(&root.join(bundle)))
        .find(|certificates| !certificates.is_empty())
        .unwrap_or_default();
    let mut bundle = certificate::distinct(bundle);
    bundle.retain(|certificate| !added.seen.contains(&certificate.fingerprint_sha256()));
    bundle
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
