use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::time::{Duration, Instant};

use super::*;
use crate::certificate::parse_all;
use crate::keystore;

const ACME: &str = include_str!("../../tests/fixtures/acme-root.pem");
const BETA: &str = include_str!("../../tests/fixtures/beta-root.pem");

fn read(dir: &Path, name: &str) -> Vec<u8> {
    fs::read(dir.join(name)).unwrap()
}

#[test]
fn the_bundle_has_all_and_the_extra_file_only_the_extra() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("trust");
    let public = format!("# Acme\n{ACME}{ACME}");
    write(&dir, &public, &[BETA, ACME, BETA]).unwrap();
    assert_eq!(read(&dir, BUNDLE), [ACME, BETA].concat().as_bytes());
    assert_eq!(read(&dir, EXTRA), [BETA, ACME].concat().as_bytes());
    let trusted = keystore::certificates(&read(&dir, KEYSTORE), &[PASSWORD]).unwrap();
    assert_eq!(trusted, parse_all([ACME, BETA].concat().as_bytes()));
}

#[test]
fn everyone_may_read_and_a_second_run_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), ACME, &[BETA]).unwrap();
    let inodes = || {
        [BUNDLE, EXTRA, KEYSTORE].map(|name| {
            let metadata = fs::metadata(dir.path().join(name)).unwrap();
            assert_eq!(metadata.permissions().mode() & 0o7777, 0o644);
            metadata.ino()
        })
    };
    let before = inodes();
    write(dir.path(), ACME, &[BETA]).unwrap();
    assert_eq!(inodes(), before);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
}

#[test]
fn a_reader_of_the_old_file_keeps_it_whole() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), ACME, &[] as &[&str]).unwrap();
    let mut open = fs::File::open(dir.path().join(BUNDLE)).unwrap();
    write(dir.path(), ACME, &[BETA]).unwrap();
    let mut text = String::new();
    io::Read::read_to_string(&mut open, &mut text).unwrap();
    assert_eq!(text, ACME);
}

#[test]
fn a_planted_link_is_replaced_and_its_target_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let victim = dir.path().join("victim");
    fs::write(&victim, "keep").unwrap();
    std::os::unix::fs::symlink(&victim, dir.path().join(BUNDLE)).unwrap();
    write(dir.path(), ACME, &[BETA]).unwrap();
    assert_eq!(fs::read_to_string(victim).unwrap(), "keep");
    assert!(fs::symlink_metadata(dir.path().join(BUNDLE)).unwrap().is_file());
}

#[test]
fn nothing_is_written_when_something_is_no_certificate() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("trust");
    let error = write(&dir, ACME, &[BETA, "nonsense"]).unwrap_err();
    assert!(matches!(error, ShareError::NotACertificate { index: 1 }));
    let error = write(&dir, "", &[BETA]).unwrap_err();
    assert!(matches!(error, ShareError::NoPublicRoots));
    assert!(!dir.exists());
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = write(&file.path().join("trust"), ACME, &[BETA]).unwrap_err();
    assert!(error.to_string().starts_with("cannot write `"), "{error}");
}

#[test]
fn a_hundred_and_fifty_roots_take_little_time() {
    let dir = tempfile::tempdir().unwrap();
    let acme = parse_all(ACME.as_bytes()).remove(0);
    let public: String = (0..150_u8)
        .map(|number| {
            let mut der = acme.der().to_vec();
            der[20] = number; // Inside the serial number.
            Certificate::from_der(&der).unwrap().to_pem()
        })
        .collect();
    let start = Instant::now();
    write(dir.path(), &public, &[BETA]).unwrap();
    // Unoptimised; the published binary needs a tenth.
    assert!(start.elapsed() < Duration::from_millis(1500), "{:?}", start.elapsed());
    println!("{:?}", start.elapsed());
}
