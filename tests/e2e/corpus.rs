//! `protect` and `undo` over real projects: what is accepted comes back byte for byte, the rest is refused untouched.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use drawbridge_tests::Bed;

/// Fewer accepted projects than this is a regression of `protect`, not of the corpus.
const ACCEPTED_AT_LEAST: usize = 60;

/// What one entry of a tree is: its kind, mode and content.
#[derive(Debug, PartialEq, Eq)]
enum Entry {
    File(u32, Vec<u8>),
    Folder(u32),
    Link(PathBuf),
}

fn tree(root: &Path) -> BTreeMap<PathBuf, Entry> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            let meta = path.symlink_metadata().expect("an entry");
            let mode = meta.permissions().mode() & 0o7777;
            let kind = if meta.is_symlink() {
                Entry::Link(std::fs::read_link(&path).expect("a link"))
            } else if meta.is_dir() {
                folders.push(path.clone());
                Entry::Folder(mode)
            } else {
                Entry::File(mode, std::fs::read(&path).expect("a file"))
            };
            found.insert(path.strip_prefix(root).expect("below the root").to_owned(), kind);
        }
    }
    found
}

/// Rows of the corpus: folder and the configuration in it.
fn corpus() -> Option<Vec<(PathBuf, String)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let Ok(manifest) = std::fs::read_to_string(folder.join("MANIFEST.tsv")) else {
        eprintln!("SKIPPED: no corpus at {}", folder.display());
        return None;
    };
    let mut lines = manifest.lines();
    let header: Vec<&str> = lines.next().expect("a header").split('\t').collect();
    let column = |name: &str| header.iter().position(|title| *title == name).expect("a column");
    let (dir, config) = (column("dir"), column("local_config"));
    let rows = lines.map(|line| line.split('\t').collect::<Vec<_>>());
    Some(rows.map(|row| (folder.join(row[dir]), row[config].to_owned())).collect())
}

#[test]
fn protect_then_undo_is_byte_identical() {
    let Some(bed) = Bed::get() else { return };
    let Some(projects) = corpus() else { return };
    let holder = tempfile::Builder::new().prefix("corpus-").tempdir_in(bed.clones()).expect("a folder");
    bed.give(holder.path());
    let program = bed.drawbridge().display().to_string();
    let (mut accepted, mut complaints, mut refusals) = (0, Vec::new(), BTreeMap::<String, usize>::new());
    for (source, config) in &projects {
        let name = source.file_name().expect("a name").to_string_lossy().into_owned();
        let copy = holder.path().join(&name);
        bed.as_me(&["cp", "-R", &source.display().to_string(), &copy.display().to_string()], holder.path())
            .ok();
        bed.as_me(&["chmod", "-R", "u+w", &copy.display().to_string()], holder.path()).ok();
        bed.give(&copy);
        let before = tree(&copy);
        let run = |arguments: &[&str]| {
            let argv: Vec<&str> =
                std::iter::once(program.as_str()).chain(arguments.iter().copied()).collect();
            bed.host(&argv, &copy).output()
        };
        let protect = run(&["protect", "--yes", "--config", config]);
        if protect.code == Some(101) || protect.code.is_none() || protect.stderr.contains("panicked at") {
            complaints.push(format!("{name}: protect ended badly: {protect:?}"));
        } else if protect.code == Some(0) {
            accepted += 1;
            if tree(&copy) == before {
                complaints.push(format!("{name}: protect says yes and changes nothing: {protect:?}"));
            }
            let undo = run(&["undo"]);
            if undo.code != Some(0) {
                complaints.push(format!("{name}: undo refuses: {undo:?}"));
            }
        } else {
            let reason = protect.stderr.lines().next().unwrap_or("(no message)").to_owned();
            *refusals.entry(reason).or_default() += 1;
            if protect.stderr.trim().is_empty() {
                complaints.push(format!("{name}: refused without a word: {protect:?}"));
            }
        }
        let after = tree(&copy);
        if after != before {
            let differ: Vec<_> = after
                .keys()
                .chain(before.keys())
                .filter(|path| after.get(*path) != before.get(*path))
                .collect();
            complaints.push(format!("{name}: not as it was: {differ:?}"));
        }
        let _removed = std::fs::remove_dir_all(&copy);
    }
    eprintln!("{accepted} of {} accepted; refused:", projects.len());
    for (reason, count) in refusals {
        eprintln!("  {count} × {reason}");
    }
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
    assert!(accepted >= ACCEPTED_AT_LEAST, "only {accepted} accepted");
}
