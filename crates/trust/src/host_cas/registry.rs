//! Windows: root certificates that came by group policy, from the enterprise's directory, or were added to the machine.
//!
//! The places are those of Microsoft's "System Store Locations". `AuthRoot` has the public roots of Microsoft's programme
//! and is not listed; the machine's own `ROOT` also has the roots that Windows itself needs.

#[cfg(windows)]
mod read;

#[cfg(windows)]
pub(super) use read::find;

use crate::certificate::Certificate;

/// How the subjects of the roots begin that come with Windows: "Required trusted root certificates", Microsoft KB 293781,
/// and Microsoft's later ones.
const WINDOWS_OWN: [&str; 6] = [
    "CN=Microsoft ",
    "OU=Copyright (c) 1997 Microsoft Corp.",
    "CN=Thawte Timestamping CA",
    "CN=NO LIABILITY ACCEPTED",
    "OU=NO LIABILITY ACCEPTED",
    "CN=Symantec Enterprise Mobile Root for Microsoft",
];

/// Property of the certificate itself.
const CERTIFICATE: u32 = 32;

/// Whether it is one of the roots that come with Windows.
fn comes_with_windows(certificate: &Certificate) -> bool {
    let subject = certificate.subject();
    WINDOWS_OWN.iter().any(|own| subject.split(", ").any(|part| part.starts_with(own)))
}

/// The certificate in the value `Blob` of a key of a store: properties of 4 bytes number, 4 bytes reserved, 4 bytes
/// length, all little-endian, and content ([MS-GPEF] 2.2.1.1.1.1).
fn in_blob(mut blob: &[u8]) -> Option<Certificate> {
    let number = |bytes: &[u8]| bytes.try_into().map(u32::from_le_bytes).ok();
    while let Some((head, rest)) = blob.split_at_checked(12) {
        let (property, length) = (number(&head[..4])?, usize::try_from(number(&head[8..])?).ok()?);
        let (content, rest) = rest.split_at_checked(length)?;
        if property == CERTIFICATE {
            return Certificate::from_der(content);
        }
        blob = rest;
    }
    None
}

#[cfg(test)]
mod tests;
