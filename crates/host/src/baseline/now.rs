//! The files of a workspace as the review compares them.
//!
//! What has no text has a digest. A link is followed by its written targets, as far as the workspace goes: a process
//! of the container may have made it, and opening what it names elsewhere could reach a device or another machine.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Component;

use drawbridge_core::drift::{self, Baseline, Content, Other};
use drawbridge_core::project::RelPath;
use sha2::{Digest, Sha256};

use crate::files::{Found, OpenFile, Opened, Root};
use crate::workspace::{Workspace, WorkspaceError};

/// Bytes that are read of all files without a text together.
const MAX_BYTES: u64 = 256 << 20;
/// As many as Linux follows (`MAXSYMLINKS`).
const MAX_LINKS: usize = 40;
/// Of one folder, and of all behind links together.
const MAX_NAMES: usize = 4_096;
/// Folders within each other.
const MAX_DEPTH: usize = 16;

/// What counts in `workspace` now, without [`Baseline::inside`].
///
/// # Errors
///
/// When the workspace cannot be read. A file of it that cannot be compared is [`Other::Unknown`].
pub fn now(workspace: &Workspace) -> Result<Baseline, WorkspaceError> {
    let mut now = drift::baseline(&workspace.audit_snapshot(None)?);
    let mut look = Look { root: workspace.root(), bytes: MAX_BYTES, names: MAX_NAMES };
    let mut seen = BTreeMap::new();
    for (path, content) in now.files.iter().filter(|(_, content)| content.text().is_none()) {
        let found = look.at(path);
        if found.as_ref().is_ok_and(|found| !found.runs) {
            now.not_executable.insert(path.clone());
        }
        let content = match found {
            Ok(found) => found.other.map_or_else(|| content.clone(), Content::Other),
            Err(why) => Content::Other(Other::Unknown(why)),
        };
        seen.insert(path.clone(), content);
    }
    for folder in &now.folders {
        // Names that are not listed could hide one that counts.
        let whole = workspace.root().names(folder.as_str(), MAX_NAMES);
        if !whole.is_ok_and(|names| names.is_some()) {
            seen.insert(folder.clone(), Content::Other(Other::Unknown(not_listed())));
        }
    }
    now.files.extend(seen);
    Ok(now)
}

struct Look<'r> {
    root: &'r Root,
    bytes: u64,
    names: usize,
}

struct Looked {
    /// `None`: neither a file nor a link.
    other: Option<Other>,
    /// Whether it may be a program.
    runs: bool,
}

/// Where a path leads.
struct Way {
    /// Targets as they are written.
    to: Vec<String>,
    /// The end, without a link on the way; `None` outside of the workspace.
    end: Option<RelPath>,
}

/// A file's content.
struct Digested {
    size: u64,
    sha256: String,
    runs: bool,
}

