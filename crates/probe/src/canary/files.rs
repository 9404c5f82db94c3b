//! Protected files and folders: whether this process could write them, or put others in their place.
//!
//! A read-only mount over a file does not help when its folder can be renamed and made anew, so
//! that is tried too. A folder is renamed onto one that is not empty: the kernel looks at
//! permissions and mounts first, and the last step fails, so nothing moves.

use std::fs::{self, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::{Canary, Targets, Verdict};
use crate::mountinfo;

pub(super) fn plan(targets: &Targets) -> Vec<Canary> {
    let mut canaries = Vec::new();
    let mut parents: Vec<&Path> = Vec::new();
    for path in &targets.protected {
        canaries.push(write(path.clone()));
        canaries.push(rename(path.clone()));
        if let Some(parent) = path.parent().filter(|parent| parent.parent().is_some()) {
            parents.push(parent);
        }
    }
    parents.sort();
    parents.dedup();
    parents.retain(|parent| !targets.protected.iter().any(|path| path == parent));
    canaries.extend(parents.into_iter().map(|parent| rename(parent.to_owned())));
    canaries
}

fn write(path: PathBuf) -> Canary {
    let shown = path.display().to_string();
    let attempt = if path.is_dir() {
        format!("touch {shown}/CANARY")
    } else {
        format!("dd if=/dev/null of={shown} conv=notrunc")
    };
    Canary::new(format!("write:{shown}"), attempt, move |_| {
        let Ok(metadata) = fs::metadata(&path) else {
            return Verdict::skip("it does not exist or cannot be looked at");
        };
        let tried = if metadata.is_dir() { write_in_folder(&path) } else { open_for_writing(&path) };
        judge_write(&path, tried)
    })
}

/// Opens without truncation and writes nothing, so the content stays.
fn open_for_writing(path: &Path) -> io::Result<()> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(ErrorKind::Unsupported, "neither a file nor a folder"));
    }
    OpenOptions::new().write(true).open(path).map(drop)
}

fn write_in_folder(folder: &Path) -> io::Result<()> {
    let temporary = folder.join(temporary_name());
    OpenOptions::new().write(true).create_new(true).open(&temporary)?;
    fs::remove_file(&temporary)
}

fn judge_write(path: &Path, tried: io::Result<()>) -> Verdict {
    match tried {
        Ok(()) => Verdict::fail("it can be written"),
        Err(err) => match err.kind() {
            ErrorKind::ReadOnlyFilesystem => Verdict::pass("a read-only mount"),
            ErrorKind::PermissionDenied if is_read_only(path) => {
                Verdict::pass("permission denied, and a read-only mount")
            }
            ErrorKind::PermissionDenied => Verdict::pass(
                "permission denied for this user; no read-only mount, so root of the container could",
            ),
            _ => Verdict::skip(format!("could not be tried: {err}")),
        },
    }
}

fn is_read_only(path: &Path) -> bool {
    let table = mountinfo::table().unwrap_or_default();
    path.canonicalize().is_ok_and(|path| mountinfo::is_read_only(&table, &path))
}

fn rename(path: PathBuf) -> Canary {
    let shown = path.display().to_string();
    Canary::new(format!("rename:{shown}"), format!("mv {shown} {shown}.CANARY"), move |_| {
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            return Verdict::skip("it does not exist or cannot be looked at");
        };
        if metadata.is_dir() { rename_folder(&path) } else { rename_file(&path) }
    })
}

fn rename_folder(folder: &Path) -> Verdict {
    let target = folder.with_file_name(temporary_name());
    if let Err(err) = fs::create_dir(&target) {
        return judge_rename(&err);
    }
    let occupied = target.join("occupied");
    let outcome = match fs::create_dir(&occupied) {
        Err(err) => Verdict::skip(format!("could not be tried: {err}")),
        Ok(()) => match fs::rename(folder, &target) {
            Err(err) => judge_rename(&err),
            // Somebody emptied the target meanwhile.
            Ok(()) => moved_back(fs::rename(&target, folder)),
        },
    };
    let _ = fs::remove_dir(&occupied);
    let _ = fs::remove_dir(&target);
    outcome
}

fn rename_file(file: &Path) -> Verdict {
    let target = file.with_file_name(temporary_name());
    match fs::rename(file, &target) {
        Err(err) => judge_rename(&err),
        Ok(()) => moved_back(fs::rename(&target, file)),
    }
}

fn moved_back(result: io::Result<()>) -> Verdict {
    match result {
        Ok(()) => Verdict::fail("it can be renamed, so another can take its place"),
        Err(err) => Verdict::fail(format!("it was renamed and could not be renamed back: {err}")),
    }
}

fn judge_rename(err: &io::Error) -> Verdict {
    match err.kind() {
        ErrorKind::ResourceBusy => Verdict::pass("it is a mount point, which cannot be renamed"),
        ErrorKind::ReadOnlyFilesystem => Verdict::pass("its folder is on a read-only mount"),
        ErrorKind::PermissionDenied => Verdict::pass("its folder cannot be written by this user"),
        ErrorKind::CrossesDevices => Verdict::pass("it is part of the image and cannot be moved"),
        ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists => {
            Verdict::fail("it can be renamed, so another can take its place")
        }
        _ => Verdict::skip(format!("could not be tried: {err}")),
    }
}

fn temporary_name() -> String {
    format!(".drawbridge-canary-{:016x}", RandomState::new().hash_one(std::process::id()))
}

#[cfg(test)]
mod tests;
