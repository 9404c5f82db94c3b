//! The seal of a PKCS #12 file: an HMAC whose key comes from the password (RFC 7292, appendix B).

use hmac::digest::Digest;
use hmac::digest::core_api::BlockSizeUser;
use hmac::{Mac as _, SimpleHmac};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::{
    Format, KeystoreError, MAX_ROUNDS, MAX_SALT, NULL, OCTET_STRING, OID, Reader, SEQUENCE, corrupt,
};
use crate::der::{self, Element};

/// The purpose byte of key material for a MAC.
const MAC_KEY: u8 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MacAlgorithm {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl MacAlgorithm {
    const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    fn oid(self) -> &'static [u8] {
        match self {
            Self::Sha1 => &[0x2b, 0x0e, 0x03, 0x02, 0x1a],
            Self::Sha256 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01],
            Self::Sha384 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02],
            Self::Sha512 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03],
        }
    }
}

/// How a file is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mac {
    pub(super) algorithm: MacAlgorithm,
    pub(super) salt: Vec<u8>,
    pub(super) rounds: u32,
}

impl Mac {
    /// Reads a `MacData` and returns it with the seal it carries.
    pub(super) fn parse(field: Element<'_>) -> Result<(Self, &[u8]), KeystoreError> {
        let broken = || corrupt("the seal");
        let mut fields = Reader(field.expect(SEQUENCE).ok_or_else(broken)?);
        let mut digest_info = Reader(fields.read(SEQUENCE).ok_or_else(broken)?);
        let mut algorithm = Reader(digest_info.read(SEQUENCE).ok_or_else(broken)?);
        let oid = algorithm.read(OID).ok_or_else(broken)?;
        let expected = digest_info.read(OCTET_STRING).ok_or_else(broken)?;
        let salt = fields.read(OCTET_STRING).ok_or_else(broken)?.to_vec();
        let rounds = match fields.next() {
            None => 1,
            Some(field) => field.expect(der::INTEGER).and_then(der::small_integer).ok_or_else(broken)?,
        };
        let algorithm = MacAlgorithm::ALL
            .into_iter()
            .find(|algorithm| algorithm.oid() == oid)
            .ok_or(KeystoreError::Unsupported { format: Format::Pkcs12, what: "an unknown seal" })?;
        if rounds > MAX_ROUNDS || salt.len() > MAX_SALT {
            return Err(KeystoreError::Unsupported {
                format: Format::Pkcs12,
                what: "more than a million rounds",
            });
        }
        Ok((Self { algorithm, salt, rounds }, expected))
    }

    /// Encodes the `MacData` with `seal`.
    pub(super) fn encode(&self, seal: &[u8]) -> Vec<u8> {
        let algorithm =
            der::nest(SEQUENCE, &[&der::element(OID, self.algorithm.oid()), &der::element(NULL, &[])]);
        let digest_info = der::nest(SEQUENCE, &[&algorithm, &der::element(OCTET_STRING, seal)]);
        let rounds = if self.rounds == 1 { Vec::new() } else { der::integer(self.rounds) };
        der::nest(SEQUENCE, &[&digest_info, &der::element(OCTET_STRING, &self.salt), &rounds])
    }

    /// The seal of `content` under `password`.
    pub(super) fn compute(&self, password: &str, content: &[u8]) -> Vec<u8> {
        match self.algorithm {
            MacAlgorithm::Sha1 => self.compute_with::<Sha1>(password, content),
            MacAlgorithm::Sha256 => self.compute_with::<Sha256>(password, content),
            MacAlgorithm::Sha384 => self.compute_with::<Sha384>(password, content),
            MacAlgorithm::Sha512 => self.compute_with::<Sha512>(password, content),
        }
    }

    fn compute_with<D: Digest + BlockSizeUser>(&self, password: &str, content: &[u8]) -> Vec<u8> {
        let key = derive::<D>(MAC_KEY, password, &self.salt, self.rounds);
        let Ok(mut mac) = SimpleHmac::<D>::new_from_slice(&key) else {
            unreachable!("an HMAC takes a key of any length")
        };
        mac.update(content);
        mac.finalize().into_bytes().to_vec()
    }
}

/// Derives as many bytes as the digest has: the first block of RFC 7292, B.2, is enough for every use here.
pub(super) fn derive<D: Digest + BlockSizeUser>(
    purpose: u8,
    password: &str,
    salt: &[u8],
    rounds: u32,
) -> Vec<u8> {
    let block = D::block_size();
    let password: Vec<u8> = password.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
    let mut digest = D::new()
        .chain_update(vec![purpose; block])
        .chain_update(filled(salt, block))
        .chain_update(filled(&password, block))
        .finalize();
    for _ in 1..rounds {
        digest = D::digest(&digest);
    }
    digest.to_vec()
}

/// `bytes` repeated up to the next multiple of `block`.
fn filled(bytes: &[u8], block: usize) -> Vec<u8> {
    let length = bytes.len().div_ceil(block) * block;
    bytes.iter().copied().cycle().take(length).collect()
}
