use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

fn file(bytes: &str, mode: u32) -> Found {
    Found::File(FileBytes { bytes: bytes.into(), mode })
}

fn workspace() -> (tempfile::TempDir, Root) {
    let dir = tempfile::tempdir().unwrap();
    let root = Root::open(dir.path()).unwrap();
    (dir, root)
}

#[test]
fn reads_files_and_tells_what_else_is_there() {
    let (dir, root) = workspace();
    fs::create_dir(dir.path().join("d")).unwrap();
    fs::write(dir.path().join("d/f"), "x").unwrap();
    fs::set_permissions(dir.path().join("d/f"), fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(root.read("d/f", 10).unwrap(), file("x", 0o640));
    assert_eq!(root.read("d", 10).unwrap(), Found::Directory);
    assert_eq!(root.read("d/g", 10).unwrap(), Found::Missing);
    assert_eq!(root.read("d/f/g", 10).unwrap(), Found::Missing);
    assert_eq!(root.read("d/f", 0).unwrap(), Found::TooLarge { size: 1 });
}

#[test]
fn a_link_is_reported_wherever_it_is_on_the_way() {
    let (dir, root) = workspace();
    fs::create_dir(dir.path().join("real")).unwrap();
    fs::write(dir.path().join("real/f"), "x").unwrap();
    symlink("real", dir.path().join("link")).unwrap();
    symlink("/etc/hostname", dir.path().join("out")).unwrap();
    assert_eq!(root.read("link/f", 10).unwrap(), Found::Symlink { at: "link".to_owned() });
    assert_eq!(root.read("out", 10).unwrap(), Found::Symlink { at: "out".to_owned() });
    let error = root.replace("link/f", b"y", None, ".tmp").unwrap_err();
    assert_eq!(error.to_string(), "`link` is a symlink");
    assert_eq!(fs::read(dir.path().join("real/f")).unwrap(), b"x");
}

#[test]
fn a_pipe_does_not_block() {
    let (dir, root) = workspace();
    let made = std::process::Command::new("mkfifo").arg(dir.path().join("p")).status().unwrap();
    assert!(made.success());
    assert_eq!(root.read("p", 10).unwrap(), Found::Special);
}

#[test]
fn nothing_outside_the_folder_is_reached() {
    let (_dir, root) = workspace();
    for path in ["../x", "/etc/passwd", "a/../../x", "", ".", "a//b", "a\\b"] {
        assert!(matches!(root.read(path, 10), Err(FileError::Outside { .. })), "{path}");
    }
}

#[test]
fn replacing_keeps_the_mode_and_leaves_no_temporary_file() {
    let (dir, root) = workspace();
    let path = dir.path().join("f");
    fs::write(&path, "old").unwrap();
    // A crash left this behind.
    fs::write(dir.path().join(".tmp"), "junk").unwrap();
    root.replace("f", b"new", Some(0o600), ".tmp").unwrap();
    assert_eq!(root.read("f", 10).unwrap(), file("new", 0o600));
    assert_eq!(root.list("", 1).unwrap(), (vec!["f".to_owned()], true));
    assert_eq!(root.list("", 0).unwrap(), (Vec::new(), false));
}

#[test]
fn a_file_swapped_for_a_link_is_replaced_and_its_target_is_not() {
    let (dir, root) = workspace();
    let outside = tempfile::NamedTempFile::new().unwrap();
    symlink(outside.path(), dir.path().join("f")).unwrap();
    root.replace("f", b"new", None, ".tmp").unwrap();
    assert_eq!(fs::read(outside.path()).unwrap(), b"");
    assert!(dir.path().join("f").symlink_metadata().unwrap().is_file());
}

#[test]
fn missing_folders_are_listed_outermost_first() {
    let (dir, root) = workspace();
    fs::create_dir(dir.path().join("a")).unwrap();
    assert_eq!(root.missing_folders("a/b/c/f").unwrap(), ["a/b", "a/b/c"]);
    assert_eq!(root.missing_folders("f").unwrap(), Vec::<String>::new());
}
