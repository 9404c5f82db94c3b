//! `protect` then `undo` on real projects: byte-identical where it is accepted, no panic elsewhere.

use std::fs;
use std::path::Path;

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

#[test]
fn every_project_comes_back_byte_for_byte() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let Ok(projects) = fs::read_dir(&corpus) else {
        eprintln!("skipped: the corpus is not beside this repository");
        return;
    };
    let mut accepted = 0;
    let mut refused = 0;
    for project in projects {
        let project = project.unwrap().path();
        if !project.is_dir() {
            continue;
        }
        let bed = Bed::new();
        copy(&project, &bed.path(""));
        let before = bed.tree();
        let (code, _, err) = bed.said(&["protect", "--yes"]);
        let name = project.display();
        match code {
            0 => {
                accepted += 1;
                assert_ne!(bed.tree(), before, "{name}: nothing was written");
                let (code, _, err) = bed.said(&["undo"]);
                assert_eq!(code, 0, "{name}: {err}");
            }
            2 => {
                refused += 1;
                assert!(err.contains("error: ") && !err.contains("panicked"), "{name}: {err}");
            }
            other => panic!("{name}: exit code {other}: {err}"),
        }
        assert_eq!(bed.tree(), before, "{name} is not as before");
        let (code, _, err) = bed.said(&[]);
        assert_eq!(code, 0, "{name}: the summary: {err}");
    }
    println!("{accepted} accepted and undone, {refused} refused");
    assert!(accepted > 0, "nothing was accepted");
}
