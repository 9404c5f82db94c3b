//! The trust files that the sidecar shares with the dev container, read-only there.
//!
//! Variables that REPLACE a program's roots point to the full bundle, variables that ADD point to
//! the extra CAs alone, and the JVM takes its own store.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::certificate::{self, Certificate};
use crate::file;
use crate::keystore::pkcs12;

/// Public roots and extra CAs, PEM.
pub const BUNDLE: &str = "bundle.pem";
/// The extra CAs alone, PEM.
pub const EXTRA: &str = "ca-extra.pem";
/// Public roots and extra CAs, PKCS #12, password [`PASSWORD`].
pub const KEYSTORE: &str = "cacerts.p12";
/// The password that every JVM expects of its trust store; it protects nothing.
pub const PASSWORD: &str = "changeit";

const MODE: u32 = 0o644;

/// Why the shared trust files were not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShareError {
    /// The public bundle holds no certificate, so a program that is pointed to it would trust nothing.
    #[error("the public bundle holds no certificate")]
    NoPublicRoots,
    /// An extra CA is not a certificate. Counted from 0.
    #[error("extra CA number {index} is not a certificate in PEM form")]
    NotACertificate {
        /// Its place in the list.
        index: usize,
    },
    /// A file could not be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl ShareError {
    /// A next step for the user.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoPublicRoots => Some("build the sidecar on a machine that has ca-certificates"),
            Self::NotACertificate { .. } => Some("give one PEM block per CA"),
            Self::Write { .. } => None,
        }
    }
}

/// Writes [`BUNDLE`], [`EXTRA`] and [`KEYSTORE`] into the folder `dir`, which is made when missing.
///
/// `public_bundle_pem` may hold anything between its blocks; each item of `extra` holds one certificate or more.
/// Each file is replaced in one step, has mode 0644, and keeps its bytes when the certificates are the same.
///
/// # Errors
///
/// See [`ShareError`]; everything is checked before the first file is written.
pub fn write<S: AsRef<str>>(dir: &Path, public_bundle_pem: &str, extra: &[S]) -> Result<(), ShareError> {
    let public = certificate::parse_all(public_bundle_pem.as_bytes());
    if public.is_empty() {
        return Err(ShareError::NoPublicRoots);
    }
    let mut added = Vec::new();
    for (index, pem) in extra.iter().enumerate() {
        let certificates = certificate::parse_all(pem.as_ref().as_bytes());
        if certificates.is_empty() {
            return Err(ShareError::NotACertificate { index });
        }
        added.extend(certificates);
    }
    let added = certificate::distinct(added);
    let all = certificate::distinct(public.into_iter().chain(added.iter().cloned()));

    fs::create_dir_all(dir).map_err(|source| ShareError::Write { path: dir.to_owned(), source })?;
    put(dir, EXTRA, pem_of(&added).as_bytes())?;
    put(dir, BUNDLE, pem_of(&all).as_bytes())?;
    put(dir, KEYSTORE, &pkcs12::create(&all, PASSWORD))
}

fn pem_of(certificates: &[Certificate]) -> String {
    certificates.iter().map(Certificate::to_pem).collect()
}

fn put(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), ShareError> {
    let path = dir.join(name);
    match file::replace(&path, bytes, MODE) {
        Ok(_) => Ok(()),
        Err(source) => Err(ShareError::Write { path, source }),
    }
}

#[cfg(test)]
mod tests;