impl Look<'_> {
    /// An error says why it cannot be compared.
    fn at(&mut self, path: &RelPath) -> Result<Looked, String> {
        let Way { to, end } = self.way(path)?;
        if to.is_empty() {
            let Opened::File(opened) = self.open(path)? else {
                return Ok(Looked { other: None, runs: true });
            };
            let Digested { size, sha256, runs } = self.digest(opened)?;
            return Ok(Looked { other: Some(Other::Bytes { size, sha256 }), runs });
        }
        let (sha256, runs) = match end.as_ref().map(|end| self.open(end)).transpose()? {
            None | Some(Opened::Not(Found::Missing)) => (None, true),
            Some(Opened::File(opened)) => {
                let Digested { sha256, runs, .. } = self.digest(opened)?;
                (Some(sha256), runs)
            }
            // The rest of a repository changes with every commit.
            Some(Opened::Not(Found::Directory)) if is_of_git(path) => (None, true),
            Some(Opened::Not(Found::Directory)) => {
                let mut hash = Sha256::new();
                self.folder(&end.unwrap_or_default(), &mut hash, MAX_DEPTH)?;
                (Some(format!("{:x}", hash.finalize())), true)
            }
            Some(Opened::Not(found)) => return Err(why_not(&found)),
        };
        Ok(Looked { other: Some(Other::Link { to, sha256 }), runs })
    }

    /// Goes the way of `path` name by name, as the system would.
    fn way(&self, path: &RelPath) -> Result<Way, String> {
        let parts = self.root.path().components().filter(|part| matches!(part, Component::Normal(_)));
        let base: Vec<String> = parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        let (mut to, mut at) = (Vec::new(), base.clone());
        let mut left: Vec<String> = path.parts().rev().map(str::to_owned).collect();
        while let Some(name) = left.pop() {
            if name == ".." {
                at.pop();
                continue;
            }
            at.push(name);
            let Some(below) = at.strip_prefix(base.as_slice()) else {
                // The folders round the workspace are no links: its path is a real one.
                if base.starts_with(&at) {
                    continue;
                }
                return Ok(Way { to, end: None });
            };
            if below.is_empty() {
                continue;
            }
            let link = self.root.link(&below.join("/")).map_err(|error| error.to_string())?;
            let Some(link) = link else { continue };
            let Some(target) = link.to_str() else {
                return Err("a symbolic link to a path that is not UTF-8".to_owned());
            };
            if to.len() == MAX_LINKS {
                return Err("too many symbolic links".to_owned());
            }
            to.push(target.to_owned());
            at.pop();
            let target = if cfg!(windows) { target.replace('\\', "/") } else { target.to_owned() };
            if target.starts_with('/') {
                at.clear();
            }
            let names = target.split('/').rev().filter(|name| !matches!(*name, "" | "."));
            left.extend(names.map(str::to_owned));
        }
        let end = at.strip_prefix(base.as_slice()).and_then(|below| RelPath::new(&below.join("/")));
        Ok(Way { to, end })
    }

    fn open(&self, path: &RelPath) -> Result<Opened, String> {
        if path.as_str().is_empty() {
            return Ok(Opened::Not(Found::Directory));
        }
        self.root.open_file(path.as_str()).map_err(|error| error.to_string())
    }

    /// Reads a file, as long as there are bytes left to read.
    fn digest(&mut self, opened: OpenFile) -> Result<Digested, String> {
        let too_large = || format!("at most {} MiB without a text are read", MAX_BYTES >> 20);
        // Asked first, so that a file of holes costs nothing.
        if opened.size > self.bytes {
            return Err(too_large());
        }
        let mut hash = Sha256::new();
        let read = io::copy(&mut opened.file.take(self.bytes + 1), &mut hash);
        let size = read.map_err(|error| error.to_string())?;
        let enough = size <= self.bytes;
        self.bytes = self.bytes.saturating_sub(size);
        if !enough {
            return Err(too_large());
        }
        let runs = !cfg!(unix) || opened.mode & 0o111 != 0;
        Ok(Digested { size, sha256: format!("{:x}", hash.finalize()), runs })
    }

    /// Adds every name below `folder`, with what is there. Links to folders only have their targets.
    fn folder(&mut self, folder: &RelPath, hash: &mut Sha256, depth: usize) -> Result<(), String> {
        let Some(depth) = depth.checked_sub(1) else { return Err("too many folders in folders".to_owned()) };
        let listed = self.root.names(folder.as_str(), self.names).map_err(|error| error.to_string())?;
        let Some(names) = listed else {
            return Err(not_listed());
        };
        self.names -= names.len();
        hash.update((names.len() as u64).to_le_bytes());
        for name in names {
            let path = folder.join(&name).ok_or_else(|| "a name that is no path".to_owned())?;
            let Way { to, end } = self.way(&path)?;
            let found = end.map(|end| self.open(&end)).transpose()?;
            let mut add = |kind: &str, texts: &[String]| {
                hash.update((texts.len() as u64).to_le_bytes());
                for text in [name.as_str(), kind].into_iter().chain(texts.iter().map(String::as_str)) {
                    hash.update((text.len() as u64).to_le_bytes());
                    hash.update(text);
                }
            };
            add("link", &to);
            match found {
                Some(Opened::File(opened)) => {
                    let Digested { sha256, runs, .. } = self.digest(opened)?;
                    add(if runs { "program" } else { "file" }, &[sha256]);
                }
                Some(Opened::Not(Found::Directory)) if to.is_empty() => {
                    add("folder", &[]);
                    self.folder(&path, hash, depth)?;
                }
                None | Some(Opened::Not(Found::Directory | Found::Missing)) => add("else", &[]),
                Some(Opened::Not(found)) => return Err(why_not(&found)),
            }
        }
        Ok(())
    }
}

fn not_listed() -> String {
    format!("more than {MAX_NAMES} names, or one that is not UTF-8")
}

fn why_not(found: &Found) -> String {
    match found {
        Found::Denied { why } => why.clone(),
        Found::Symlink { .. } => "it changes right now".to_owned(),
        _ => "not a regular file".to_owned(),
    }
}

fn is_of_git(path: &RelPath) -> bool {
    path.parts().next() == Some(".git") && path.name() != Some("hooks")
}

#[cfg(test)]
mod tests;
