use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::time::{Duration, Instant};

use super::*;
use crate::certificate::parse_all;
use crate::keystore::{self, USUAL_PASSWORDS};

mod distributions;
mod handed_over;
mod stores;

const ACME: &str = include_str!("../../tests/fixtures/acme-root.pem");
const BETA: &str = include_str!("../../tests/fixtures/beta-root.pem");

fn acme() -> Certificate {
    parse_all(ACME.as_bytes()).remove(0)
}

/// A certificate of its own for each number: only the signature differs, which nobody here verifies.
fn numbered(number: u32) -> Certificate {
    let mut der = acme().der().to_vec();
    let end = der.len() - 4;
    der[end..].copy_from_slice(&number.to_be_bytes());
    Certificate::from_der(&der).unwrap()
}

/// The certificate that the tests put in.
fn beta() -> [Certificate; 1] {
    [parse_all(BETA.as_bytes()).remove(0)]
}

fn jks() -> Vec<u8> {
    keystore::add(&keystore::jks::empty("changeit"), &USUAL_PASSWORDS, &[acme()]).unwrap().unwrap()
}

fn pkcs12() -> Vec<u8> {
    keystore::pkcs12::create(&[acme()], "changeit")
}

/// A file system made for one test.
struct Container {
    folder: tempfile::TempDir,
    root: Root,
}

impl Container {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let uid = fs::metadata(folder.path()).unwrap().uid();
        let root = Root {
            root: folder.path().to_owned(),
            uid,
            homes: vec![PathBuf::from("/home/me")],
            path: Vec::new(),
            state: PathBuf::from("/var/lib/drawbridge/trust"),
        };
        fs::create_dir_all(folder.path().join("var/lib/drawbridge")).unwrap();
        Self { folder, root }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn with(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let real = self.at(path);
        fs::create_dir_all(real.parent().unwrap()).unwrap();
        fs::write(real, content).unwrap();
        self
    }

    fn with_link(self, path: &str, target: &str) -> Self {
        let real = self.at(path);
        fs::create_dir_all(real.parent().unwrap()).unwrap();
        symlink(target, real).unwrap();
        self
    }

    fn with_program(self, path: &str, script: &str) -> Self {
        let container = self.with(path, format!("#!/bin/sh\nset -eu\n{script}\n"));
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(container.at(path), mode).unwrap();
        container
    }

    fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.at(path)).unwrap()
    }

    fn install(&self) -> BTreeMap<String, Outcome> {
        outcomes(install(&self.root, &beta(), &Options::default()).unwrap())
    }

    fn dry_run(&self) -> BTreeMap<String, Outcome> {
        let options = Options { dry_run: true, ..Options::default() };
        outcomes(install(&self.root, &beta(), &options).unwrap())
    }

    fn undo(&self) -> BTreeMap<String, Outcome> {
        outcomes(undo(&self.root, &Options::default()).unwrap())
    }

    /// Every file and link with its content and mode, every folder.
    fn tree(&self) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        let mut tree = BTreeMap::new();
        let mut pending = vec![self.folder.path().to_owned()];
        while let Some(folder) = pending.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let metadata = fs::symlink_metadata(&path).unwrap();
                let content = if metadata.is_dir() {
                    pending.push(path.clone());
                    Vec::new()
                } else if metadata.is_symlink() {
                    fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
                } else {
                    fs::read(&path).unwrap()
                };
                tree.insert(path, (metadata.mode(), content));
            }
        }
        tree
    }
}

fn outcomes(reports: Vec<Report>) -> BTreeMap<String, Outcome> {
    reports.into_iter().map(|report| (report.path.display().to_string(), report.outcome)).collect()
}

fn trusts(store: &[u8]) -> bool {
    keystore::certificates(store, &USUAL_PASSWORDS).unwrap().contains(&beta()[0])
}

#[track_caller]
fn check_left(outcome: &Outcome, words: &str) {
    assert!(matches!(outcome, Outcome::Left { why, .. } if why.contains(words)), "{outcome:?}");
}
