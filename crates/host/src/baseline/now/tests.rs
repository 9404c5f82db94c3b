use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use drawbridge_core::drift::{Drift, DriftKind, compare};

use super::*;

const HOOK: &str = ".git/hooks/pre-commit";

struct Folder {
    _kept: tempfile::TempDir,
    path: PathBuf,
}

impl Folder {
    fn new() -> Self {
        let kept = tempfile::tempdir().unwrap();
        let path = kept.path().canonicalize().unwrap().join("w");
        fs::create_dir_all(path.join(".git/hooks")).unwrap();
        fs::create_dir_all(path.join("scripts")).unwrap();
        Self { _kept: kept, path }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        fs::write(self.at(path), bytes).unwrap();
    }

    fn link(&self, path: &str, target: impl AsRef<Path>) {
        drop(fs::remove_file(self.at(path)));
        symlink(target, self.at(path)).unwrap();
    }

    fn now(&self) -> Baseline {
        now(&Workspace::find(Some(&self.path), &self.path).unwrap()).unwrap()
    }

    /// What changes of the only thing that does, and nothing without `change`.
    fn change(&self, change: impl FnOnce()) -> Drift {
        let before = self.now();
        assert_eq!(compare(&before, &self.now()), [], "nothing happened");
        change();
        let mut drift = compare(&before, &self.now());
        assert_eq!(drift.len(), 1, "{drift:?}");
        drift.remove(0)
    }
}

fn said(drift: &Drift) -> &str {
    drift.what.last().unwrap()
}

#[test]
fn a_program_of_the_same_size_and_time_is_another() {
    let folder = Folder::new();
    folder.write(HOOK, b"\xffaa");
    let time = fs::metadata(folder.at(HOOK)).unwrap().modified().unwrap();
    let drift = folder.change(|| {
        folder.write(HOOK, b"\xffab");
        fs::File::options().write(true).open(folder.at(HOOK)).unwrap().set_modified(time).unwrap();
    });
    assert_eq!((drift.path.as_str(), drift.kind, drift.can_be_put_back()), (HOOK, DriftKind::Changed, false));
    assert!(said(&drift).starts_with("is now no text: 3 bytes"), "{drift:?}");
}

#[test]
fn a_text_that_became_too_large_and_one_that_still_is_are_seen() {
    let folder = Folder::new();
    folder.write(".envrc", b"a");
    let large = vec![b' '; (4 << 20) + 1];
    let drift = folder.change(|| folder.write(".envrc", &large));
    assert!(said(&drift).starts_with("is now no text: 4194305 bytes"), "{drift:?}");
    let other = [&large[1..], b"x"].concat();
    let drift = folder.change(|| folder.write(".envrc", &other));
    assert!(said(&drift).starts_with("is now no text: 4194305 bytes"), "{drift:?}");
}

#[test]
fn a_file_of_holes_is_not_read_and_never_as_it_was() {
    let folder = Folder::new();
    fs::File::create(folder.at(".envrc")).unwrap().set_len(1 << 40).unwrap();
    folder.write("Makefile", b"\xff");
    let now = folder.now();
    let drift = compare(&now, &now);
    let [only] = drift.as_slice() else { panic!("{drift:?}") };
    assert_eq!(only.path.as_str(), ".envrc");
    assert!(said(only).ends_with("at most 256 MiB without a text are read"), "{drift:?}");
}

