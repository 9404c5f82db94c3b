//! A file's new content in one step.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::read;

/// Replaces `path` by a file with `bytes` and `mode` in one step: readers see the old or the new content.
///
/// Nothing is written when the content and mode are there already. Returns whether it wrote.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<bool> {
    replace_with(path, bytes, mode, |_| Ok(()))
}

/// As [`replace`]; `finish` gets the new file before it takes its place, and can still stop it.
pub(crate) fn replace_with(
    path: &Path,
    bytes: &[u8],
    mode: u32,
    finish: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<bool> {
    if let Ok(metadata) = fs::symlink_metadata(path)
        && metadata.is_file()
        && metadata.permissions().mode() & 0o7777 == mode
        && read(path).is_ok_and(|now| now == bytes)
    {
        return Ok(false);
    }
    let staged = stage(path, bytes, mode)?;
    step();
    finish(&staged).and_then(|()| fs::rename(&staged, path)).inspect_err(|_| {
        let _ = fs::remove_file(&staged);
    })?;
    step();
    Ok(true)
}

/// A moment at which the process may be killed; tests do so.
#[cfg(not(test))]
fn step() {}

#[cfg(test)]
use interruption::step;

/// Writes `bytes` to a new file beside `path` and returns its name.
fn stage(path: &Path, bytes: &[u8], mode: u32) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut staged_name = std::ffi::OsString::from(".");
    staged_name.push(name);
    staged_name.push(format!(".{}.new", std::process::id()));
    let staged = path.with_file_name(staged_name);
    match fs::remove_file(&staged) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
        _ => {}
    }
    // `create_new` follows no symbolic link, so a planted one cannot redirect the write.
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&staged)?;
    step();
    let written = file
        .write_all(bytes)
        .and_then(|()| file.set_permissions(fs::Permissions::from_mode(mode)))
        .and_then(|()| file.sync_all());
    if let Err(err) = written {
        let _ = fs::remove_file(&staged);
        return Err(err);
    }
    Ok(staged)
}

/// Ends the engine at a chosen moment, as a signal would: nothing is cleaned up.
#[cfg(test)]
pub(crate) mod interruption {
    use std::cell::Cell;
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

    thread_local! {
        static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
    }

    /// Runs `work` until it has come `steps` moments far; `None` when it was ended there.
    pub(crate) fn after<T>(steps: usize, work: impl FnOnce() -> T) -> Option<T> {
        LEFT.set(Some(steps));
        let done = catch_unwind(AssertUnwindSafe(work));
        LEFT.set(None);
        done.ok()
    }

    pub(super) fn step() {
        match LEFT.get() {
            // Past the hook of panics, which would write a message.
            Some(0) => resume_unwind(Box::new("killed")),
            left => LEFT.set(left.map(|left| left - 1)),
        }
    }
}
