//! The parts of a PKCS #12 file and the certificates in them (RFC 7292, section 4).

use super::{
    Certificate, DATA, KeystoreError, OCTET_STRING, OID, Reader, SEQUENCE, SET, alias, cipher, corrupt,
};
use crate::der::{self, CONTEXT_0, Element};

/// 1.2.840.113549.1.12.10.1.3
const CERT_BAG: [u8; 11] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01, 0x03];
/// 1.2.840.113549.1.9.22.1
const X509_CERTIFICATE: [u8; 10] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x16, 0x01];
/// 1.2.840.113549.1.9.20
const FRIENDLY_NAME: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x14];
/// 2.16.840.1.113894.746875.1.1: without it Java does not take a certificate for trusted.
const TRUSTED_KEY_USAGE: [u8; 12] = [0x60, 0x86, 0x48, 0x01, 0x86, 0xf9, 0x66, 0xad, 0xca, 0x7b, 0x01, 0x01];
/// 2.5.29.37.0, any purpose.
const ANY_PURPOSE: [u8; 4] = [0x55, 0x1d, 0x25, 0x00];
const BMP_STRING: u8 = 0x1e;

/// One `ContentInfo` of the file.
pub(super) struct Part<'a> {
    pub(super) encoded: &'a [u8],
    /// The bags, when the part is not encrypted.
    plain: Option<&'a [u8]>,
}

/// A certificate with what Java knows of it.
pub(super) struct Bag {
    pub(super) certificate: Certificate,
    pub(super) alias: String,
    pub(super) trusted: bool,
}

impl Part<'_> {
    /// The certificates of a part that is not encrypted.
    pub(super) fn bags(&self) -> Result<Vec<Bag>, KeystoreError> {
        let Some(plain) = self.plain else { return Ok(Vec::new()) };
        Ok(elements(plain, "a list of bags")?.into_iter().filter_map(bag).collect())
    }

    /// The certificates of an encrypted part; none when it cannot be opened.
    pub(super) fn encrypted_bags(&self, password: &str) -> Vec<Bag> {
        if self.plain.is_some() {
            return Vec::new();
        }
        let opened = cipher::open(self.encoded, password).unwrap_or_default();
        let bags = elements(&opened, "a list of bags").unwrap_or_default();
        bags.into_iter().filter_map(bag).collect()
    }

    /// The number of bags of any kind.
    pub(super) fn count(&self) -> Result<usize, KeystoreError> {
        self.plain.map_or(Ok(0), |plain| Ok(elements(plain, "a list of bags")?.len()))
    }
}

/// The parts of an encoded `AuthenticatedSafe`.
pub(super) fn parts(safe: &[u8]) -> Result<Vec<Part<'_>>, KeystoreError> {
    elements(safe, "the list of parts")?
        .into_iter()
        .map(|element| {
            let kind = element.children().read(OID).ok_or_else(|| corrupt("a part without a kind"))?;
            // Encrypted and enveloped parts stay closed.
            let plain = if kind == DATA {
                Some(data(element).ok_or_else(|| corrupt("a part without content"))?)
            } else {
                None
            };
            Ok(Part { encoded: element.encoded, plain })
        })
        .collect()
}

/// The octets of a `ContentInfo` that is not encrypted.
pub(super) fn data(content_info: Element<'_>) -> Option<&[u8]> {
    let mut fields = Reader(content_info.expect(SEQUENCE)?);
    if fields.read(OID)? != DATA {
        return None;
    }
    Reader(fields.read(CONTEXT_0)?).read(OCTET_STRING)
}

/// Encodes a part that is not encrypted, with one trusted entry per certificate.
pub(super) fn part(certificates: &[Certificate]) -> Vec<u8> {
    let bags: Vec<u8> = certificates.iter().flat_map(encode_bag).collect();
    let content = der::element(OCTET_STRING, &der::element(SEQUENCE, &bags));
    der::nest(SEQUENCE, &[&der::element(OID, &DATA), &der::element(CONTEXT_0, &content)])
}

fn encode_bag(certificate: &Certificate) -> Vec<u8> {
    let value = der::element(CONTEXT_0, &der::element(OCTET_STRING, certificate.der()));
    let cert_bag = der::nest(SEQUENCE, &[&der::element(OID, &X509_CERTIFICATE), &value]);
    let name: Vec<u8> = alias(certificate).encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut attributes = [
        attribute(&FRIENDLY_NAME, &der::element(BMP_STRING, &name)),
        attribute(&TRUSTED_KEY_USAGE, &der::element(OID, &ANY_PURPOSE)),
    ];
    attributes.sort(); // DER orders the members of a SET OF by their encoding.
    der::nest(
        SEQUENCE,
        &[
            &der::element(OID, &CERT_BAG),
            &der::element(CONTEXT_0, &cert_bag),
            &der::element(SET, &attributes.concat()),
        ],
    )
}

fn attribute(kind: &[u8], value: &[u8]) -> Vec<u8> {
    der::nest(SEQUENCE, &[&der::element(OID, kind), &der::element(SET, value)])
}

fn bag(element: Element<'_>) -> Option<Bag> {
    let mut fields = Reader(element.expect(SEQUENCE)?);
    if fields.read(OID)? != CERT_BAG {
        return None;
    }
    let mut cert_bag = Reader(Reader(fields.read(CONTEXT_0)?).read(SEQUENCE)?);
    if cert_bag.read(OID)? != X509_CERTIFICATE {
        return None;
    }
    let der = Reader(cert_bag.read(CONTEXT_0)?).read(OCTET_STRING)?;
    let mut bag = Bag { certificate: Certificate::from_der(der)?, alias: String::new(), trusted: false };
    for attribute in fields.read(SET).map(Reader).into_iter().flatten() {
        let mut parts = attribute.children();
        let (Some(kind), Some(values)) = (parts.read(OID), parts.read(SET)) else { continue };
        if kind == FRIENDLY_NAME {
            bag.alias = Reader(values).read(BMP_STRING).map(utf16).unwrap_or_default();
        }
        bag.trusted |= kind == TRUSTED_KEY_USAGE;
    }
    Some(bag)
}

fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |sum, byte| (sum << 8) | u16::from(*byte)))
        .collect();
    String::from_utf16_lossy(&units)
}

/// The members of an encoded SEQUENCE; broken or trailing bytes are an error.
fn elements<'a>(encoded: &'a [u8], what: &'static str) -> Result<Vec<Element<'a>>, KeystoreError> {
    let (outer, rest) = der::split_element(encoded).ok_or_else(|| corrupt(what))?;
    let content = outer.expect(SEQUENCE).filter(|_| rest.is_empty()).ok_or_else(|| corrupt(what))?;
    let mut reader = Reader(content);
    let elements: Vec<Element<'a>> = reader.by_ref().collect();
    if reader.0.is_empty() { Ok(elements) } else { Err(corrupt(what)) }
}
