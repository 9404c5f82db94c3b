//! Opens encrypted parts: PBES2 with AES (RFC 8018), which JDK 17 and OpenSSL 3 write, and 40-bit RC2
//! (RFC 7292, appendix C), which older JDKs write for certificates.

use aes::{Aes128, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockDecryptMut, InnerIvInit, KeyIvInit};
use rc2::Rc2;
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::mac::derive;
use super::{CONTEXT_0, MAX_ROUNDS, MAX_SALT, OCTET_STRING, OID, Reader, SEQUENCE};
use crate::der;

/// 1.2.840.113549.1.7.6
const ENCRYPTED_DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06];
/// 1.2.840.113549.1.12.1.6
const SHA1_RC2_40: [u8; 10] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x06];
/// 1.2.840.113549.1.5.13
const PBES2: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
/// 1.2.840.113549.1.5.12
const PBKDF2: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
/// 1.2.840.113549.2, whose last number names the hash of an HMAC.
const HMAC: [u8; 7] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02];
/// 2.16.840.1.101.3.4.1.2 and .42
const AES_128_CBC: [u8; 9] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02];
const AES_256_CBC: [u8; 9] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a];

/// `[0] IMPLICIT OCTET STRING`, in one piece.
const CONTEXT_0_PRIMITIVE: u8 = 0x80;
/// Purpose bytes of RFC 7292, B.3.
const CIPHER_KEY: u8 = 1;
const CIPHER_IV: u8 = 2;
const RC2_BITS: usize = 40;

/// The content of an encrypted `ContentInfo`; `None` when the password or the algorithm does not fit.
pub(super) fn open(content_info: &[u8], password: &str) -> Option<Vec<u8>> {
    let mut outer = Reader(der::split_element(content_info)?.0.expect(SEQUENCE)?);
    if outer.read(OID)? != ENCRYPTED_DATA {
        return None;
    }
    let mut fields = Reader(Reader(outer.read(CONTEXT_0)?).read(SEQUENCE)?);
    fields.read(der::INTEGER)?;
    let mut content = Reader(fields.read(SEQUENCE)?);
    content.read(OID)?;
    let mut algorithm = Reader(content.read(SEQUENCE)?);
    let encrypted = content.read(CONTEXT_0_PRIMITIVE)?;
    let kind = algorithm.read(OID)?;
    let mut parameters = Reader(algorithm.read(SEQUENCE)?);
    if kind == PBES2 {
        open_pbes2(&mut parameters, encrypted, password)
    } else if kind == SHA1_RC2_40 {
        let (salt, rounds) = salt_and_rounds(&mut parameters)?;
        open_rc2(salt, rounds, encrypted, password)
    } else {
        None
    }
}

fn salt_and_rounds<'a>(parameters: &mut Reader<'a>) -> Option<(&'a [u8], u32)> {
    let salt = parameters.read(OCTET_STRING)?;
    let rounds = der::small_integer(parameters.read(der::INTEGER)?)?;
    (salt.len() <= MAX_SALT && (1..=MAX_ROUNDS).contains(&rounds)).then_some((salt, rounds))
}

fn open_rc2(salt: &[u8], rounds: u32, encrypted: &[u8], password: &str) -> Option<Vec<u8>> {
    let key = derive::<Sha1>(CIPHER_KEY, password, salt, rounds);
    let iv = derive::<Sha1>(CIPHER_IV, password, salt, rounds);
    let cipher = Rc2::new_with_eff_key_len(key.get(..RC2_BITS / 8)?, RC2_BITS);
    let decryptor = Decryptor::inner_iv_slice_init(cipher, iv.get(..8)?).ok()?;
    decrypt(decryptor, encrypted)
}

fn open_pbes2(parameters: &mut Reader<'_>, encrypted: &[u8], password: &str) -> Option<Vec<u8>> {
    let mut derivation = Reader(parameters.read(SEQUENCE)?);
    let mut scheme = Reader(parameters.read(SEQUENCE)?);
    if derivation.read(OID)? != PBKDF2 {
        return None;
    }
    let mut settings = Reader(derivation.read(SEQUENCE)?);
    let (salt, rounds) = salt_and_rounds(&mut settings)?;
    // After it come an optional key length and the optional hash; without one it is SHA-1.
    let hash = settings.filter(|field| field.tag == SEQUENCE).last();
    let hash = hash.map_or(Some(7), |field| match field.children().read(OID)?.split_last() {
        Some((last, prefix)) if prefix == HMAC => Some(*last),
        _ => None,
    })?;
    let mut key = [0; 32];
    let (kind, iv) = (scheme.read(OID)?, scheme.read(OCTET_STRING)?);
    let key = key.get_mut(..if kind == AES_128_CBC { 16 } else { 32 })?;
    match hash {
        7 => pbkdf2::pbkdf2_hmac::<Sha1>(password.as_bytes(), salt, rounds, key),
        9 => pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), salt, rounds, key),
        10 => pbkdf2::pbkdf2_hmac::<Sha384>(password.as_bytes(), salt, rounds, key),
        11 => pbkdf2::pbkdf2_hmac::<Sha512>(password.as_bytes(), salt, rounds, key),
        _ => return None,
    }
    if kind == AES_128_CBC {
        let decryptor = Decryptor::<Aes128>::new_from_slices(key, iv).ok()?;
        decrypt(decryptor, encrypted)
    } else if kind == AES_256_CBC {
        let decryptor = Decryptor::<Aes256>::new_from_slices(key, iv).ok()?;
        decrypt(decryptor, encrypted)
    } else {
        None
    }
}

fn decrypt(decryptor: impl BlockDecryptMut, encrypted: &[u8]) -> Option<Vec<u8>> {
    let mut buffer = encrypted.to_vec();
    let length = decryptor.decrypt_padded_mut::<Pkcs7>(&mut buffer).ok()?.len();
    buffer.truncate(length);
    Some(buffer)
}
