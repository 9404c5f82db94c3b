use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread;

use super::*;
use crate::certificate::parse_all;
use crate::keystore::{self, USUAL_PASSWORDS, pkcs12};

const ACME: &str = include_str!("../../tests/fixtures/acme-root.pem");
const BETA: &str = include_str!("../../tests/fixtures/beta-root.pem");
/// Far more than a round takes; a watcher that does nothing fails the test instead of hanging it.
const LIMIT: Duration = Duration::from_mins(1);

fn constructed() -> (tempfile::TempDir, Root) {
    let folder = tempfile::tempdir().unwrap();
    for path in ["etc/ssl/certs", "opt", "home/me"] {
        fs::create_dir_all(folder.path().join(path)).unwrap();
    }
    fs::write(folder.path().join("etc/ssl/certs/ca-certificates.crt"), ACME).unwrap();
    let root = Root {
        root: folder.path().to_owned(),
        uid: fs::metadata(folder.path()).unwrap().uid(),
        homes: vec![PathBuf::from("/home/me")],
        path: Vec::new(),
        state: PathBuf::from("/state"),
    };
    (folder, root)
}

fn trusts(store: &Path) -> bool {
    let beta = parse_all(BETA.as_bytes()).remove(0);
    fs::read(store).is_ok_and(|bytes| {
        keystore::certificates(&bytes, &USUAL_PASSWORDS).is_ok_and(|all| all.contains(&beta))
    })
}

#[test]
fn a_jdk_that_is_unpacked_later_is_found() {
    let (folder, root) = constructed();
    let store = pkcs12::create(&parse_all(ACME.as_bytes()), "changeit");
    let jdks =
        ["opt/late-jdk/lib/security/cacerts", "home/me/.sdkman/candidates/java/21/lib/security/cacerts"];
    let cas = parse_all(BETA.as_bytes());
    let began = Instant::now();
    let (started, ready) = mpsc::channel();
    thread::scope(|scope| {
        let (folder, store) = (folder.path(), &store);
        scope.spawn(move || {
            ready.recv_timeout(LIMIT).unwrap();
            for jdk in jdks {
                let path = folder.join(jdk);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                // Half of it first, as an archive is unpacked.
                fs::write(&path, &store[..store.len() / 2]).unwrap();
                fs::write(&path, store).unwrap();
            }
        });
        watch(&root, &cas, &Options::default(), |news| {
            let _ = started.send(());
            assert!(began.elapsed() < LIMIT, "{news:?}");
            let all = jdks.iter().all(|jdk| trusts(&folder.join(jdk)));
            if all { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    });
    assert!(jdks.iter().all(|jdk| trusts(&folder.path().join(jdk))));
}

#[test]
fn a_store_is_told_once_per_outcome() {
    let (folder, root) = constructed();
    let path = folder.path().join("opt/jdk/lib/security/cacerts");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "no keystore").unwrap();
    let cas = parse_all(BETA.as_bytes());
    let mut told = Vec::new();
    let first = look(&root, &cas, &Options::default(), &mut told).unwrap();
    assert_eq!(first.len(), 2, "{first:?}");
    assert_eq!(look(&root, &cas, &Options::default(), &mut told).unwrap(), []);
}

#[test]
fn watches_where_stores_may_appear_and_nothing_above_the_homes() {
    let (folder, root) = constructed();
    let found: Vec<PathBuf> = folders(&root).iter().map(|real| root.inside(real)).collect();
    assert_eq!(found, ["/etc", "/etc/ssl", "/etc/ssl/certs", "/home/me", "/opt"].map(PathBuf::from));
    drop(folder);
}
