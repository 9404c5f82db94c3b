//! PKCS #12 (RFC 7292) trust stores as Java writes and reads them.
//!
//! Certificates are added in a part of their own that is not encrypted, as in the `cacerts` of
//! JDK 18 and later. Every JDK from 8 on reads that, with the password or without one; the parts
//! that are there keep their bytes, so private keys need not be opened. Encrypted parts are opened
//! only to know which certificates are trusted already.

use std::collections::HashSet;

use super::{ALIAS_PREFIX, Format, KeystoreError, alias, salt};
use crate::certificate::Certificate;
use crate::der::{self, CONTEXT_0, NULL, OCTET_STRING, OID, Reader, SEQUENCE, SET};

mod bags;
mod cipher;
mod mac;

use bags::{Bag, Part};
use mac::{Mac, MacAlgorithm};

/// 1.2.840.113549.1.7.1, content that is not encrypted.
const DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];

/// More rounds than any tool writes; they bound the time that a hostile file can cost.
const MAX_ROUNDS: u32 = 1_000_000;
const MAX_SALT: usize = 1024;

/// The password of a trust store is public, so more rounds would protect nothing.
const ROUNDS: u32 = 2048;

/// A trust store with `certificates`, sealed with HMAC-SHA-1, which JDK 8 before 8u301 needs.
///
/// The same certificates give the same bytes.
pub(crate) fn create(certificates: &[Certificate], password: &str) -> Vec<u8> {
    let safe = der::element(SEQUENCE, &bags::part(certificates));
    let mac = Mac { algorithm: MacAlgorithm::Sha1, salt: salt(&safe), rounds: ROUNDS };
    encode(&safe, Some((&mac, password)))
}

/// See [`super::certificates`].
///
/// An encrypted part that cannot be opened is passed over.
pub(crate) fn certificates(bytes: &[u8], passwords: &[&str]) -> Result<Vec<Certificate>, KeystoreError> {
    let store = Store::open(bytes, passwords)?;
    Ok(store.bags()?.into_iter().filter(|bag| bag.trusted).map(|bag| bag.certificate).collect())
}

/// See [`super::add`].
pub(crate) fn add(
    bytes: &[u8],
    passwords: &[&str],
    added: &[Certificate],
) -> Result<Option<Vec<u8>>, KeystoreError> {
    let store = Store::open(bytes, passwords)?;
    let present: HashSet<Certificate> =
        store.bags()?.into_iter().filter(|bag| bag.trusted).map(|bag| bag.certificate).collect();
    let missing: Vec<Certificate> = added.iter().filter(|one| !present.contains(*one)).cloned().collect();
    if missing.is_empty() {
        return Ok(None);
    }
    let mut parts: Vec<Vec<u8>> = store.parts.iter().map(|part| part.encoded.to_vec()).collect();
    parts.extend(missing.iter().map(|one| bags::part(std::slice::from_ref(one))));
    Ok(Some(store.seal(&parts)))
}

/// See [`super::remove`].
pub(crate) fn remove(
    bytes: &[u8],
    passwords: &[&str],
    removed: &[Certificate],
) -> Result<Option<Vec<u8>>, KeystoreError> {
    let store = Store::open(bytes, passwords)?;
    let mut kept = Vec::new();
    for part in &store.parts {
        let bags = part.bags()?;
        let ours = !bags.is_empty()
            && bags
                .iter()
                .all(|bag| bag.alias.starts_with(ALIAS_PREFIX) && removed.contains(&bag.certificate))
            && part.count()? == bags.len();
        if !ours {
            kept.push(part.encoded.to_vec());
        }
    }
    Ok((kept.len() < store.parts.len()).then(|| store.seal(&kept)))
}

struct Store<'a> {
    parts: Vec<Part<'a>>,
    /// Absent in the stores without a password that JDK 18 and later ship.
    mac: Option<(Mac, String)>,
}

impl<'a> Store<'a> {
    fn open(bytes: &'a [u8], passwords: &[&str]) -> Result<Self, KeystoreError> {
        let (outer, rest) = der::split_element(bytes).ok_or_else(|| corrupt("the file breaks off"))?;
        if outer.tag != SEQUENCE || !rest.is_empty() {
            return Err(corrupt("bytes after the end"));
        }
        let mut fields = outer.children();
        if fields.read(der::INTEGER) != Some(&[3]) {
            return Err(KeystoreError::Format { looks_like: "it is DER, but no PKCS #12 file" });
        }
        let safe = fields
            .next()
            .and_then(bags::data)
            .ok_or(KeystoreError::Unsupported { format: Format::Pkcs12, what: "a seal by public key" })?;
        let mac = match fields.next() {
            None => None,
            Some(field) => {
                let (mac, expected) = Mac::parse(field)?;
                let password = passwords
                    .iter()
                    .find(|password| super::same(&mac.compute(password, safe), expected))
                    .ok_or(KeystoreError::Password { format: Format::Pkcs12 })?;
                Some((mac, (*password).to_owned()))
            }
        };
        Ok(Self { parts: bags::parts(safe)?, mac })
    }

    fn bags(&self) -> Result<Vec<Bag>, KeystoreError> {
        let mut bags = Vec::new();
        for part in &self.parts {
            bags.extend(part.bags()?);
            let password = self.mac.as_ref().map(|(_, password)| password.as_str());
            bags.extend(part.encrypted_bags(password.unwrap_or_default()));
        }
        Ok(bags)
    }

    fn seal(&self, parts: &[Vec<u8>]) -> Vec<u8> {
        let safe = der::element(SEQUENCE, &parts.concat());
        encode(&safe, self.mac.as_ref().map(|(mac, password)| (mac, password.as_str())))
    }
}

/// The whole file around the encoded `AuthenticatedSafe`.
fn encode(safe: &[u8], mac: Option<(&Mac, &str)>) -> Vec<u8> {
    let content = der::element(CONTEXT_0, &der::element(OCTET_STRING, safe));
    let auth_safe = der::nest(SEQUENCE, &[&der::element(OID, &DATA), &content]);
    let mac = mac.map(|(mac, password)| mac.encode(&mac.compute(password, safe)));
    der::nest(SEQUENCE, &[&der::integer(3), &auth_safe, &mac.unwrap_or_default()])
}

fn corrupt(what: &'static str) -> KeystoreError {
    KeystoreError::Corrupt { format: Format::Pkcs12, what }
}
