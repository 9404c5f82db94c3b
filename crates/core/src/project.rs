//! What the planner knows about a workspace: paths, file texts and facts that the host collected.
//!
//! Everything in a workspace is hostile input, so a path cannot leave the workspace and a symbolic
//! link is an entry of its own that nobody follows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::brought::Brought;

mod discover;
mod layout;

pub use discover::{Candidate, Discovery, discover, wanted};
pub(crate) use discover::{References, is_config, lock_file};
pub(crate) use layout::{Layout, slug};

/// Bytes; a larger file is [`Entry::Present`], not [`Entry::Text`].
pub const MAX_FILE: usize = 4 << 20;

/// A `/`-separated path below the workspace, without `.`, `..`, empty or absolute parts.
///
/// The empty path is the workspace itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RelPath(String);

impl RelPath {
    /// The workspace folder.
    pub fn root() -> Self {
        Self::default()
    }

    /// Normalises `path`; `None` when it is absolute, leaves the workspace, or holds a NUL.
    pub fn new(path: &str) -> Option<Self> {
        Self::root().join(path)
    }

    /// Resolves `path` against this folder; `None` when the result is not below the workspace.
    ///
    /// A backslash is an ordinary character, as on the systems where containers run.
    pub fn join(&self, path: &str) -> Option<Self> {
        if path.starts_with('/') || path.contains('\0') {
            return None;
        }
        let mut parts: Vec<&str> = self.parts().collect();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                name => parts.push(name),
            }
        }
        Some(Self(parts.join("/")))
    }

    /// The path as text; empty for the workspace itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts from the top down.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    /// The last part, `None` for the workspace itself.
    pub fn name(&self) -> Option<&str> {
        self.parts().next_back()
    }

    /// The folder that holds this path; the workspace is its own parent.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self(self.0.rsplit_once('/').map_or_else(String::new, |(head, _)| head.to_owned()))
    }

    /// Whether this is `other` or lies below it.
    pub fn is_within(&self, other: &Self) -> bool {
        other.0.is_empty()
            || self.0 == other.0
            || self.0.strip_prefix(&other.0).is_some_and(|rest| rest.starts_with('/'))
    }

    /// How a file in folder `base` writes this path, always with a leading `./` or `../`, which is
    /// what tells a bind source from a volume name in a Compose file.
    pub fn from_dir(&self, base: &Self) -> String {
        let to: Vec<&str> = self.parts().collect();
        let from: Vec<&str> = base.parts().collect();
        let shared = to.iter().zip(&from).take_while(|(a, b)| a == b).count();
        let up = from.len() - shared;
        let rest = to[shared..].join("/");
        let head = if up == 0 { ".".to_owned() } else { vec![".."; up].join("/") };
        if rest.is_empty() { head } else { format!("{head}/{rest}") }
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "." } else { &self.0 })
    }
}

impl TryFrom<String> for RelPath {
    type Error = String;

    fn try_from(path: String) -> Result<Self, Self::Error> {
        Self::new(&path).ok_or_else(|| format!("`{path}` is not a path below the workspace"))
    }
}

impl From<RelPath> for String {
    fn from(path: RelPath) -> Self {
        path.0
    }
}

/// What the host found at a path that [`wanted`] asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A regular file of valid UTF-8, at most [`MAX_FILE`] bytes.
    Text(String),
    /// Anything else that exists.
    Present(NoText),
    /// A folder with the names in it, in any order; the host may cap the list at 10 000.
    Dir(Vec<String>),
    /// The path, or a folder on the way to it, is a symbolic link.
    Symlink,
    /// It exists and cannot be read; the text says why.
    Unreadable(String),
    /// Nothing is there. The host records this, so that [`wanted`] does not ask again.
    Missing,
}

/// Why something that exists has no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoText {
    /// More than [`MAX_FILE`] bytes.
    TooLarge {
        /// In bytes.
        size: u64,
    },
    /// Bytes that are no UTF-8.
    NotUtf8 {
        /// How many bytes before them are.
        at: usize,
    },
    /// A socket, a device or the like.
    NotAFile,
}

impl fmt::Display for NoText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { size } => {
                write!(f, "{size} bytes, and at most {MAX_FILE} ({} MiB) are read", MAX_FILE >> 20)
            }
            Self::NotUtf8 { at } => write!(f, "not UTF-8 from byte {} on", at + 1),
            Self::NotAFile => f.write_str("not a regular file"),
        }
    }
}

impl From<String> for Entry {
    fn from(text: String) -> Self {
        match text.len() {
            ..=MAX_FILE => Self::Text(text),
            size => Self::Present(NoText::TooLarge { size: size as u64 }),
        }
    }
}

impl Entry {
    /// The text of a file.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A workspace as far as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Entries by path.
    pub files: BTreeMap<RelPath, Entry>,
    /// What is known about the machine and the repository.
    pub facts: HostFacts,
}

impl Snapshot {
    /// The entry at `path`, if the host looked there.
    pub fn get(&self, path: &RelPath) -> Option<&Entry> {
        self.files.get(path)
    }

    /// The text of the file at `path`.
    pub fn text(&self, path: &RelPath) -> Option<&str> {
        self.get(path).and_then(Entry::text)
    }

    /// Whether something exists at `path`: read there, or named by the listing of its folder.
    pub fn exists(&self, path: &RelPath) -> bool {
        match self.get(path) {
            Some(Entry::Missing) => false,
            Some(_) => true,
            None => match (self.get(&path.parent()), path.name()) {
                (Some(Entry::Dir(names)), Some(name)) => names.iter().any(|found| found == name),
                _ => false,
            },
        }
    }
}

/// Facts from outside the workspace. The default is a plain folder without git or an engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostFacts {
    /// Base name of the workspace folder; names the project.
    pub workspace_name: String,
    /// The way from the git root down to the workspace: `""` when they are the same folder,
    /// `"services/api"` when the workspace is a subfolder, `None` without git.
    pub git_root_prefix: Option<String>,
    /// Base name of the git root, when it is not the workspace.
    pub git_root_name: Option<String>,
    /// `.git` is a file: a linked worktree or a submodule, so there is no `.git/hooks` here.
    pub is_worktree: bool,
    /// `core.hooksPath` when it points into the workspace.
    pub hooks_path: Option<RelPath>,
    /// Of the paths in the snapshot, those that git ignores: a fresh clone does not have them.
    pub git_ignored: BTreeSet<RelPath>,
    /// Of the files in the snapshot, those without any execute permission. Empty where a file has none to begin
    /// with: texts in memory, Windows.
    pub not_executable: BTreeSet<RelPath>,
    /// Of the folders in the snapshot, those with more names than were kept.
    pub partly_listed: BTreeSet<RelPath>,
    /// How many paths were asked for and not looked at, because there are too many.
    pub unread: usize,
    /// The engine runs on another machine, where this workspace is not; a desktop VM is not meant.
    pub remote_engine: bool,
    /// What image and Features bring along; `None` when nobody was asked.
    pub brought: Option<Brought>,
    /// The gate's image in a registry, with its digest, where the user chose one for this machine. Never from the
    /// workspace: whoever names the gate's image decides what is let through.
    pub gate_image: Option<String>,
}
