//! What survives a restart: the accepted policy, whose container accepted it, and grants.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The state file's format.
const VERSION: u32 = 1;
/// Far above what 256 grants and a policy of the largest size need.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// The content of the state file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    version: u32,
    /// The container that accepted; another one takes the policy folder as it finds it.
    pub(crate) creation: String,
    /// `None`: there was no policy, so nothing is allowed.
    pub(crate) accepted: Option<Accepted>,
    #[serde(default)]
    pub(crate) grants: Vec<Grant>,
    /// A word from the host to observe for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) observe: Option<Observation>,
}

/// The policy lets through and records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Observation {
    pub(crate) reason: String,
    /// Unix seconds.
    pub(crate) until: i64,
}

/// A policy text that the host has accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Accepted {
    pub(crate) source: Source,
    pub(crate) text: String,
}

/// Where an accepted text came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Source {
    /// The bind mount.
    Folder,
    /// `DRAWBRIDGE_POLICY`.
    Inline,
}

/// A temporary word of the developer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// A rule in string form, as given, which is what `revoke` names.
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) private: bool,
    pub(crate) reason: String,
    /// Unix seconds.
    pub(crate) created: i64,
    /// Unix seconds; `None` lasts until the container is created anew.
    pub(crate) until: Option<i64>,
}

impl State {
    /// A first state for this container.
    pub(crate) fn new(creation: String) -> Self {
        Self { version: VERSION, creation, accepted: None, grants: Vec::new(), observe: None }
    }

    /// Reads the state file. Absent, or of another format: `None`, which means a new container.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, Error> {
        let file_error = |source| Error::File { path: path.to_owned(), source };
        let text = match std::fs::metadata(path) {
            Ok(found) if found.len() > MAX_BYTES => {
                return Err(file_error(io::ErrorKind::FileTooLarge.into()));
            }
            Ok(_) => std::fs::read(path).map_err(file_error)?,
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(err) => return Err(file_error(err)),
        };
        let state = serde_json::from_slice::<Self>(&text).ok();
        Ok(state.filter(|state| state.version == VERSION))
    }

    /// Replaces the state file.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        write_atomic(path, serde_json::to_vec(self)?.as_slice(), 0o600)
    }
}

/// Writes a file with its final mode beside `path`, then renames it there: a reader sees the old
/// content or the new one, also after a loss of power.
pub(crate) fn write_atomic(path: &Path, content: impl io::Read, mode: u32) -> io::Result<()> {
    write(path, content, mode, File::sync_all)
}

/// As [`write_atomic`], for what every start makes anew: it does not wait for the disk.
pub(crate) fn write_fleeting(path: &Path, content: impl io::Read, mode: u32) -> io::Result<()> {
    write(path, content, mode, |_| Ok(()))
}

fn write(
    path: &Path,
    mut content: impl io::Read,
    mode: u32,
    settle: impl FnOnce(&File) -> io::Result<()>,
) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(".new");
    let temporary = path.with_file_name(temporary);
    // Left over from a crash, perhaps with another mode.
    match std::fs::remove_file(&temporary) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(mode).open(&temporary)?;
    let written = io::copy(&mut content, &mut file)
        // Whatever the umask made of it at creation.
        .and_then(|_| file.set_permissions(Permissions::from_mode(mode)))
        .and_then(|()| settle(&file));
    drop(file);
    written.and_then(|()| std::fs::rename(&temporary, path)).inspect_err(|_| {
        let _ = std::fs::remove_file(&temporary);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_a_round_trip_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        assert_eq!(State::read(&path).unwrap(), None);
        let mut state = State::new("abc".into());
        state.accepted = Some(Accepted { source: Source::Folder, text: "{}".into() });
        state.write(&path).unwrap();
        state.write(&path).unwrap();
        assert_eq!(State::read(&path).unwrap(), Some(state));
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn a_damaged_file_is_a_new_container() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        std::fs::write(&path, "{\"version\":99}").unwrap();
        assert_eq!(State::read(&path).unwrap(), None);
    }
}
