//! A private temporary folder for each run.
//!
//! The command replaces this process, so nobody is left to remove the folder afterwards. Its name holds the process id
//! and start time instead, and the next run removes the folders whose process is gone.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

const PREFIX: &str = "drawbridge-run-";

/// Makes `<base>/drawbridge-run-<uid>/<pid>.<start>` with a `runtime` folder in it, all of mode 0700.
///
/// # Errors
///
/// When the folder cannot be made, or when what stands in its place is not this user's alone.
pub(crate) fn create(base: &Path) -> io::Result<PathBuf> {
    let uid = rustix::process::geteuid().as_raw();
    let parent = base.join(format!("{PREFIX}{uid}"));
    match private().create(&parent) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = fs::symlink_metadata(&parent)?;
    if !found.is_dir() || found.uid() != uid || found.permissions().mode() & 0o077 != 0 {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!("{} is not a private folder of this user", parent.display()),
        ));
    }
    sweep(&parent);
    let own = parent.join(identity(std::process::id()).unwrap_or_else(|| std::process::id().to_string()));
    private().create(&own)?;
    private().create(own.join("runtime"))?;
    Ok(own)
}

fn private() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

/// `<pid>.<start time in ticks>` of a living process (`proc_pid_stat(5)`, field 22).
fn identity(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let ticks = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?;
    Some(format!("{pid}.{ticks}"))
}

/// Removes folders of processes that are gone; what cannot be removed stays.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        if !is_alive(&name) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_alive(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    let pid = name.split('.').next().and_then(|pid| pid.parse().ok());
    pid.and_then(identity).is_some_and(|living| living == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sweeps_what_the_dead_left_and_keeps_the_living() {
        let base = tempfile::tempdir().unwrap();
        let own = create(base.path()).unwrap();
        let dead = own.parent().unwrap().join(format!("{}.1", std::process::id()));
        fs::create_dir(&dead).unwrap();
        sweep(own.parent().unwrap());
        assert!(own.join("runtime").is_dir());
        assert!(!dead.exists());
    }

    #[test]
    fn refuses_a_folder_that_others_can_enter() {
        let base = tempfile::tempdir().unwrap();
        let uid = rustix::process::geteuid().as_raw();
        let parent = base.path().join(format!("{PREFIX}{uid}"));
        fs::create_dir(&parent).unwrap();
        fs::set_permissions(&parent, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(create(base.path()).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }
}
