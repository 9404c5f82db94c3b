//! The fuzz target's check, and the replay of its committed seeds on stable Rust.

use std::path::Path;

#[path = "../../fuzz/check.rs"]
mod target;

pub(crate) use target::check;

#[test]
#[expect(clippy::disallowed_methods, reason = "a test may read files, the crate may not")]
fn every_seed_still_passes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/patch");
    let mut replayed = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        check(&String::from_utf8_lossy(&bytes));
        replayed += 1;
    }
    assert!(replayed >= 30, "only {replayed} seeds in {}", folder.display());
}
