use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::*;

struct Bed {
    dir: tempfile::TempDir,
}

impl Bed {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("work")).unwrap();
        Self { dir }
    }

    fn work(&self, path: &str) -> PathBuf {
        self.dir.path().join("work").join(path)
    }

    fn open(&self) -> (Journal, Vec<Recovery>) {
        Journal::open(&self.work(""), &self.dir.path().join("state")).unwrap()
    }

    fn journal(&self) -> Journal {
        let (journal, recovered) = self.open();
        assert_eq!(recovered, []);
        journal
    }

    /// Paths, modes and bytes of everything in the workspace.
    fn tree(&self) -> Vec<(String, u32, Vec<u8>)> {
        fn walk(at: &Path, base: &Path, found: &mut Vec<(String, u32, Vec<u8>)>) {
            for entry in fs::read_dir(at).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(base).unwrap().display().to_string();
                let mode = path.metadata().unwrap().permissions().mode() & 0o7777;
                let bytes = if path.is_dir() { Vec::new() } else { fs::read(&path).unwrap() };
                found.push((name, mode, bytes));
                if path.is_dir() {
                    walk(&path, base, found);
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.work(""), &self.work(""), &mut found);
        found.sort();
        found
    }
}

fn change(path: &str, before: Option<&str>, after: Option<&str>) -> FileChange {
    let bytes = |text: Option<&str>| text.map(|text| text.as_bytes().to_vec());
    FileChange { path: path.to_owned(), before: bytes(before), after: bytes(after) }
}

fn changes() -> Vec<FileChange> {
    vec![
        change("a.json", Some("\u{feff}{}\r\n"), Some("{ }")),
        change("d/e/new.yaml", None, Some("x: 1\n")),
        change("gone", Some("bye"), None),
    ]
}

/// A workspace on which [`changes`] fit, with modes that are not the default.
fn bed() -> Bed {
    let bed = Bed::new();
    fs::write(bed.work("a.json"), "\u{feff}{}\r\n").unwrap();
    fs::write(bed.work("gone"), "bye").unwrap();
    fs::set_permissions(bed.work("a.json"), fs::Permissions::from_mode(0o640)).unwrap();
    fs::set_permissions(bed.work("gone"), fs::Permissions::from_mode(0o755)).unwrap();
    bed
}

#[test]
fn undo_puts_back_every_byte_and_mode() {
    let bed = bed();
    let before = bed.tree();
    bed.journal().apply("protect", false, &changes()).unwrap().unwrap();
    assert_eq!(fs::read(bed.work("d/e/new.yaml")).unwrap(), b"x: 1\n");
    assert_eq!(bed.work("a.json").metadata().unwrap().permissions().mode() & 0o7777, 0o640);
    assert!(!bed.work("gone").exists());
    let undone = bed.journal().undo().unwrap().unwrap();
    assert_eq!(undone.entries[0].command, "protect");
    assert_eq!(bed.tree(), before);
    assert_eq!(bed.journal().undo().unwrap(), None);
}

/// Stops after each step of a write, as a crash would, and opens the journal again.
#[test]
fn a_crash_at_any_step_is_rolled_back() {
    for steps in 0..=3 {
        let bed = bed();
        let before = bed.tree();
        let changes = changes();
        {
            let journal = bed.journal();
            let changes: Vec<&FileChange> = changes.iter().collect();
            let entry =
                transaction::begin(&journal.root, &journal.store, "protect", false, 0, &changes).unwrap();
            for (index, change) in changes.iter().enumerate().take(steps) {
                transaction::write_one(&journal.root, &entry, index, change).unwrap();
            }
            fs::write(bed.work(".drawbridge-1-0.tmp"), "half").unwrap();
        }
        let (journal, recovered) = bed.open();
        let kind = if steps == 3 { RecoveryKind::Completed } else { RecoveryKind::RolledBack };
        let expected = Recovery { command: "protect".to_owned(), kind, left: Vec::new() };
        assert_eq!(recovered, [expected], "after {steps} steps");
        drop(journal);
        if steps == 3 {
            bed.journal().undo().unwrap().unwrap();
        }
        assert_eq!(bed.tree(), before, "after {steps} steps");
    }
}

