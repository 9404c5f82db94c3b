//! What of the bridge is in this container, as the user that looks sees it.
//!
//! Nothing is changed and nothing is asked of anybody: a socket is connected to and closed without a
//! byte. With [`Options::active`] an ssh agent is asked for its list of identities, which it answers
//! without a question to its user. Everything is read among processes that may lie: numbers, lengths
//! and time are bounded, links are not followed to anything but plain files, and what does not fit is a
//! note.

mod agents;
mod extensions;
mod files;
mod listeners;
mod privileges;
mod processes;
mod settings;
mod sockets;

use std::fs::{self, DirEntry, File};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use drawbridge_bridge::facts::{Facts, MountFact, VERSION};

use crate::mountinfo;

/// File systems that a container has by itself.
const OWN: [&str; 12] = [
    "overlay",
    "proc",
    "sysfs",
    "cgroup",
    "cgroup2",
    "devpts",
    "mqueue",
    "tmpfs",
    "devtmpfs",
    "shm",
    "fuse.lxcfs",
    "binfmt_misc",
];
/// Mounts of the engine itself.
const ENGINES: [&str; 3] = ["/etc/resolv.conf", "/etc/hostname", "/etc/hosts"];
const MAX_MOUNTS: usize = 1024;
/// Longest foreign text that is kept, in bytes.
const MAX_TEXT: usize = 1024;

/// What to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The opened folder in this container; its files are looked at when it is given.
    pub workspace: Option<PathBuf>,
    /// Ask ssh agents for their identities.
    pub active: bool,
    /// Take digests of the extensions, which makes reading them slower.
    pub digests: bool,
    /// When the search ends; what was not looked at by then is a note.
    pub budget: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { workspace: None, active: false, digests: false, budget: Duration::from_secs(5) }
    }
}

/// Where to look, and until when.
struct Search<'a> {
    proc: &'a Path,
    /// Folder that stands for `/`.
    root: &'a Path,
    home: PathBuf,
    uid: u32,
    digests: bool,
    deadline: Instant,
    notes: Vec<String>,
}

/// Looks at this container as the current user.
pub fn collect(options: &Options) -> Facts {
    let uid = rustix::process::geteuid().as_raw();
    let home = files::home(Path::new("/"), uid);
    let mut search = Search {
        proc: Path::new("/proc"),
        root: Path::new("/"),
        home,
        uid,
        digests: options.digests,
        deadline: Instant::now() + options.budget,
        notes: Vec::new(),
    };
    let processes = processes::read(&mut search);
    let mounts = mounts(&mut search);
    let sockets = sockets::find(&mut search, &processes, options.active);
    let agents = agents::find(&search, &processes);
    let listeners = listeners::find(&search);
    let files = files::find(&mut search, options.workspace.as_deref());
    let settings = settings::find(&mut search);
    let extensions = extensions::find(&mut search);
    let mut privileges = privileges::read(&mut search);
    privileges.sudo = uid != 0 && privileges::sudo(options.budget);
    Facts {
        version: VERSION,
        uid,
        home: text(&search.home.to_string_lossy()),
        sockets,
        variables: processes::variables(processes),
        agents,
        listeners,
        mounts,
        privileges,
        files,
        settings,
        extensions,
        notes: search.notes,
    }
}

/// The words of [`drawbridge_bridge::signatures`] in the code below `folder`, and what was not read.
pub fn signatures_below(folder: &Path, digests: bool, budget: Duration) -> (Vec<String>, Vec<String>) {
    let mut search = Search {
        proc: Path::new("/proc"),
        root: Path::new("/"),
        home: PathBuf::new(),
        uid: rustix::process::geteuid().as_raw(),
        digests,
        deadline: Instant::now() + budget,
        notes: Vec::new(),
    };
    (extensions::scan(&mut search, folder).0, search.notes)
}

fn mounts(search: &mut Search<'_>) -> Vec<MountFact> {
    let table = mountinfo::table().unwrap_or_default();
    if table.is_empty() {
        search.notes.push("the mount table cannot be read".to_owned());
    }
    let own = |mount: &mountinfo::Mounted| {
        let target = mount.target.to_string_lossy();
        (OWN.contains(&mount.kind.as_str()) && mount.root == "/") || ENGINES.contains(&target.as_ref())
    };
    let foreign = mountinfo::read(&table).filter(|mount| !own(mount)).take(MAX_MOUNTS);
    foreign
        .map(|mount| MountFact {
            target: text(&mount.target.to_string_lossy()),
            root: text(&mount.root),
            kind: text(&mount.kind),
            read_only: mount.read_only,
        })
        .collect()
}

impl Search<'_> {
    fn late(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// What is in a folder. One that is there and cannot be read is a note, so that it is not taken for empty.
    fn entries(&mut self, folder: &Path) -> impl Iterator<Item = DirEntry> + use<> {
        let entries = fs::read_dir(folder);
        if let Err(error) = &entries
            && error.kind() != ErrorKind::NotFound
        {
            self.notes.push(format!("{} was not looked into: {error}", text(&folder.to_string_lossy())));
        }
        entries.into_iter().flatten().flatten()
    }

    /// The path below the search's root.
    fn at(&self, path: &str) -> PathBuf {
        match path.strip_prefix("~/") {
            Some(rest) => self.home.join(rest),
            None => self.root.join(path.trim_start_matches('/')),
        }
    }
}

/// Foreign text, cut at a character's end.
fn text(foreign: &str) -> String {
    let mut end = foreign.len().min(MAX_TEXT);
    while !foreign.is_char_boundary(end) {
        end -= 1;
    }
    foreign[..end].to_owned()
}

/// The start of a plain file; `None` when it is none or cannot be read. A pipe does not block it.
fn head(path: &Path, most: u64) -> Option<Vec<u8>> {
    let file = open(path)?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// A plain file, opened for reading.
fn open(path: &Path) -> Option<File> {
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).ok()?;
    let file = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path).ok()?;
    file.metadata().ok()?.is_file().then_some(file)
}

/// Whether the current user may write there; a read-only mount counts.
fn is_writable(path: &Path) -> bool {
    rustix::fs::accessat(rustix::fs::CWD, path, rustix::fs::Access::WRITE_OK, rustix::fs::AtFlags::EACCESS)
        .is_ok()
}

#[cfg(test)]
mod tests;
