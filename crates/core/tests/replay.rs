//! The fuzz target's seeds and what grows out of them, on stable: small changes, and lines in any order.

#[path = "../fuzz/check.rs"]
mod check;

use check::editor_log;
use proptest::prelude::*;

/// By name, so that the lines have the same order everywhere.
fn seeds() -> Vec<Vec<u8>> {
    let folder = format!("{}/fuzz/seeds/editor_log", env!("CARGO_MANIFEST_DIR"));
    #[expect(clippy::disallowed_methods, reason = "the seeds are files for the fuzzer's sake")]
    let mut seeds: Vec<_> = std::fs::read_dir(folder)
        .expect("the seeds' folder")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.clone(), std::fs::read(path).expect("a seed")))
        .collect();
    seeds.sort();
    assert!(seeds.len() >= 5, "only {} seeds", seeds.len());
    seeds.into_iter().map(|(_, seed)| seed).collect()
}

#[test]
fn every_seed_holds_cut_and_changed() {
    for seed in seeds() {
        editor_log(&seed);
        for at in (0..seed.len()).step_by(23) {
            editor_log(&seed[..at]);
            let mut changed = seed.clone();
            changed[at] = b"[]>(\n\r 1"[at % 8];
            editor_log(&changed);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lines_hold_in_any_order(picked in prop::collection::vec((any::<prop::sample::Index>(), ".{0,12}"), 0..40)) {
        let seeds = seeds();
        let lines: Vec<&[u8]> = seeds.iter().flat_map(|seed| seed.split(|byte| *byte == b'\n')).collect();
        let mut text = Vec::new();
        for (index, noise) in picked {
            text.extend_from_slice(index.get::<&[u8]>(&lines));
            text.extend_from_slice(noise.as_bytes());
            text.push(b'\n');
        }
        editor_log(&text);
    }
}