#[test]
fn a_crash_during_undo_is_completed() {
    let bed = bed();
    let before = bed.tree();
    let mut entry = bed.journal().apply("protect", false, &changes()).unwrap().unwrap();
    {
        let journal = bed.journal();
        entry.state = State::Undoing;
        journal.store.save(&entry).unwrap();
        fs::write(bed.work("gone"), "bye").unwrap();
        fs::set_permissions(bed.work("gone"), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let (_, recovered) = bed.open();
    assert_eq!(recovered[0].kind, RecoveryKind::Undone);
    assert_eq!(bed.tree(), before);
}

#[test]
fn what_somebody_else_wrote_after_a_crash_is_left_and_named() {
    let bed = bed();
    {
        let journal = bed.journal();
        let changes = changes();
        let changes: Vec<&FileChange> = changes.iter().collect();
        transaction::begin(&journal.root, &journal.store, "protect", false, 0, &changes).unwrap();
    }
    fs::write(bed.work("a.json"), "mine").unwrap();
    let (_, recovered) = bed.open();
    assert_eq!(recovered[0].left, ["a.json"]);
    assert_eq!(fs::read(bed.work("a.json")).unwrap(), b"mine");
}

#[test]
fn undo_refuses_when_a_file_changed_since() {
    let bed = bed();
    bed.journal().apply("protect", false, &changes()).unwrap();
    fs::write(bed.work("d/e/new.yaml"), "x: 2\n").unwrap();
    let changed = bed.tree();
    let error = bed.journal().undo().unwrap_err();
    assert_eq!(error.to_string(), "`d/e/new.yaml` changed since, so undoing would lose that");
    assert_eq!(bed.tree(), changed);
    fs::remove_file(bed.work("d/e/new.yaml")).unwrap();
    assert!(bed.journal().undo().is_err(), "a removed file is a change too");
}

#[test]
fn a_folder_with_something_else_in_it_stays() {
    let bed = bed();
    bed.journal().apply("protect", false, &changes()).unwrap();
    fs::write(bed.work("d/other"), "").unwrap();
    let undone = bed.journal().undo().unwrap().unwrap();
    assert_eq!(undone.kept_folders, ["d"]);
    assert!(!bed.work("d/e").exists());
}

#[test]
fn a_file_that_changed_under_the_plan_stops_everything() {
    let bed = bed();
    fs::write(bed.work("gone"), "new words").unwrap();
    let before = bed.tree();
    let error = bed.journal().apply("protect", false, &changes()).unwrap_err();
    assert!(matches!(error, JournalError::Stale { path } if path == "gone"));
    assert_eq!(bed.tree(), before);
    assert_eq!(bed.journal().history().unwrap(), []);
}

#[test]
fn a_failing_write_puts_the_others_back() {
    let bed = bed();
    // A folder where a file is to be removed cannot be known to the check of the first file.
    let before = bed.tree();
    let changes = vec![
        change("a.json", Some("\u{feff}{}\r\n"), Some("{ }")),
        change(&format!("{}/x", "n".repeat(300)), None, Some("too long a name")),
    ];
    bed.journal().apply("protect", false, &changes).unwrap_err();
    assert_eq!(bed.tree(), before);
}

#[test]
fn a_read_only_file_is_refused() {
    let bed = bed();
    fs::set_permissions(bed.work("a.json"), fs::Permissions::from_mode(0o444)).unwrap();
    let error = bed.journal().apply("protect", false, &changes()).unwrap_err();
    assert_eq!(error.to_string(), "`a.json` is read-only");
    assert!(error.hint().unwrap().contains("chmod u+w a.json"));
}

#[test]
fn an_entry_that_follows_is_undone_with_its_leader() {
    let bed = bed();
    let before = bed.tree();
    bed.journal().apply("protect", false, &changes()).unwrap();
    bed.journal().apply("up", true, &[change("d/.env", None, Some("A=1\n"))]).unwrap();
    bed.journal().apply("up", true, &[change("d/.env", Some("A=1\n"), Some("A=2\n"))]).unwrap();
    bed.journal().apply("allow", false, &[change("d/e/new.yaml", Some("x: 1\n"), Some("y"))]).unwrap();
    assert_eq!(bed.journal().undo().unwrap().unwrap().entries.len(), 1);
    assert_eq!(bed.journal().undo().unwrap().unwrap().entries.len(), 3);
    assert_eq!(bed.tree(), before);
}

#[test]
fn two_at_once_are_refused() {
    let bed = bed();
    let _held = bed.journal();
    let second = Journal::open(&bed.work(""), &bed.dir.path().join("state"));
    assert!(matches!(second, Err(JournalError::Busy)));
}

#[test]
fn the_journal_is_private() {
    let bed = bed();
    let journal = bed.journal();
    let mode = journal.folder().metadata().unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode, 0o700);
}
