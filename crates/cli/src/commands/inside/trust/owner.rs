//! Root acts for the user to whom the stores were handed over, with that user's rights and no more.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use drawbridge_host::variables;
use drawbridge_trust::engine::HANDED_OVER;
use drawbridge_trust::{Report, User};

/// `own` together with what `drawbridge trust ARGV` reports when the owner of the handed-over stores runs it.
///
/// Nothing but `own` when this is not root or nothing was handed over: the owner's own start does it then.
pub(super) fn with_owner(own: Vec<Report>, argv: &[OsString]) -> Vec<Report> {
    let Some(theirs) = run(argv) else { return own };
    let mut all: Vec<Report> =
        own.into_iter().filter(|report| theirs.iter().all(|their| their.path != report.path)).collect();
    all.extend(theirs);
    all
}

/// Notes by name for whom the stores are: the number may change after the build.
pub(super) fn remember(user: &User) -> std::io::Result<()> {
    std::fs::write(note(), &user.name)
}

fn note() -> PathBuf {
    Path::new(HANDED_OVER).with_file_name("owner")
}

fn run(argv: &[OsString]) -> Option<Vec<Report>> {
    if std::fs::metadata("/proc/self").ok()?.uid() != 0 {
        return None;
    }
    let group = std::fs::metadata(HANDED_OVER).ok()?.gid();
    let user = User::find(std::fs::read_to_string(note()).ok()?.trim()).filter(|user| user.uid != 0)?;
    let home = if user.home.is_dir() { user.home.as_path() } else { Path::new("/") };
    let output = Command::new(std::env::current_exe().ok()?)
        .args(["trust", "--json"])
        .args(argv)
        .env(variables::HOME, home)
        .current_dir("/")
        .uid(user.uid)
        .gid(group)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .ok()?;
    serde_json::from_slice(&output.stdout).ok()
}