#[test]
fn a_pipe_and_a_folder_in_place_of_a_file_are_seen() {
    let folder = Folder::new();
    folder.write(".envrc", b"a");
    let drift = folder.change(|| {
        fs::remove_file(folder.at(".envrc")).unwrap();
        fs::create_dir(folder.at(".envrc")).unwrap();
    });
    assert_eq!((drift.kind, said(&drift)), (DriftKind::Changed, "is now a folder"));
    let before = folder.now();
    fs::remove_dir(folder.at(".envrc")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(folder.at(".envrc")).status().unwrap();
    assert!(made.success());
    let drift = compare(&before, &folder.now());
    assert!(said(&drift[0]).ends_with("not a regular file"), "{drift:?}");
}

#[test]
fn another_target_is_seen_also_on_the_way_and_outside() {
    let folder = Folder::new();
    for (path, old, new) in [
        (HOOK, "/usr/bin/true", "/usr/bin/false"),
        (".vscode", "../elsewhere", "../other"),
        (".envrc", "scripts/a", "scripts/b"),
    ] {
        folder.link(path, old);
        let before = folder.now();
        assert_eq!(compare(&before, &folder.now()), [], "{path}");
        folder.link(path, new);
        let drift = compare(&before, &folder.now());
        let own: Vec<&Drift> = drift.iter().filter(|drift| drift.path.as_str() == path).collect();
        let [own] = own.as_slice() else { panic!("{path}: {drift:?}") };
        assert!(said(own).contains(&format!("`{new}`")), "{drift:?}");
        let below = RelPath::new(path).unwrap();
        assert!(drift.iter().all(|drift| drift.path.is_within(&below)), "{drift:?}");
    }
}

#[test]
fn what_a_link_leads_to_in_the_workspace_is_compared() {
    let folder = Folder::new();
    let real = folder.path.join("scripts/x");
    for target in [
        Path::new("../../scripts/x"),
        // Out of the workspace and back.
        Path::new("../../../w/./scripts//x"),
        &real,
        Path::new("../../scripts/second"),
        Path::new("../../scripts/third/x"),
    ] {
        folder.link("scripts/second", "x");
        folder.link("scripts/third", "../scripts/../scripts");
        folder.write("scripts/x", b"a");
        folder.link(HOOK, target);
        let drift = folder.change(|| folder.write("scripts/x", b"b"));
        assert_eq!(drift.path.as_str(), HOOK);
        assert!(said(&drift).starts_with("the symbolic link is as it was"), "{drift:?}");
    }
    fs::remove_file(folder.at("scripts/x")).unwrap();
    let drift = folder.change(|| folder.write("scripts/x", b"b"));
    assert_eq!(drift.path.as_str(), HOOK, "nothing was there");
}

/// The system goes through `d` before it goes up; by the letters alone it would be `scripts/x`.
#[test]
fn the_way_up_from_a_linked_folder_is_that_of_its_real_place() {
    let folder = Folder::new();
    fs::create_dir_all(folder.at("deep/er")).unwrap();
    folder.link("scripts/d", "../deep/er");
    folder.write("scripts/x", b"a");
    folder.write("deep/x", b"a");
    folder.link(HOOK, "../../scripts/d/../x");
    assert_eq!(fs::read(folder.at(HOOK)).unwrap(), b"a");
    let drift = folder.change(|| folder.write("deep/x", b"b"));
    assert_eq!(drift.path.as_str(), HOOK);
    let before = folder.now();
    folder.write("scripts/x", b"b");
    assert_eq!(compare(&before, &folder.now()), []);
}

#[test]
fn a_folder_behind_a_link_is_compared_with_all_that_is_in_it() {
    let folder = Folder::new();
    fs::create_dir_all(folder.at("hooks/sub")).unwrap();
    fs::remove_dir(folder.at(".git/hooks")).unwrap();
    folder.link(".git/hooks", "../hooks");
    let seen = |change: &dyn Fn()| assert_eq!(folder.change(change).path.as_str(), ".git/hooks");
    seen(&|| folder.write("hooks/pre-commit", b"a"));
    seen(&|| folder.write("hooks/pre-commit", b"b"));
    seen(&|| fs::set_permissions(folder.at("hooks/pre-commit"), fs::Permissions::from_mode(0o755)).unwrap());
    seen(&|| folder.write("hooks/sub/x", b"a"));
    seen(&|| folder.link("hooks/pre-push", "../scripts/y"));
    seen(&|| folder.write("scripts/y", b"a"));
    seen(&|| folder.link("hooks/pre-push", "../scripts/z"));
    seen(&|| fs::rename(folder.at("hooks/pre-commit"), folder.at("hooks/pre-receive")).unwrap());
    // Links in a circle end.
    seen(&|| folder.link("hooks/round", "."));
}

#[test]
fn of_a_linked_repository_the_hooks_count_and_the_objects_do_not() {
    let folder = Folder::new();
    fs::create_dir_all(folder.at("real/hooks")).unwrap();
    fs::create_dir_all(folder.at("real/objects")).unwrap();
    fs::remove_dir_all(folder.at(".git")).unwrap();
    folder.link(".git", "real");
    let drift = folder.change(|| folder.write("real/hooks/pre-push", b"a"));
    assert_eq!(drift.path.as_str(), ".git/hooks");
    let before = folder.now();
    folder.write("real/objects/x", b"a");
    assert_eq!(compare(&before, &folder.now()), []);
}

#[test]
fn a_circle_too_many_names_and_a_name_of_bytes_are_not_compared() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new();
    folder.link(".envrc", ".mcp.json");
    folder.link(".mcp.json", ".envrc");
    fs::create_dir_all(folder.at("many")).unwrap();
    for name in 0..=MAX_NAMES {
        folder.write(&format!("many/{name}"), b"");
    }
    folder.link(".vscode", "many");
    fs::create_dir_all(folder.at("bytes").join(std::ffi::OsStr::from_bytes(b"\xff"))).unwrap();
    folder.link(".idea", "bytes");
    let now = folder.now();
    let drift = compare(&now, &now);
    let said: Vec<(&str, &str)> = drift.iter().map(|drift| (drift.path.as_str(), said(drift))).collect();
    let links = "not compared, so nobody knows what it is: too many symbolic links";
    let names = "not compared, so nobody knows what it is: \
                 more than 4096 names, or one that is not UTF-8";
    assert_eq!(said, [(".envrc", links), (".idea", names), (".mcp.json", links), (".vscode", names)]);
}

