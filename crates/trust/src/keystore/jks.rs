//! JKS, after `sun.security.provider.JavaKeyStore`: big-endian fields, sealed by a SHA-1 over the
//! password, a phrase and everything before.

use sha1::{Digest, Sha1};

use super::{ALIAS_PREFIX, Format, KeystoreError, alias, same};
use crate::certificate::Certificate;

const MAGIC: [u8; 4] = [0xfe, 0xed, 0xfe, 0xed];
const SEAL: usize = 20;
const PHRASE: &[u8] = b"Mighty Aphrodite";
const X509: &str = "X.509";
const PRIVATE_KEY: u32 = 1;
const TRUSTED: u32 = 2;

/// See [`super::certificates`].
pub(crate) fn certificates(bytes: &[u8], passwords: &[&str]) -> Result<Vec<Certificate>, KeystoreError> {
    let store = Store::open(bytes, passwords)?;
    Ok(store.entries.into_iter().filter_map(|entry| entry.trusted).collect())
}

/// See [`super::add`].
pub(crate) fn add(
    bytes: &[u8],
    passwords: &[&str],
    added: &[Certificate],
) -> Result<Option<Vec<u8>>, KeystoreError> {
    let store = Store::open(bytes, passwords)?;
    let missing: Vec<&Certificate> = added
        .iter()
        .filter(|one| !store.entries.iter().any(|entry| entry.trusted.as_ref() == Some(one)))
        .collect();
    if missing.is_empty() {
        return Ok(None);
    }
    let mut raw: Vec<Vec<u8>> = store.entries.iter().map(|entry| entry.raw.to_vec()).collect();
    raw.extend(missing.into_iter().map(|one| encode_entry(one, store.version)));
    Ok(Some(store.seal(&raw)))
}

/// See [`super::remove`].
pub(crate) fn remove(
    bytes: &[u8],
    passwords: &[&str],
    removed: &[Certificate],
) -> Result<Option<Vec<u8>>, KeystoreError> {
    let store = Store::open(bytes, passwords)?;
    let kept: Vec<Vec<u8>> = store
        .entries
        .iter()
        .filter(|entry| {
            !(entry.alias.starts_with(ALIAS_PREFIX)
                && entry.trusted.as_ref().is_some_and(|one| removed.contains(one)))
        })
        .map(|entry| entry.raw.to_vec())
        .collect();
    Ok((kept.len() < store.entries.len()).then(|| store.seal(&kept)))
}

struct Entry<'a> {
    raw: &'a [u8],
    alias: String,
    trusted: Option<Certificate>,
}

struct Store<'a> {
    version: u32,
    entries: Vec<Entry<'a>>,
    password: String,
}

impl<'a> Store<'a> {
    fn open(bytes: &'a [u8], passwords: &[&str]) -> Result<Self, KeystoreError> {
        let (body, seal) = bytes
            .len()
            .checked_sub(SEAL)
            .and_then(|at| bytes.split_at_checked(at))
            .ok_or_else(|| corrupt("the file breaks off"))?;
        let (version, entries) = parse(body)?;
        let password = passwords
            .iter()
            .find(|password| same(&digest(password, body), seal))
            .ok_or(KeystoreError::Password { format: Format::Jks })?;
        Ok(Self { version, entries, password: (*password).to_owned() })
    }

    fn seal(&self, entries: &[Vec<u8>]) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&self.version.to_be_bytes());
        out.extend_from_slice(&length_u32(entries.len()));
        for entry in entries {
            out.extend_from_slice(entry);
        }
        let seal = digest(&self.password, &out);
        out.extend_from_slice(&seal);
        out
    }
}

fn parse(body: &[u8]) -> Result<(u32, Vec<Entry<'_>>), KeystoreError> {
    let mut cursor = Cursor(body);
    cursor.bytes(MAGIC.len())?;
    let version = cursor.u32()?;
    if !matches!(version, 1 | 2) {
        return Err(KeystoreError::Unsupported { format: Format::Jks, what: "an unknown version" });
    }
    let count = cursor.u32()?;
    let mut entries = Vec::new();
    for _ in 0..count {
        let before = cursor.0;
        let tag = cursor.u32()?;
        let alias = cursor.text()?;
        let _created = cursor.bytes(8)?;
        let trusted = match tag {
            TRUSTED => Certificate::from_der(cursor.certificate(version)?),
            PRIVATE_KEY => {
                let length = cursor.u32()?;
                cursor.bytes(to_usize(length)?)?;
                for _ in 0..cursor.u32()? {
                    cursor.certificate(version)?;
                }
                None
            }
            _ => return Err(corrupt("an entry of an unknown kind")),
        };
        let raw =
            before.get(..before.len() - cursor.0.len()).ok_or_else(|| corrupt("the file breaks off"))?;
        entries.push(Entry { raw, alias, trusted });
    }
    if cursor.0.is_empty() { Ok((version, entries)) } else { Err(corrupt("bytes after the last entry")) }
}

fn encode_entry(certificate: &Certificate, version: u32) -> Vec<u8> {
    let mut out = TRUSTED.to_be_bytes().to_vec();
    put_text(&mut out, &alias(certificate));
    // The time of creation: a fixed one, so that the same input gives the same file.
    out.extend_from_slice(&0_u64.to_be_bytes());
    if version == 2 {
        put_text(&mut out, X509);
    }
    out.extend_from_slice(&length_u32(certificate.der().len()));
    out.extend_from_slice(certificate.der());
    out
}

/// Writes ASCII text as Java's `writeUTF` does.
fn put_text(out: &mut Vec<u8>, ascii: &str) {
    out.extend_from_slice(&u16::try_from(ascii.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(ascii.as_bytes());
}

/// Counts and certificates come from files of at most 16 MiB, so they fit.
fn length_u32(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

fn to_usize(length: u32) -> Result<usize, KeystoreError> {
    usize::try_from(length).map_err(|_| corrupt("a length out of range"))
}

fn digest(password: &str, body: &[u8]) -> [u8; SEAL] {
    let mut hasher = Sha1::new();
    for unit in password.encode_utf16() {
        hasher.update(unit.to_be_bytes());
    }
    hasher.update(PHRASE);
    hasher.update(body);
    hasher.finalize().into()
}

fn corrupt(what: &'static str) -> KeystoreError {
    KeystoreError::Corrupt { format: Format::Jks, what }
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn bytes(&mut self, length: usize) -> Result<&'a [u8], KeystoreError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(|| corrupt("the file breaks off"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, KeystoreError> {
        Ok(self.bytes(4)?.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte)))
    }

    fn text(&mut self) -> Result<String, KeystoreError> {
        let length = self.bytes(2)?.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
        Ok(String::from_utf8_lossy(self.bytes(length)?).into_owned())
    }

    fn certificate(&mut self, version: u32) -> Result<&'a [u8], KeystoreError> {
        if version == 2 {
            self.text()?;
        }
        let length = self.u32()?;
        self.bytes(to_usize(length)?)
    }
}

/// A store without entries.
#[cfg(test)]
pub(crate) fn empty(password: &str) -> Vec<u8> {
    Store { version: 2, entries: Vec::new(), password: password.to_owned() }.seal(&[])
}
