//! Policy texts as the mounts show them now.
//!
//! The folder is a bind of the workspace, so its files are hostile: a link, a pipe or an endless
//! file must neither be followed nor waited for.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;

use crate::limits::POLICY_BYTES;
use crate::paths::Paths;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Text {
    Present(String),
    /// Nothing is mounted, or there is no such file.
    Missing,
    /// It is there, but not for this user, or it is not a plain file of text.
    Unreadable(String),
}

/// All files that make the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sources {
    pub(crate) folder: Text,
    pub(crate) organisation: Text,
    pub(crate) personal: Text,
}

/// Cheap to compare: differs whenever a file was replaced or rewritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp([Option<FileStamp>; 3]);

/// Device, inode, size, seconds and nanoseconds of the last change.
pub(crate) type FileStamp = (u64, u64, u64, i64, i64);

impl Sources {
    /// Reads all files.
    pub(crate) fn read(paths: &Paths) -> Self {
        Self {
            folder: read_text(&paths.policy_file()),
            organisation: read_text(&paths.organisation_file()),
            personal: read_text(&paths.personal_file()),
        }
    }

    /// Device, inode, size and time of all files, by name, so that a replaced file counts.
    pub(crate) fn stamp(paths: &Paths) -> Stamp {
        let files = [paths.policy_file(), paths.organisation_file(), paths.personal_file()];
        Stamp(files.map(|path| stamp(&path)))
    }
}

/// How a file is told from the one that was there before; `None` where there is none.
pub(crate) fn stamp(path: &Path) -> Option<FileStamp> {
    let found = std::fs::symlink_metadata(path).ok()?;
    Some((found.dev(), found.ino(), found.size(), found.mtime(), found.mtime_nsec()))
}

impl Text {
    pub(crate) fn present(&self) -> Option<&str> {
        match self {
            Self::Present(text) => Some(text),
            Self::Missing | Self::Unreadable(_) => None,
        }
    }
}

fn read_text(path: &Path) -> Text {
    match read(path) {
        Ok(text) => Text::Present(text),
        Err(err) if matches!(err.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Text::Missing
        }
        Err(err) => Text::Unreadable(err.to_string()),
    }
}

fn read(path: &Path) -> io::Result<String> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let file: File = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("not a plain file"));
    }
    let mut text = String::new();
    file.take(POLICY_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > POLICY_BYTES {
        return Err(io::Error::other("the file is larger than 1 MiB"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_pipes_and_endless_files_are_unreadable() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("real"), "{}").unwrap();
        std::os::unix::fs::symlink(path("real"), path("link")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", path("zero")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, path("pipe"), rustix::fs::Mode::RUSR).unwrap();
        std::fs::create_dir(path("folder")).unwrap();
        std::fs::write(path("latin1"), b"{\"\xe9\":1}").unwrap();
        std::fs::write(path("large"), vec![b' '; 1024 * 1024 + 1]).unwrap();
        assert_eq!(read_text(&path("real")), Text::Present("{}".into()));
        assert_eq!(read_text(&path("absent")), Text::Missing);
        assert_eq!(read_text(&path("real/below")), Text::Missing);
        for name in ["link", "zero", "pipe", "folder", "latin1", "large"] {
            assert!(matches!(read_text(&path(name)), Text::Unreadable(_)), "{name}");
        }
    }

    #[test]
    fn a_replaced_file_has_another_stamp() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths { policy: folder.path().to_owned(), ..Paths::default() };
        let absent = Sources::stamp(&paths);
        std::fs::write(paths.policy_file(), "{}").unwrap();
        let first = Sources::stamp(&paths);
        assert_ne!(absent, first);
        std::fs::write(folder.path().join("new"), "{}").unwrap();
        std::fs::rename(folder.path().join("new"), paths.policy_file()).unwrap();
        assert_ne!(first, Sources::stamp(&paths));
    }
}
