//! What the engine changed, and the original files, so that all of it can be taken back byte for byte.
//!
//! The original is saved before a file is replaced, so an interruption at any point loses nothing.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::certificate::hex;
use crate::file;
use crate::root::Root;

const FILE: &str = "journal.json";
const ORIGINALS: &str = "originals";

/// One file that was made or replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// As programs inside see it, links resolved.
    pub(crate) path: PathBuf,
    /// The SHA-256 of the original; `None` when there was no file.
    pub(crate) before: Option<String>,
    /// The SHA-256 of what was written.
    pub(crate) after: String,
    /// A program of the distribution derives this file from others.
    #[serde(default)]
    pub(crate) derived: bool,
    /// Folders that were made for it, the outermost first.
    #[serde(default)]
    pub(crate) made: Vec<PathBuf>,
}

/// The record of all changes below one [`Root`].
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Journal {
    pub(crate) entries: Vec<Entry>,
    /// The certificates that were put in, PEM.
    #[serde(default)]
    pub(crate) certificates: Vec<String>,
    /// The NSS databases that they were put into with NSS's own program.
    #[serde(default)]
    pub(crate) databases: Vec<PathBuf>,
    #[serde(skip)]
    folder: PathBuf,
    /// Held as long as the journal is open: the start of a container and a watcher may run side by side.
    #[serde(skip)]
    _lock: Option<fs::File>,
}

impl Journal {
    /// Reads the journal, or starts one, to change stores. Waits until nobody else changes them.
    pub(crate) fn open(root: &Root) -> io::Result<Self> {
        let folder = folder(root);
        let lock = lock(&folder)?;
        Ok(Self { _lock: Some(lock), ..Self::read(root)? })
    }

    /// Reads the journal, or starts one, and makes nothing.
    pub(crate) fn read(root: &Root) -> io::Result<Self> {
        let folder = folder(root);
        let mut journal = match file::read(&folder.join(FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(err) if err.kind() == io::ErrorKind::NotFound => Self::default(),
            Err(err) => return Err(err),
        };
        // Whoever may write the journal chooses what undo writes, so it must be this user's own.
        if fs::metadata(&folder).is_ok_and(|metadata| metadata.uid() != root.uid) {
            let why = "the folder of the journal belongs to another user";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        journal.folder = folder;
        Ok(journal)
    }

    pub(crate) fn entry(&self, path: &Path) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.path == path)
    }

    /// Notes that the file at `path` changes from `before` to `after`, and keeps `before`.
    ///
    /// When the engine itself wrote `before`, the original stays what it was.
    pub(crate) fn note(
        &mut self,
        path: &Path,
        before: Option<&[u8]>,
        after: &[u8],
        derived: bool,
    ) -> io::Result<()> {
        let found = before.map(digest);
        let known = self.entry(path);
        let made = known.map(|entry| entry.made.clone()).unwrap_or_default();
        let original = match known.filter(|entry| Some(&entry.after) == found.as_ref()) {
            Some(entry) => entry.before.clone(),
            None => found,
        };
        if let (Some(bytes), Some(name)) = (before, &original)
            && digest(bytes) == *name
        {
            self.prepare()?;
            file::replace(&self.folder.join(ORIGINALS).join(name), bytes, 0o600)?;
        }
        self.entries.retain(|entry| entry.path != path);
        self.entries.push(Entry {
            path: path.to_owned(),
            before: original,
            after: digest(after),
            derived,
            made,
        });
        self.save()
    }

    /// Notes that `pem` is put into stores.
    pub(crate) fn note_certificate(&mut self, pem: String) -> io::Result<()> {
        if self.certificates.contains(&pem) {
            return Ok(());
        }
        self.certificates.push(pem);
        self.save()
    }

    /// Notes that a certificate goes into the NSS database in `folder`.
    pub(crate) fn note_database(&mut self, folder: &Path) -> io::Result<()> {
        if !self.databases.iter().any(|known| known == folder) {
            self.databases.push(folder.to_owned());
        }
        self.save()
    }

    /// Notes which folders were made for the file at `path`.
    pub(crate) fn note_folders(&mut self, path: &Path, made: Vec<PathBuf>) -> io::Result<()> {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.path == path) {
            entry.made.extend(made);
        }
        self.save()
    }

    /// The bytes of an original.
    pub(crate) fn original(&self, entry: &Entry) -> io::Result<Option<Vec<u8>>> {
        let Some(name) = &entry.before else { return Ok(None) };
        if name.len() != 64 || !name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the journal was changed"));
        }
        let bytes = file::read(&self.folder.join(ORIGINALS).join(name))?;
        if digest(&bytes) == *name {
            Ok(Some(bytes))
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidData, "the saved original was changed"))
        }
    }

    /// Drops the entry of `path`.
    pub(crate) fn forget(&mut self, path: &Path) -> io::Result<()> {
        self.entries.retain(|entry| entry.path != path);
        self.save()
    }

    /// Removes the journal's own files once nothing is noted any more.
    pub(crate) fn close(self) -> io::Result<()> {
        if !self.entries.is_empty() || !self.databases.is_empty() {
            return Ok(());
        }
        for result in
            [fs::remove_file(self.folder.join(FILE)), fs::remove_dir_all(self.folder.join(ORIGINALS))]
        {
            match result {
                Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
                _ => {}
            }
        }
        // It stays when somebody keeps something else in it.
        let _ = fs::remove_dir(&self.folder);
        Ok(())
    }

    fn prepare(&self) -> io::Result<()> {
        let folder = self.folder.join(ORIGINALS);
        fs::DirBuilder::new().recursive(true).mode(0o755).create(&folder)
    }

    fn save(&self) -> io::Result<()> {
        self.prepare()?;
        let bytes = serde_json::to_vec_pretty(self)?;
        file::replace(&self.folder.join(FILE), &bytes, 0o600).map(drop)
    }
}

fn folder(root: &Root) -> PathBuf {
    root.root.join(root.state.strip_prefix("/").unwrap_or(&root.state))
}

/// Locks the folder itself, so that no file of a lock is left behind.
fn lock(folder: &Path) -> io::Result<fs::File> {
    loop {
        fs::DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
        let lock = match fs::File::open(folder) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => continue,
            opened => opened?,
        };
        lock.lock()?;
        // An undo that ended meanwhile removed the folder: then this is the lock of nothing.
        match fs::metadata(folder) {
            Ok(now) if now.ino() == lock.metadata()?.ino() => return Ok(lock),
            Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
            _ => {}
        }
    }
}

/// The name under which content is noted.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Replaces the content of the file at `real`; its mode stays, and its owner as far as this user may give
/// files away: a store that was handed over belongs to whoever changed it last.
pub(crate) fn rewrite(real: &Path, bytes: &[u8]) -> io::Result<()> {
    let metadata = fs::metadata(real)?;
    file::replace_with(real, bytes, metadata.permissions().mode() & 0o7777, |staged| {
        let now = fs::metadata(staged)?;
        if (now.uid(), now.gid()) == (metadata.uid(), metadata.gid()) {
            return Ok(());
        }
        match chown(staged, Some(metadata.uid()), Some(metadata.gid())) {
            Err(err) if err.kind() == io::ErrorKind::PermissionDenied && now.gid() == metadata.gid() => {
                Ok(())
            }
            done => done,
        }
    })
    .map(drop)
}
