//! Reads and writes below one folder, without ever following a symbolic link.
//!
//! The folder is writable from the container, so a path that was fine a moment ago may be a link to
//! the user's home now. Every step opens one component beneath the handle of its parent.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt, OpenOptionsSyncExt};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, ReadDir};

/// A folder, held open.
#[derive(Debug)]
pub struct Root {
    dir: Dir,
    path: PathBuf,
}

/// What is at a path.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Missing,
    /// A regular file.
    File(FileBytes),
    /// A regular file above the size cap of the caller.
    TooLarge {
        /// Its size in bytes.
        size: u64,
    },
    /// A folder.
    Directory,
    /// A symbolic link, at this path or on the way to it.
    Symlink {
        /// The link, relative to the root.
        at: String,
    },
    /// A device, socket or pipe.
    Special,
    /// It exists and cannot be read.
    Denied {
        /// The operating system's reason.
        why: String,
    },
}

/// The content of a regular file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileBytes {
    /// All of it.
    pub bytes: Vec<u8>,
    /// Permission bits; 0o644 where the system has none.
    pub mode: u32,
}

/// Why a file was not written. Nothing at the path changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// `..`, an absolute path, or an empty name.
    #[error("`{path}` is not a path inside the workspace")]
    Outside {
        /// As it was given.
        path: String,
    },
    /// A symbolic link is on the way.
    #[error("`{path}` is a symlink")]
    Symlink {
        /// The link.
        path: String,
    },
    /// The user made it read-only.
    #[error("`{path}` is read-only")]
    ReadOnly {
        /// The file.
        path: String,
    },
    /// The operating system refused.
    #[error("`{path}` could not be {action}")]
    Io {
        /// The file or folder.
        path: String,
        /// What was tried.
        action: &'static str,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

impl FileError {
    /// A next step for the user.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Symlink { .. } => {
                Some("replace the symlink with the file itself, then try again".to_owned())
            }
            Self::ReadOnly { path } => Some(format!("make it writable: chmod u+w {path}")),
            Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                Some("check who owns the folder; nothing was written".to_owned())
            }
            Self::Outside { .. } | Self::Io { .. } => None,
        }
    }
}

impl Root {
    /// Opens a folder. Links in `path` itself are followed: the user named it.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let dir = Dir::open_ambient_dir(path, ambient_authority())
            .map_err(|source| io_error(&path.display().to_string(), "opened", source))?;
        Ok(Self { dir, path: path.to_owned() })
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is at `path`; a file is read when it has at most `cap` bytes.
    pub fn read(&self, path: &str, cap: u64) -> Result<Found, FileError> {
        let opened = match self.open_file(path)? {
            Opened::File(opened) => opened,
            Opened::Not(found) => return Ok(found),
        };
        let mut bytes = Vec::new();
        opened
            .file
            .take(cap.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|source| io_error(path, "read", source))?;
        if bytes.len() as u64 > cap {
            return Ok(Found::TooLarge { size: opened.size });
        }
        Ok(Found::File(FileBytes { bytes, mode: opened.mode }))
    }

    /// Opens the file at `path` for reading, if it is one.
    pub(crate) fn open_file(&self, path: &str) -> Result<Opened, FileError> {
        let (parent, name) = match self.parent(path)? {
            Parent::Open(parent, name) => (parent, name),
            Parent::Not(found) => return Ok(Opened::Not(found)),
        };
        let meta = match parent.symlink_metadata(&name) {
            Ok(meta) => meta,
            Err(error) => return Ok(Opened::Not(absent_or_denied(&error))),
        };
        let kind = meta.file_type();
        if kind.is_symlink() {
            return Ok(Opened::Not(Found::Symlink { at: path.to_owned() }));
        }
        if kind.is_dir() {
            return Ok(Opened::Not(Found::Directory));
        }
        if !kind.is_file() {
            return Ok(Opened::Not(Found::Special));
        }
        let mut options = OpenOptions::new();
        // Non-blocking, because the file may have become a pipe since.
        options.read(true).follow(FollowSymlinks::No).nonblock(true);
        let file = match parent.open_with(&name, &options) {
            Ok(file) => file,
            Err(error) => return Ok(Opened::Not(absent_or_denied(&error))),
        };
        let meta = file.metadata().map_err(|source| io_error(path, "read", source))?;
        if !meta.is_file() {
            return Ok(Opened::Not(Found::Special));
        }
        Ok(Opened::File(OpenFile { file, size: meta.len(), mode: mode_of(&meta) }))
    }

