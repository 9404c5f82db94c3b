use proptest::prelude::*;

use super::*;
use crate::certificate::parse_all;

fn acme() -> Certificate {
    fixture(include_bytes!("../../tests/fixtures/acme-root.pem"))
}

fn beta() -> Certificate {
    fixture(include_bytes!("../../tests/fixtures/beta-root.pem"))
}

fn fixture(pem: &[u8]) -> Certificate {
    parse_all(pem).pop().expect("the fixture holds a certificate")
}

/// An empty JKS store; the format needs no more than a header and a seal.
fn empty_jks(password: &str) -> Vec<u8> {
    jks::empty(password)
}

fn stores() -> [Vec<u8>; 2] {
    [empty_jks("changeit"), pkcs12::create(&[], "changeit")]
}

#[test]
fn what_was_added_is_read_back() {
    for store in stores() {
        let with = add(&store, &USUAL_PASSWORDS, &[acme(), beta()]).unwrap().unwrap();
        assert_eq!(certificates(&with, &USUAL_PASSWORDS).unwrap(), [acme(), beta()]);
    }
}

#[test]
fn a_second_run_changes_nothing() {
    for store in stores() {
        let with = add(&store, &USUAL_PASSWORDS, &[acme()]).unwrap().unwrap();
        assert_eq!(add(&with, &USUAL_PASSWORDS, &[acme()]).unwrap(), None);
    }
}

#[test]
fn removal_gives_the_original_bytes_back() {
    for empty in stores() {
        let before = add(&empty, &USUAL_PASSWORDS, &[beta()]).unwrap().unwrap();
        let with = add(&before, &USUAL_PASSWORDS, &[acme()]).unwrap().unwrap();
        assert_ne!(with, before);
        assert_eq!(remove(&with, &USUAL_PASSWORDS, &[acme()]).unwrap(), Some(before.clone()));
        assert_eq!(remove(&before, &USUAL_PASSWORDS, &[acme()]).unwrap(), None);
    }
}

#[test]
fn a_password_of_its_own_leaves_the_store_alone() {
    let stores = [(Format::Jks, empty_jks("s3cret")), (Format::Pkcs12, pkcs12::create(&[acme()], "s3cret"))];
    for (format, store) in stores {
        assert_eq!(add(&store, &USUAL_PASSWORDS, &[acme()]), Err(KeystoreError::Password { format }),);
    }
}

#[test]
fn the_second_usual_password_is_kept() {
    let with = add(&empty_jks("changeme"), &USUAL_PASSWORDS, &[acme()]).unwrap().unwrap();
    assert_eq!(certificates(&with, &["changeme"]).unwrap(), [acme()]);
    assert_eq!(certificates(&with, &["changeit"]), Err(KeystoreError::Password { format: Format::Jks }),);
}

#[test]
fn foreign_formats_are_named() {
    let message = |bytes: &[u8]| detect(bytes).unwrap_err().to_string();
    assert_eq!(message(b""), "not a JKS or PKCS #12 keystore: the file is empty");
    assert_eq!(
        message(&[0xce, 0xce, 0xce, 0xce, 0]),
        "not a JKS or PKCS #12 keystore: it is a JCEKS keystore",
    );
    assert_eq!(message(b"-----BEGIN"), "not a JKS or PKCS #12 keystore: it is PEM text");
}

#[test]
fn a_certificate_is_no_keystore() {
    assert!(matches!(
        certificates(acme().der(), &USUAL_PASSWORDS),
        Err(KeystoreError::Format { .. } | KeystoreError::Corrupt { .. }),
    ));
}

#[test]
fn a_store_cut_anywhere_is_refused() {
    for store in stores() {
        let whole = add(&store, &USUAL_PASSWORDS, &[acme()]).unwrap().unwrap();
        for length in 0..whole.len() {
            let cut = &whole[..length];
            assert!(add(cut, &USUAL_PASSWORDS, &[beta()]).is_err(), "cut at {length}");
        }
    }
}

#[test]
fn a_flipped_bit_is_noticed() {
    for store in stores() {
        let whole = add(&store, &USUAL_PASSWORDS, &[acme()]).unwrap().unwrap();
        let certificate = whole
            .windows(acme().der().len())
            .position(|window| window == acme().der())
            .expect("the certificate is in the store as it is");
        let mut bent = whole.clone();
        bent[certificate + 100] ^= 1;
        assert!(add(&bent, &USUAL_PASSWORDS, &[beta()]).is_err());
    }
}

proptest! {
    #[test]
    fn hostile_stores_never_panic(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..512),
        magic in 0..2_usize,
    ) {
        let start: &[u8] = [&[0xfe, 0xed, 0xfe, 0xed][..], &[0x30, 0x82]][magic];
        let length = start.len().min(bytes.len());
        bytes[..length].copy_from_slice(&start[..length]);
        let _ = add(&bytes, &USUAL_PASSWORDS, &[]);
    }
}
