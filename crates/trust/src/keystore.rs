//! Java keystores: certificates read from them, added to them and taken out again.
//!
//! A change keeps every byte of the entries that are there, private keys included, and only rewrites
//! what seals the file. So taking out what was added gives the original bytes back.

use std::fmt;

use crate::certificate::Certificate;

pub(crate) mod jks;
pub(crate) mod pkcs12;

/// The passwords that JDKs and distributions put on their trust stores (JDK; macOS and some vendors).
pub const USUAL_PASSWORDS: [&str; 2] = ["changeit", "changeme"];

/// The length byte of a BER element without a stated length.
const INDEFINITE: u8 = 0x80;

/// The start of the alias of every entry that Drawbridge adds.
pub const ALIAS_PREFIX: &str = "drawbridge:";

/// A keystore format that can be read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Sun's JKS, the format of `cacerts` up to JDK 17.
    Jks,
    /// PKCS #12, the format of `cacerts` from JDK 18 on.
    Pkcs12,
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Jks => "JKS",
            Self::Pkcs12 => "PKCS #12",
        })
    }
}

/// Why a keystore was left as it is.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeystoreError {
    /// Neither JKS nor PKCS #12.
    #[error("not a JKS or PKCS #12 keystore: {looks_like}")]
    Format {
        /// What the first bytes say.
        looks_like: &'static str,
    },
    /// The structure breaks off or contradicts itself.
    #[error("corrupt {format} keystore: {what}")]
    Corrupt {
        /// The format that the file claims.
        format: Format,
        /// The part that cannot be read.
        what: &'static str,
    },
    /// None of the passwords opens it.
    #[error("the {format} keystore is protected by a password of its own")]
    Password {
        /// The format of the file.
        format: Format,
    },
    /// A valid file that uses an algorithm this code does not know.
    #[error("the {format} keystore uses {what}, which is not supported")]
    Unsupported {
        /// The format of the file.
        format: Format,
        /// The algorithm or structure.
        what: &'static str,
    },
}

impl KeystoreError {
    /// A next step for the user.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Password { .. } => {
                Some("add the CA with `keytool -importcert -trustcacerts` and that password")
            }
            Self::Format { .. } | Self::Unsupported { .. } => {
                Some("add the CA with the tool that made the store")
            }
            Self::Corrupt { .. } => Some("reinstall the JDK, or restore the file from its package"),
        }
    }
}

/// Tells the format by the first bytes.
///
/// # Errors
///
/// [`KeystoreError::Format`] for everything else, an empty file included.
pub fn detect(bytes: &[u8]) -> Result<Format, KeystoreError> {
    let looks_like = match bytes {
        [0xfe, 0xed, 0xfe, 0xed, ..] => return Ok(Format::Jks),
        [0x30, length, ..] if *length != INDEFINITE => return Ok(Format::Pkcs12),
        [] => "the file is empty",
        [0xce, 0xce, 0xce, 0xce, ..] => "it is a JCEKS keystore",
        [0x30, ..] => "it is BER with an indefinite length",
        [0, 0, 0, 1 | 2, ..] => "it looks like a Bouncy Castle keystore",
        [b'-', b'-', b'-', b'-', ..] => "it is PEM text",
        _ => "unknown first bytes",
    };
    Err(KeystoreError::Format { looks_like })
}

/// The trusted certificates of a keystore; those of private-key entries are left out.
///
/// # Errors
///
/// See [`KeystoreError`].
pub fn certificates(bytes: &[u8], passwords: &[&str]) -> Result<Vec<Certificate>, KeystoreError> {
    match detect(bytes)? {
        Format::Jks => jks::certificates(bytes, passwords),
        Format::Pkcs12 => pkcs12::certificates(bytes, passwords),
    }
}

/// The keystore with `added` trusted too; `None` when all of them are in it.
///
/// # Errors
///
/// See [`KeystoreError`]; a store that cannot be checked against a password is not changed.
pub fn add(
    bytes: &[u8],
    passwords: &[&str],
    added: &[Certificate],
) -> Result<Option<Vec<u8>>, KeystoreError> {
    match detect(bytes)? {
        Format::Jks => jks::add(bytes, passwords, added),
        Format::Pkcs12 => pkcs12::add(bytes, passwords, added),
    }
}

/// The keystore without those of `removed` that [`add`] put in; `None` when there are none.
///
/// # Errors
///
/// See [`KeystoreError`].
pub fn remove(
    bytes: &[u8],
    passwords: &[&str],
    removed: &[Certificate],
) -> Result<Option<Vec<u8>>, KeystoreError> {
    match detect(bytes)? {
        Format::Jks => jks::remove(bytes, passwords, removed),
        Format::Pkcs12 => pkcs12::remove(bytes, passwords, removed),
    }
}

/// The alias of an added certificate: the prefix and its fingerprint, so it clashes with nothing and is lower-case as Java wants it.
pub(crate) fn alias(certificate: &Certificate) -> String {
    format!("{ALIAS_PREFIX}{}", certificate.fingerprint_sha256())
}

/// Compares two digests without a shortcut at the first difference.
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |sum, (one, other)| sum | (one ^ other)) == 0
}

/// A deterministic salt, so that the same certificates give the same file.
pub(crate) fn salt(content: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    Sha256::digest(content).get(..20).map(<[u8]>::to_vec).unwrap_or_default()
}

#[cfg(test)]
mod tests;
