//! When to look at the policy's files and the extra CAs: inotify for speed, a poll every second to be sure.
//!
//! Desktop file sharing, NFS and some rootless set-ups lose events. Directories are watched, not
//! files, because editors replace a file by renaming another over it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior};

use super::Shared;
use crate::paths::Paths;
use crate::sources::{FileStamp, stamp};

/// What differs whenever one of the CAs was added, replaced or removed.
type Authorities = Vec<(PathBuf, FileStamp)>;

const POLL: Duration = Duration::from_secs(1);
/// Editors write in several steps.
const SETTLE: Duration = Duration::from_millis(100);
/// A company has a handful.
const MAX_AUTHORITIES: usize = 1024;

/// Sees changes from the moment it is made, which is before the files are read first.
pub(super) struct Changes {
    changed: Arc<Notify>,
    authorities: Authorities,
    /// Dropping it ends the events.
    _watcher: Option<RecommendedWatcher>,
}

impl Changes {
    /// Absent folders are left to the poll.
    pub(super) fn watch(paths: &Paths) -> Self {
        let changed = Arc::new(Notify::new());
        let watcher = watcher(changed.clone(), [&paths.policy, &paths.personal, &paths.authorities()]);
        Self { changed, authorities: authorities(&paths.authorities()), _watcher: watcher }
    }
}

/// Ticks the keeper, and renews trust, until dropped.
pub(super) async fn files(shared: Arc<Shared>, mut changes: Changes) {
    let mut poll = tokio::time::interval_at(Instant::now() + POLL, POLL);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut hangup = signal(SignalKind::hangup()).ok();
    loop {
        let hung_up = async {
            match &mut hangup {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = poll.tick() => {}
            () = changes.changed.notified() => tokio::time::sleep(SETTLE).await,
            _ = hung_up => {}
        }
        shared.keeper.lock().unwrap_or_else(PoisonError::into_inner).tick();
        let found = authorities(&shared.paths.authorities());
        if found != changes.authorities {
            changes.authorities = found;
            shared.authorities_changed();
        }
    }
}

fn authorities(folder: &Path) -> Authorities {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().take(MAX_AUTHORITIES);
    let mut found: Authorities =
        entries.filter_map(|entry| Some((entry.path(), stamp(&entry.path())?))).collect();
    found.sort();
    found
}

fn watcher(changed: Arc<Notify>, folders: [&Path; 3]) -> Option<RecommendedWatcher> {
    let handler = move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !event.kind.is_access()) {
            changed.notify_one();
        }
    };
    let mut watcher = notify::recommended_watcher(handler).ok()?;
    for folder in folders {
        let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
    }
    Some(watcher)
}
