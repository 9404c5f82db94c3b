//! The fuzz targets' seeds and what grows out of them by small changes, on stable.

#[path = "../../fuzz/check.rs"]
mod check;

/// Each seed as it is, cut at every byte, and with each of some bytes put in at every place.
fn replay(target: &str, check: fn(&[u8])) {
    let folder = format!("{}/fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
    #[expect(clippy::disallowed_methods, reason = "the seeds are files for the fuzzer's sake")]
    let seeds: Vec<Vec<u8>> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect();
    assert!(!seeds.is_empty());
    for seed in seeds {
        check(&seed);
        for at in 0..seed.len() {
            check(&seed[..at]);
            for byte in *b"/%.;*\\:[]\"25ef" {
                let mut changed = seed.clone();
                changed[at] = byte;
                check(&changed);
                if seed.len() < 200 {
                    changed.clone_from(&seed);
                    changed.insert(at, byte);
                    check(&changed);
                }
            }
        }
    }
}

#[test]
fn authorities() {
    replay("authority", check::authority);
}

#[test]
fn paths() {
    replay("path", check::path);
}

#[test]
fn policy_files() {
    replay("policy_file", check::policy_file);
}