    /// The target of the link at `path` as it is written, and of no other; `None` when none is there.
    pub(crate) fn link(&self, path: &str) -> Result<Option<PathBuf>, FileError> {
        let Parent::Open(parent, name) = self.parent(path)? else { return Ok(None) };
        if !parent.symlink_metadata(&name).is_ok_and(|meta| meta.file_type().is_symlink()) {
            return Ok(None);
        }
        parent.read_link_contents(&name).map(Some).map_err(|source| io_error(path, "read", source))
    }

    /// Names in a folder that are UTF-8, sorted, and whether no other was left out; `cap` names are looked at. The
    /// empty path is the root itself.
    pub fn list(&self, path: &str, cap: usize) -> Result<(Vec<String>, bool), FileError> {
        let mut entries = self.entries(path)?;
        let (mut names, mut is_whole) = (Vec::new(), true);
        for entry in entries.by_ref().take(cap) {
            match entry {
                Ok(entry) => names.extend(entry.file_name().into_string().ok()),
                Err(_) => is_whole = false,
            }
        }
        names.sort_unstable();
        Ok((names, is_whole && entries.next().is_none()))
    }

    /// Every name in a folder, sorted; `None` when there are more than `cap`, or one is not UTF-8 or unreadable.
    pub(crate) fn names(&self, path: &str, cap: usize) -> Result<Option<Vec<String>>, FileError> {
        let entries = self.entries(path)?.take(cap.saturating_add(1));
        let names: Option<Vec<String>> =
            entries.map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        Ok(names.filter(|names| names.len() <= cap).map(|mut names| {
            names.sort_unstable();
            names
        }))
    }

    fn entries(&self, path: &str) -> Result<ReadDir, FileError> {
        let failed = |source| io_error(path, "read", source);
        let dir = if path.is_empty() {
            self.dir.try_clone().map_err(failed)?
        } else {
            let (parent, name) = self.writable_parent(path)?;
            parent.open_dir_nofollow(&name).map_err(failed)?
        };
        dir.entries().map_err(failed)
    }

    /// Folders on the way to `path` that do not exist yet, outermost first.
    pub fn missing_folders(&self, path: &str) -> Result<Vec<String>, FileError> {
        let names = components(path)?;
        let mut missing = Vec::new();
        for count in 1..names.len() {
            let folder = names[..count].join("/");
            if !missing.is_empty() || self.read(&folder, 0)? == Found::Missing {
                missing.push(folder);
            }
        }
        Ok(missing)
    }

    /// Replaces or creates a file in one step: a temporary file beside it is written, synced and
    /// renamed over it. `mode` is given to the new file; `None` leaves the user's default.
    ///
    /// `temporary` is the name of the temporary file; one left behind by a crash is replaced.
    pub fn replace(
        &self,
        path: &str,
        bytes: &[u8],
        mode: Option<u32>,
        temporary: &str,
    ) -> Result<(), FileError> {
        let (parent, name) = self.writable_parent(path)?;
        let written = write_beside(&parent, &name, bytes, mode, temporary);
        if written.is_err() {
            drop(parent.remove_file(temporary));
        }
        written.map_err(|source| io_error(path, "written", source))
    }

