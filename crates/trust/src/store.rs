//! One file that programs read their roots from, and how certificates get in and out of it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::certificate::{self, Certificate};
use crate::keystore::{self, KeystoreError, USUAL_PASSWORDS};

/// Who reads a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The distribution's store: OpenSSL, `GnuTLS`, Go, and whatever asks them.
    System,
    /// A JVM, or an IDE that runs on one.
    Java,
    /// Chromium and other programs with an NSS database.
    Nss,
    /// A managed policy of Chromium or Firefox.
    BrowserPolicy,
    /// A bundle that a variable of the environment names.
    Variable,
}

/// What happened to a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// The certificates were put in.
    Added,
    /// A dry run: they would be put in.
    WouldAdd,
    /// It was moved to a place where the user who was named may change it.
    HandedOver,
    /// They are in it.
    Present,
    /// They are not in it.
    Absent,
    /// The original bytes are back.
    Restored,
    /// A dry run: the original would come back, or the certificates would be taken out.
    WouldRemove,
    /// Somebody changed the store meanwhile: only the certificates were taken out.
    TakenOut,
    /// It was left as it is.
    Left {
        /// Why.
        why: String,
        /// A next step.
        hint: Option<String>,
    },
}

/// A store with what happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Who reads it.
    pub kind: Kind,
    /// Where it is; foreign text, escape it before showing it.
    pub path: PathBuf,
    /// What happened.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// How the certificates are kept in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// PEM blocks one after the other.
    Pem,
    /// JKS or PKCS #12.
    Keystore,
}

impl Form {
    /// The store with `cas`; `None` when they are in it.
    pub(crate) fn add(self, bytes: &[u8], cas: &[Certificate]) -> Result<Option<Vec<u8>>, KeystoreError> {
        match self {
            Self::Pem => Ok(add_pem(bytes, cas)),
            Self::Keystore => keystore::add(bytes, &USUAL_PASSWORDS, cas),
        }
    }

    /// The store without `cas`, as [`Form::add`] put them in; `None` when they are not in it.
    pub(crate) fn remove(self, bytes: &[u8], cas: &[Certificate]) -> Result<Option<Vec<u8>>, KeystoreError> {
        match self {
            Self::Pem => Ok(remove_pem(bytes, cas)),
            Self::Keystore => keystore::remove(bytes, &USUAL_PASSWORDS, cas),
        }
    }
}

fn add_pem(bytes: &[u8], cas: &[Certificate]) -> Option<Vec<u8>> {
    let present = certificate::parse_all(bytes);
    let missing: Vec<&Certificate> = cas.iter().filter(|ca| !present.contains(ca)).collect();
    if missing.is_empty() {
        return None;
    }
    let mut out = bytes.to_vec();
    if out.last().is_some_and(|last| *last != b'\n') {
        out.push(b'\n');
    }
    out.extend(missing.into_iter().flat_map(|ca| ca.to_pem().into_bytes()));
    Some(out)
}

fn remove_pem(bytes: &[u8], cas: &[Certificate]) -> Option<Vec<u8>> {
    let mut out = bytes.to_vec();
    for ca in cas {
        let block = ca.to_pem().into_bytes();
        if let Some(at) = out.windows(block.len()).position(|window| window == block) {
            out.drain(at..at + block.len());
        }
    }
    (out.len() < bytes.len()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: &str = include_str!("../tests/fixtures/acme-root.pem");
    const BETA: &str = include_str!("../tests/fixtures/beta-root.pem");

    #[test]
    fn a_bundle_without_a_last_newline_stays_readable() {
        let beta = certificate::parse_all(BETA.as_bytes());
        let with = Form::Pem.add(ACME.trim_end().as_bytes(), &beta).unwrap().unwrap();
        assert_eq!(with, [ACME, BETA].concat().as_bytes());
        assert_eq!(Form::Pem.add(&with, &beta).unwrap(), None);
        assert_eq!(Form::Pem.remove(&with, &beta).unwrap(), Some(ACME.as_bytes().to_vec()));
        assert_eq!(Form::Pem.remove(ACME.as_bytes(), &beta).unwrap(), None);
    }
}
