//! What the dev container gets from the sidecar, read-only: this binary, rules, trust files.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::config::PrepareShare;
use crate::error::Error;
use crate::paths::Paths;
use crate::state::{write_atomic, write_fleeting};

/// A word to whoever works in the dev container, agents among them.
const README: &str = "\
This container's only way out is a gate (Drawbridge). It lets through what a policy allows; this text
and the files beside it are read-only here, and nothing in this container can change the policy.

policy.effective.json   the rules in force, and the names of secrets that the gate adds to requests
trust/                  the certificates that programs here should trust

What is refused: HTTP answers 403 with a JSON body (`blocked_by`, `reason`, `why`, `ask`), a name does
not resolve, or TLS ends with an alert. Do not work around it: say what you need and why to the person you
work for. On their machine `drawbridge blocked` lists it with the command that allows it.

Where a tool wants a credential whose secret is listed, write its `placeholder`; the gate puts the
secret in its place on the way out. A placeholder that is sent anywhere else is refused and reported.
";

/// Makes the share complete.
pub(crate) fn prepare(paths: &Paths, ca: &str, hook: Option<&PrepareShare>) -> Result<(), Error> {
    let binary = paths.shared_binary();
    copy_binary(&paths.binary, &binary).map_err(|source| Error::File { path: binary, source })?;
    let readme = paths.share.join("README.txt");
    write_fleeting(&readme, README.as_bytes(), 0o644)
        .map_err(|source| Error::File { path: readme, source })?;
    prepare_trust(paths, ca, hook)
}

/// Puts the project's CA, and whatever else is to be trusted, into the share.
pub(crate) fn prepare_trust(paths: &Paths, ca: &str, hook: Option<&PrepareShare>) -> Result<(), Error> {
    match hook {
        Some(hook) => hook(&paths.share, ca).map_err(Error::Share),
        None => Ok(()),
    }
}

/// Says that the sidecar listens and the share is complete.
pub(crate) fn write_marker(paths: &Paths) -> Result<(), Error> {
    let path = paths.ready_marker();
    let text = concat!(env!("CARGO_PKG_VERSION"), "\n");
    write_fleeting(&path, text.as_bytes(), 0o644).map_err(|source| Error::File { path, source })
}

/// Says that it no longer does.
pub(crate) fn remove_marker(paths: &Paths) -> Result<(), Error> {
    let path = paths.ready_marker();
    match std::fs::remove_file(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::File { path, source }),
        _ => Ok(()),
    }
}

/// Copies only a different binary: one that runs in the dev container keeps its inode. Which one was copied is noted
/// beside it, so that a start does not read both; only the sidecar can write there.
fn copy_binary(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let found = std::fs::metadata(from)?;
    // Images may give every file the same time of change in content, never the same one of its inode.
    let stamp = format!("{} {} {} {}\n", found.len(), found.ino(), found.ctime(), found.ctime_nsec());
    let note = to.with_file_name(".source");
    let copied = std::fs::metadata(to).is_ok_and(|copy| copy.len() == found.len());
    if copied && std::fs::read(&note).is_ok_and(|noted| noted == stamp.as_bytes()) {
        return Ok(());
    }
    write_atomic(to, std::fs::File::open(from)?, 0o755)?;
    write_fleeting(&note, stamp.as_bytes(), 0o644)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_binary_is_replaced_only_when_it_differs() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("exe"), folder.path().join("bin/drawbridge"));
        std::fs::write(&from, vec![1; 20_000]).unwrap();
        copy_binary(&from, &to).unwrap();
        let first = to.metadata().unwrap();
        assert_eq!(first.permissions().mode() & 0o777, 0o755);
        copy_binary(&from, &to).unwrap();
        assert_eq!(to.metadata().unwrap().ino(), first.ino());
        let mut other = vec![1; 20_000];
        other[19_999] = 2;
        std::fs::write(&from, &other).unwrap();
        copy_binary(&from, &to).unwrap();
        assert_eq!(std::fs::read(&to).unwrap(), other);
    }
}