    /// Creates one folder whose parent exists.
    pub fn create_folder(&self, path: &str) -> Result<(), FileError> {
        let (parent, name) = self.writable_parent(path)?;
        match parent.create_dir(&name) {
            Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
                Err(io_error(path, "created", source))
            }
            _ => Ok(()),
        }
    }

    /// Removes a file; a missing one is fine.
    pub fn remove_file(&self, path: &str) -> Result<(), FileError> {
        let (parent, name) = match self.parent(path)? {
            Parent::Open(parent, name) => (parent, name),
            Parent::Not(Found::Missing) => return Ok(()),
            Parent::Not(found) => return Err(not_writable(path, found)),
        };
        match parent.remove_file(&name) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(io_error(path, "removed", source)),
            _ => sync_folder(&parent).map_err(|source| io_error(path, "removed", source)),
        }
    }

    /// Removes a folder if nothing is in it; returns whether it is gone.
    pub fn remove_empty_folder(&self, path: &str) -> Result<bool, FileError> {
        match self.parent(path)? {
            Parent::Open(parent, name) => Ok(match parent.remove_dir(&name) {
                Ok(()) => true,
                Err(error) => error.kind() == io::ErrorKind::NotFound,
            }),
            Parent::Not(_) => Ok(true),
        }
    }

    fn writable_parent(&self, path: &str) -> Result<(Dir, String), FileError> {
        match self.parent(path)? {
            Parent::Open(parent, name) => Ok((parent, name)),
            Parent::Not(found) => Err(not_writable(path, found)),
        }
    }

    fn parent(&self, path: &str) -> Result<Parent, FileError> {
        let names = components(path)?;
        let (name, folders) = names.split_last().ok_or_else(|| outside(path))?;
        let mut dir = self.dir.try_clone().map_err(|source| io_error(path, "opened", source))?;
        for (index, folder) in folders.iter().enumerate() {
            match dir.symlink_metadata(folder) {
                Ok(meta) if meta.file_type().is_symlink() => {
                    let at = folders[..=index].join("/");
                    return Ok(Parent::Not(Found::Symlink { at }));
                }
                Ok(meta) if !meta.is_dir() => return Ok(Parent::Not(Found::Missing)),
                Ok(_) => {}
                Err(error) => return Ok(Parent::Not(absent_or_denied(&error))),
            }
            match dir.open_dir_nofollow(folder) {
                Ok(next) => dir = next,
                Err(error) => return Ok(Parent::Not(absent_or_denied(&error))),
            }
        }
        Ok(Parent::Open(dir, (*name).to_owned()))
    }
}

/// A regular file, open for reading.
pub(crate) struct OpenFile {
    pub(crate) file: cap_std::fs::File,
    /// In bytes, when it was opened.
    pub(crate) size: u64,
    /// Permission bits, as [`FileBytes::mode`].
    pub(crate) mode: u32,
}

/// What there is to read.
pub(crate) enum Opened {
    File(OpenFile),
    /// Anything else; never [`Found::File`] or [`Found::TooLarge`].
    Not(Found),
}

enum Parent {
    Open(Dir, String),
    Not(Found),
}

fn write_beside(
    parent: &Dir,
    name: &str,
    bytes: &[u8],
    mode: Option<u32>,
    temporary: &str,
) -> io::Result<()> {
    match parent.remove_file(temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).follow(FollowSymlinks::No);
    let mut file = parent.open_with(temporary, &options)?;
    file.write_all(bytes)?;
    if let Some(mode) = mode {
        set_mode(&file, mode)?;
    }
    file.sync_all()?;
    parent.rename(temporary, parent, name)?;
    sync_folder(parent)
}

/// Splits a relative path into its names.
fn components(path: &str) -> Result<Vec<&str>, FileError> {
    let fine = |name: &&str| !matches!(*name, "" | "." | "..") && !name.contains(['\0', '\\']);
    let names: Vec<&str> = path.split('/').collect();
    if names.iter().all(fine) { Ok(names) } else { Err(outside(path)) }
}

fn outside(path: &str) -> FileError {
    FileError::Outside { path: path.to_owned() }
}

fn io_error(path: &str, action: &'static str, source: io::Error) -> FileError {
    FileError::Io { path: path.to_owned(), action, source }
}

fn not_writable(path: &str, found: Found) -> FileError {
    match found {
        Found::Symlink { at } => FileError::Symlink { path: at },
        Found::Denied { why } => io_error(path, "written", io::Error::other(why)),
        _ => io_error(path, "written", io::Error::from(io::ErrorKind::NotFound)),
    }
}

fn absent_or_denied(error: &io::Error) -> Found {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Found::Missing,
        _ => Found::Denied { why: error.to_string() },
    }
}

#[cfg(unix)]
fn mode_of(meta: &cap_std::fs::Metadata) -> u32 {
    use cap_std::fs::MetadataExt;
    meta.mode() & 0o7777
}

#[cfg(not(unix))]
fn mode_of(_meta: &cap_std::fs::Metadata) -> u32 {
    0o644
}

#[cfg(unix)]
fn set_mode(file: &cap_std::fs::File, mode: u32) -> io::Result<()> {
    use cap_std::fs::{Permissions, PermissionsExt};
    file.set_permissions(Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_file: &cap_std::fs::File, _mode: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn sync_folder(dir: &Dir) -> io::Result<()> {
    // The handle itself may be path-only, which cannot be synced.
    dir.open(".")?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_dir: &Dir) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
