//! Adds certificates to stores that appear later: a JDK that is unpacked, a package that brings a bundle.
//!
//! Bounded: so many folders, never a whole tree, and the kernel wakes it; between changes it does nothing.

use std::collections::BTreeSet;
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::certificate::Certificate;
use crate::engine::{self, Options};
use crate::java;
use crate::root::Root;
use crate::store::{Outcome, Report};
use crate::system;

/// Folders that are watched; a container allows a user 8192 and more.
const MAX_FOLDERS: usize = 2048;
/// An archive is unpacked in bursts: it is looked at after this much quiet …
const QUIET: Duration = Duration::from_millis(250);
/// … or after this long at the latest.
const PATIENCE: Duration = Duration::from_secs(3);
/// Every now and then without an event too, because a kernel may drop some.
const RESCAN: Duration = Duration::from_mins(10);

/// Installs `cas`, waits for changes where stores may appear, and installs again, until `tell` breaks.
///
/// `tell` gets the stores of each round that were changed or that could not be; a store is told once per
/// outcome. It is called after every round, with an empty list too.
///
/// # Errors
///
/// The kernel gives no watch at all, or see [`engine::install`].
pub fn watch(
    root: &Root,
    cas: &[Certificate],
    options: &Options,
    mut tell: impl FnMut(&[Report]) -> ControlFlow<()>,
) -> io::Result<()> {
    let (sender, receiver) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(sender).map_err(io::Error::other)?;
    let mut seen = BTreeSet::new();
    let mut told: Vec<Report> = Vec::new();
    loop {
        // What appears between the look and the watch is found by the look after the watch.
        loop {
            let news = look(root, cas, options, &mut told)?;
            let grown = extend(root, &mut watcher, &mut seen)?;
            if tell(&news).is_break() {
                return Ok(());
            }
            if !grown {
                break;
            }
        }
        if !changed(&receiver) {
            return Ok(());
        }
    }
}

/// One installation; what was not told before.
fn look(
    root: &Root,
    cas: &[Certificate],
    options: &Options,
    told: &mut Vec<Report>,
) -> io::Result<Vec<Report>> {
    let mut news = Vec::new();
    for report in engine::install(root, cas, options)? {
        let settled = told.iter().any(|known| known.path == report.path && known.outcome == report.outcome);
        if report.outcome == Outcome::Present || (settled && report.outcome != Outcome::Added) {
            continue;
        }
        told.retain(|known| known.path != report.path);
        told.push(report.clone());
        news.push(report);
    }
    Ok(news)
}

/// Watches the folders that exist by now; whether there were new ones.
fn extend(root: &Root, watcher: &mut RecommendedWatcher, seen: &mut BTreeSet<PathBuf>) -> io::Result<bool> {
    // A folder that was removed loses its watch, and gets another when it comes back.
    seen.retain(|folder| folder.is_dir());
    let mut grown = false;
    for folder in folders(root) {
        if seen.len() >= MAX_FOLDERS || seen.contains(&folder) {
            continue;
        }
        match watcher.watch(&folder, RecursiveMode::NonRecursive) {
            Ok(()) => grown |= seen.insert(folder),
            Err(err) if seen.is_empty() => return Err(io::Error::other(err)),
            // Not readable, or gone again.
            Err(_) => {}
        }
    }
    Ok(grown)
}

/// The existing folders in which a store, or a folder on the way to one, may appear.
fn folders(root: &Root) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for path in java::places(root).into_iter().chain(system::places()) {
        for folder in path.ancestors().skip(1) {
            // Everything is below `/` and the homes; these change often and matter little.
            if folder.parent().is_none()
                || root.homes.iter().any(|home| home.starts_with(folder) && home != folder)
            {
                break;
            }
            if let Ok(real) = root.resolve(folder)
                && real.is_dir()
            {
                found.insert(real);
            }
        }
    }
    found
}

/// Waits for a change and for the quiet after it; `false` when the watcher has ended.
fn changed(receiver: &mpsc::Receiver<notify::Result<notify::Event>>) -> bool {
    let mut began: Option<Instant> = None;
    loop {
        let wait = match began {
            None => RESCAN,
            Some(began) if began.elapsed() > PATIENCE => return true,
            Some(_) => QUIET,
        };
        match receiver.recv_timeout(wait) {
            Ok(Ok(event)) if matches!(event.kind, EventKind::Access(_)) => {}
            Ok(_) => {
                began.get_or_insert_with(Instant::now);
            }
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

#[cfg(test)]
mod tests;
