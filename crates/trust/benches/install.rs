//! An installation into three JDKs, a second run, and the shared files, on the machine's own set of roots.

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use drawbridge_trust::certificate::{self, Certificate};
use drawbridge_trust::engine::{Options, install};
use drawbridge_trust::{Root, keystore, share};

const ACME: &str = include_str!("../tests/fixtures/acme-root.pem");
const BETA: &str = include_str!("../tests/fixtures/beta-root.pem");

/// The public roots of this machine, or a single one where it has none.
fn bundle() -> String {
    fs::read_to_string("/etc/ssl/certs/ca-certificates.crt").unwrap_or_else(|_| ACME.to_owned())
}

/// A root with three JDKs.
fn container(store: &[u8]) -> (tempfile::TempDir, Root) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for jdk in ["a", "b", "c"] {
        let security = folder.path().join("usr/lib/jvm").join(jdk).join("lib/security");
        fs::create_dir_all(&security).expect("the folder is writable");
        fs::write(security.join("cacerts"), store).expect("the folder is writable");
    }
    let root = Root {
        root: folder.path().to_owned(),
        uid: 0,
        homes: Vec::new(),
        path: Vec::new(),
        state: PathBuf::from("/state"),
    };
    (folder, root)
}

fn benches(criterion: &mut Criterion) {
    let cas: Vec<Certificate> = certificate::parse_all(BETA.as_bytes());
    let folder = tempfile::tempdir().expect("a temporary folder");
    share::write(folder.path(), &bundle(), &[] as &[&str]).expect("the bundle is valid");
    let store = fs::read(folder.path().join(share::KEYSTORE)).expect("it was just written");
    assert!(keystore::certificates(&store, &[share::PASSWORD]).is_ok_and(|all| !all.is_empty()));

    criterion.bench_function("install into three JDKs", |bencher| {
        bencher.iter_batched(
            || container(&store),
            |(folder, root)| {
                black_box(install(&root, &cas, &Options::default()).expect("a journal"));
                folder
            },
            BatchSize::PerIteration,
        );
    });
    let (_folder, root) = container(&store);
    install(&root, &cas, &Options::default()).expect("a journal");
    criterion.bench_function("second run", |bencher| {
        bencher.iter(|| install(&root, &cas, &Options::default()).expect("a journal"));
    });
    criterion.bench_function("shared files", |bencher| {
        bencher.iter_batched(
            || tempfile::tempdir().expect("a temporary folder"),
            |folder| {
                share::write(folder.path(), &bundle(), &[BETA]).expect("the bundle is valid");
                folder
            },
            BatchSize::PerIteration,
        );
    });
}

criterion_group!(install_benches, benches);
criterion_main!(install_benches);
