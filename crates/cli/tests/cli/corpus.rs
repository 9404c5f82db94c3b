//! `protect` then `undo` on real projects: byte-identical where it is accepted, no panic elsewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use crate::support::Bed;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            // Without its mode: the corpus is read-only.
            fs::write(target, fs::read(&path).unwrap()).unwrap();
        }
    }
}

/// Whether `protect` accepted it; either way the project is as before afterwards.
fn comes_back(project: &Path) -> bool {
    let bed = Bed::new();
    copy(project, &bed.path(""));
    let before = bed.tree();
    let name = project.display();
    let (code, _, err) = bed.said(&["protect", "--yes"]);
    let accepted = code == 0;
    if accepted {
        assert_ne!(bed.tree(), before, "{name}: nothing was written");
        let (code, _, err) = bed.said(&["undo"]);
        assert_eq!(code, 0, "{name}: {err}");
    } else {
        assert_eq!(code, 2, "{name}: {err}");
        assert!(err.contains("error: ") && !err.contains("panicked"), "{name}: {err}");
    }
    assert_eq!(bed.tree(), before, "{name} is not as before");
    let (code, _, err) = bed.said(&[]);
    assert_eq!(code, 0, "{name}: the summary: {err}");
    accepted
}

#[test]
fn every_project_comes_back_byte_for_byte() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let Ok(listing) = fs::read_dir(&corpus) else {
        eprintln!("skipped: the corpus is not beside this repository");
        return;
    };
    let projects: Vec<PathBuf> =
        listing.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    // Mostly waiting for the disk.
    let accepted: usize = thread::scope(|scope| {
        let parts = projects.chunks(projects.len().div_ceil(8));
        let runs: Vec<_> = parts
            .map(|part| scope.spawn(|| part.iter().filter(|project| comes_back(project)).count()))
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).sum()
    });
    println!("{accepted} accepted and undone, {} refused", projects.len() - accepted);
    assert!(accepted > 0, "nothing was accepted");
}
