//! Looks for the process that holds a socket.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::time::Instant;

use super::Process;

/// The longest command word that is kept; Linux allows 128 KiB.
const MAX_WORD: u64 = 4096;
/// Descriptors of one process that the first pass looks at.
const FIRST_PASS: usize = 1024;
/// How often the clock is read.
const STRIDE: usize = 128;

/// The lowest process id that holds the socket `inode`; `None` when there is none or `deadline` passed.
///
/// Processes with very many descriptors are looked at last, so one of them cannot hide the others.
pub(super) fn first(proc: &Path, inode: u64, deadline: Instant) -> Option<u32> {
    let wanted = format!("socket:[{inode}]");
    let mut large = Vec::new();
    for pid in pids(proc) {
        match holds(proc, pid, &wanted, FIRST_PASS, deadline) {
            Search::Found => return Some(pid),
            Search::Absent => {}
            Search::More => large.push(pid),
            Search::Late => return None,
        }
    }
    large.into_iter().find(|pid| matches!(holds(proc, *pid, &wanted, usize::MAX, deadline), Search::Found))
}

/// The lowest process id that holds each of the sockets, as far as `deadline` lets.
pub(crate) fn of_all(proc: &Path, inodes: &[u64], deadline: Instant) -> HashMap<u64, u32> {
    let mut found = HashMap::new();
    for pid in pids(proc) {
        let Ok(descriptors) = fs::read_dir(proc.join(pid.to_string()).join("fd")) else { continue };
        for descriptor in descriptors.flatten().take(FIRST_PASS) {
            let Ok(target) = fs::read_link(descriptor.path()) else { continue };
            let inode = target.to_str().and_then(|target| target.strip_prefix("socket:[")?.strip_suffix(']'));
            if let Some(inode) = inode.and_then(|inode| inode.parse().ok()).filter(|one| inodes.contains(one))
            {
                found.entry(inode).or_insert(pid);
            }
        }
        if found.len() == inodes.len() || Instant::now() >= deadline {
            break;
        }
    }
    found
}

/// The processes, lowest number first.
pub(crate) fn pids(proc: &Path) -> Vec<u32> {
    let entries = fs::read_dir(proc).into_iter().flatten().flatten();
    let mut pids: Vec<u32> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    pids.sort_unstable();
    pids
}

enum Search {
    Found,
    Absent,
    /// There are more descriptors than were looked at.
    More,
    Late,
}

fn holds(proc: &Path, pid: u32, wanted: &str, most: usize, deadline: Instant) -> Search {
    let Ok(descriptors) = fs::read_dir(proc.join(pid.to_string()).join("fd")) else {
        return Search::Absent; // It ended, or it belongs to another user.
    };
    for (index, descriptor) in descriptors.flatten().enumerate() {
        if index % STRIDE == 0 && Instant::now() >= deadline {
            return Search::Late;
        }
        if index >= most {
            return Search::More;
        }
        if fs::read_link(descriptor.path()).is_ok_and(|target| target.as_os_str() == wanted) {
            return Search::Found;
        }
    }
    Search::Absent
}

/// What can be read about `pid`; a process that ended meanwhile has only its number.
pub(super) fn describe(proc: &Path, pid: u32) -> Process {
    let folder = proc.join(pid.to_string());
    let exe = fs::read_link(folder.join("exe")).ok().map(|target| target.to_string_lossy().into_owned());
    let cmdline0 = command_word(&folder.join("cmdline"));
    Process { pid, exe, cmdline0 }
}

fn command_word(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MAX_WORD).read_to_end(&mut bytes).ok()?;
    let word = bytes.split(|byte| *byte == 0).next()?;
    (!word.is_empty()).then(|| String::from_utf8_lossy(word).into_owned())
}
