use proptest::prelude::*;

use super::*;

const ACME: &str = include_str!("../../tests/fixtures/acme-root.pem");
const BETA: &str = include_str!("../../tests/fixtures/beta-root.pem");
const ODD: &str = include_str!("../../tests/fixtures/odd-name.pem");

fn subjects(bytes: &[u8]) -> Vec<String> {
    parse_all(bytes).iter().map(Certificate::subject).collect()
}

#[test]
fn subjects_are_read_in_their_order() {
    let all = [ACME, BETA].concat();
    assert_eq!(
        subjects(all.as_bytes()),
        ["CN=Acme Root, O=Acme, C=DE", "CN=Beta Inspection CA, OU=Größe, O=Beta"],
    );
}

#[test]
fn foreign_text_stays_raw() {
    assert_eq!(subjects(ODD.as_bytes()), ["CN=Evil\u{1b}[31m Root, O=Odd"]);
}

#[test]
fn the_fingerprint_is_that_of_openssl() {
    // openssl x509 -noout -fingerprint -sha256
    let fingerprint = parse_all(ACME.as_bytes())[0].fingerprint_sha256();
    assert_eq!(fingerprint, include_str!("../../tests/fixtures/acme-root.sha256").trim());
}

#[test]
fn pem_and_der_give_the_same_certificate() {
    let certificate = parse_all(ACME.as_bytes()).remove(0);
    assert_eq!(certificate.to_pem(), ACME);
    assert_eq!(parse_all(certificate.der()), [certificate]);
}

#[test]
fn windows_newlines_comments_and_other_blocks_are_passed_over() {
    let body = ACME.lines().collect::<Vec<_>>().join("\r\n");
    let text = format!(
        "# Acme\r\n-----BEGIN PRIVATE KEY-----\r\nAAAA\r\n-----END PRIVATE KEY-----\r\n{body}\r\n\
         -----BEGIN CERTIFICATE-----\r\nnot base64!\r\n-----END CERTIFICATE-----\r\n\
         -----BEGIN CERTIFICATE-----\r\nAAAA",
    );
    assert_eq!(subjects(text.as_bytes()), ["CN=Acme Root, O=Acme, C=DE"]);
}

#[test]
fn trust_settings_behind_a_certificate_are_left_off() {
    use base64::Engine as _;
    let certificate = parse_all(ACME.as_bytes()).remove(0);
    let with_settings = [certificate.der(), &[0x30, 0x00]].concat();
    let body = base64::engine::general_purpose::STANDARD.encode(with_settings);
    let block = format!("-----BEGIN TRUSTED CERTIFICATE-----\n{body}\n-----END TRUSTED CERTIFICATE-----\n");
    assert_eq!(parse_all(block.as_bytes()), [certificate]);
}

#[test]
fn repetitions_are_dropped() {
    let all = parse_all([ACME, BETA, ACME].concat().as_bytes());
    assert_eq!(distinct(all).len(), 2);
}

proptest! {
    #[test]
    fn hostile_files_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse_all(&bytes);
        let block = [b"-----BEGIN CERTIFICATE-----\n", &bytes[..], b"\n-----END CERTIFICATE-----"];
        let _ = parse_all(&block.concat());
    }

    #[test]
    fn a_bent_certificate_never_panics(at in 0..443_usize, with in any::<u8>()) {
        let mut der = parse_all(ACME.as_bytes()).remove(0).der().to_vec();
        let length = der.len();
        der[at % length] = with;
        if let Some(certificate) = Certificate::from_der(&der) {
            let _ = certificate.subject();
        }
    }
}
