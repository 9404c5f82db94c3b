use super::*;
use crate::certificate::parse_all;

const ACME: &str = include_str!("../../../tests/fixtures/acme-root.pem");

fn property(number: u32, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap();
    [&number.to_le_bytes()[..], &1_u32.to_le_bytes(), &length.to_le_bytes(), content].concat()
}

#[test]
fn a_certificate_is_found_among_the_properties_of_its_blob() {
    let acme = parse_all(ACME.as_bytes()).remove(0);
    let blob = [property(3, &[7; 20]), property(11, b"A\0c\0\0\0"), property(32, acme.der())].concat();
    assert_eq!(in_blob(&blob), Some(acme.clone()));
    // Not cut, not empty, not of a length beyond its end, not another property's content.
    for cut in 0..blob.len() {
        assert_eq!(in_blob(&blob[..cut]), None, "{cut}");
    }
    assert_eq!(in_blob(&property(33, acme.der())), None);
    assert_eq!(in_blob(&[32, 0, 0, 0, 1, 0, 0, 0, 255, 255, 255, 255, 0x30]), None);
}

/// A certificate with this subject, in the order that it is shown in.
fn named(parts: &[(&str, &str)]) -> Certificate {
    let mut parameters = rcgen::CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    for (kind, value) in parts {
        let kind = match *kind {
            "CN" => rcgen::DnType::CommonName,
            "O" => rcgen::DnType::OrganizationName,
            _ => rcgen::DnType::OrganizationalUnitName,
        };
        parameters.distinguished_name.push(kind, *value);
    }
    let key = rcgen::KeyPair::generate().unwrap();
    Certificate::from_der(parameters.self_signed(&key).unwrap().der()).unwrap()
}

#[test]
fn the_roots_that_windows_needs_are_nobodys_addition() {
    for own in [
        &[("O", "Microsoft Corporation"), ("CN", "Microsoft Root Certificate Authority 2011")][..],
        &[("CN", "Thawte Timestamping CA")],
        &[("O", "VeriSign, Inc."), ("OU", "NO LIABILITY ACCEPTED, (c)97 VeriSign, Inc.")],
        &[("O", "Microsoft Trust Network"), ("OU", "Copyright (c) 1997 Microsoft Corp.")],
    ] {
        assert!(comes_with_windows(&named(own)), "{own:?}");
    }
    for added in [
        &[("CN", "Acme Root"), ("O", "Acme")][..],
        &[("CN", "Not a Microsoft Root")],
        &[("O", "CN=Microsoft Fake")],
    ] {
        assert!(!comes_with_windows(&named(added)), "{added:?}");
    }
}