#[test]
fn a_hook_behind_names_that_are_not_listed_or_not_read_is_no_secret() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new();
    let before = folder.now();
    let hidden = || {
        let drift = compare(&before, &folder.now());
        let own: Vec<&Drift> = drift.iter().filter(|drift| drift.path.as_str() == ".git/hooks").collect();
        own.iter().map(|drift| said(drift).to_owned()).collect::<Vec<_>>()
    };
    fs::write(folder.at(".git/hooks").join(std::ffi::OsStr::from_bytes(b"\xff")), "").unwrap();
    let words = "not compared, so nobody knows what it is: more than 4096 names, or one that is not UTF-8";
    assert_eq!(hidden(), [words]);
    fs::remove_file(folder.at(".git/hooks").join(std::ffi::OsStr::from_bytes(b"\xff"))).unwrap();
    assert_eq!(hidden(), [""; 0]);
    for name in 0..80 {
        folder.write(&format!(".git/hooks/a{name}"), b"");
        folder.write(&format!(".git/hooks/{name}.sample"), b"");
    }
    assert_eq!(hidden(), [""; 0]);
    folder.write(HOOK, b"");
    let words = "not compared, so nobody knows what it is: a hook behind more names than are read";
    assert_eq!(hidden(), [words]);
}

#[test]
fn a_linked_hook_that_can_run_now_is_seen() {
    let folder = Folder::new();
    folder.write("scripts/x", b"a");
    fs::set_permissions(folder.at("scripts/x"), fs::Permissions::from_mode(0o644)).unwrap();
    folder.link(HOOK, "../../scripts/x");
    let drift = folder.change(|| {
        fs::set_permissions(folder.at("scripts/x"), fs::Permissions::from_mode(0o755)).unwrap();
    });
    assert!(said(&drift).starts_with("can be executed now"), "{drift:?}");
}
