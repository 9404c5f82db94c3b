//! A certificate as stores hold it: DER bytes, a subject to show, a fingerprint to compare.

use std::collections::HashSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest, Sha256};

use crate::der;

/// The largest certificate taken from a file; real ones stay under 8 KiB.
pub const MAX_CERTIFICATE: usize = 64 * 1024;
/// At most this many certificates are taken from one file.
pub const MAX_PER_FILE: usize = 4096;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One X.509 certificate whose outer structure was checked; its signature was not.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Certificate {
    der: Vec<u8>,
}

impl Certificate {
    /// Takes the DER encoding of one certificate; `None` when it is not one or exceeds [`MAX_CERTIFICATE`].
    pub fn from_der(der: &[u8]) -> Option<Self> {
        if der.len() > MAX_CERTIFICATE {
            return None;
        }
        let certificate = Self { der: der.to_vec() };
        certificate.name().is_some().then_some(certificate)
    }

    /// The DER encoding.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The SHA-256 of the DER encoding as 64 lower-case hexadecimal digits.
    pub fn fingerprint_sha256(&self) -> String {
        hex(&Sha256::digest(&self.der))
    }

    /// The subject, for example `CN=Acme Root, O=Acme`, in the order of the certificate.
    ///
    /// Foreign text: escape it before it reaches a terminal.
    pub fn subject(&self) -> String {
        self.name().map(describe_name).unwrap_or_default()
    }

    /// The PEM form with 64 columns and a newline at the end.
    pub fn to_pem(&self) -> String {
        let body = base64::engine::general_purpose::STANDARD.encode(&self.der);
        let mut pem = String::with_capacity(body.len() + body.len() / 64 + 64);
        pem.push_str("-----BEGIN CERTIFICATE-----\n");
        for line in body.as_bytes().chunks(64) {
            pem.push_str(&String::from_utf8_lossy(line));
            pem.push('\n');
        }
        pem.push_str("-----END CERTIFICATE-----\n");
        pem
    }

    /// The RDN sequence of the subject (RFC 5280, 4.1.2.6).
    fn name(&self) -> Option<&[u8]> {
        let (outer, rest) = der::split_element(&self.der)?;
        if !rest.is_empty() {
            return None;
        }
        let mut parts = der::Reader(outer.expect(der::SEQUENCE)?);
        let mut fields = der::Reader(parts.read(der::SEQUENCE)?);
        let _signature_algorithm = parts.read(der::SEQUENCE)?;
        if fields.0.first() == Some(&der::CONTEXT_0) {
            fields.next()?; // The version.
        }
        fields.read(der::INTEGER)?; // The serial number.
        fields.read(der::SEQUENCE)?; // The signature algorithm.
        fields.read(der::SEQUENCE)?; // The issuer.
        fields.read(der::SEQUENCE)?; // The validity.
        fields.read(der::SEQUENCE)
    }
}

/// The certificates of a PEM file (`CERTIFICATE`, `X509 CERTIFICATE` and `TRUSTED CERTIFICATE` blocks), or the one of a DER file.
///
/// Text between the blocks and blocks that are no certificates are passed over; p11-kit files work too.
pub fn parse_all(bytes: &[u8]) -> Vec<Certificate> {
    if bytes.first() == Some(&der::SEQUENCE)
        && let Some(certificate) = Certificate::from_der(bytes)
    {
        return vec![certificate];
    }
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    let mut block: Option<String> = None;
    for line in text.lines().map(str::trim) {
        if let Some(label) = line.strip_prefix(BEGIN) {
            block = is_certificate_label(label).then(String::new);
        } else if line.starts_with(END) {
            found.extend(block.take().and_then(|body| decode_block(&body)));
            if found.len() >= MAX_PER_FILE {
                break;
            }
        } else if let Some(body) = &mut block {
            if body.len() + line.len() > MAX_CERTIFICATE * 2 {
                block = None;
            } else {
                body.push_str(line);
            }
        }
    }
    found
}

/// `certificates` without repetitions, in the order of first appearance.
pub fn distinct(certificates: impl IntoIterator<Item = Certificate>) -> Vec<Certificate> {
    let mut seen = HashSet::new();
    certificates.into_iter().filter(|certificate| seen.insert(certificate.der.clone())).collect()
}

fn is_certificate_label(label: &str) -> bool {
    matches!(label, "CERTIFICATE-----" | "X509 CERTIFICATE-----" | "TRUSTED CERTIFICATE-----")
}

fn decode_block(body: &str) -> Option<Certificate> {
    let der = LENIENT.decode(body).ok()?;
    // A `TRUSTED CERTIFICATE` block carries OpenSSL's trust settings behind the certificate.
    let (certificate, _) = der::split_element(&der)?;
    Certificate::from_der(certificate.encoded)
}

fn describe_name(name: &[u8]) -> String {
    let mut out = String::new();
    for set in der::Reader(name).take(32) {
        for pair in set.children().take(8) {
            let mut parts = pair.children();
            let (Some(oid), Some(value)) = (parts.read(der::OID), parts.next()) else { continue };
            if !out.is_empty() {
                out.push_str(", ");
            }
            out.push_str(&attribute(oid));
            out.push('=');
            out.push_str(&decode_string(value));
        }
    }
    out
}

/// The short name of an attribute type (RFC 4514, section 3), else its OID in hexadecimal digits.
fn attribute(oid: &[u8]) -> String {
    let known = match oid {
        [0x55, 0x04, 0x03] => "CN",
        [0x55, 0x04, 0x05] => "serialNumber",
        [0x55, 0x04, 0x06] => "C",
        [0x55, 0x04, 0x07] => "L",
        [0x55, 0x04, 0x08] => "ST",
        [0x55, 0x04, 0x09] => "street",
        [0x55, 0x04, 0x0a] => "O",
        [0x55, 0x04, 0x0b] => "OU",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19] => "DC",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01] => "emailAddress",
        _ => return format!("oid-{}", hex(oid)),
    };
    known.to_owned()
}

fn decode_string(value: der::Element<'_>) -> String {
    const BMP_STRING: u8 = 0x1e;
    const T61_STRING: u8 = 0x14;
    match value.tag {
        BMP_STRING => {
            let units = value.content.chunks_exact(2).map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0xfffd,
            });
            char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect()
        }
        T61_STRING => value.content.iter().map(|byte| char::from(*byte)).collect(),
        _ => String::from_utf8_lossy(value.content).into_owned(),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests;
