//! One opened folder with the documents that an editor has not saved.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use drawbridge_core::audit::{Input, Report, audit};
use drawbridge_core::project::{MAX_FILE, RelPath, Snapshot};
use drawbridge_host::engine::Engine;
use drawbridge_host::journal::Journal;
use drawbridge_host::variables;
use drawbridge_host::workspace::Workspace;

use crate::Error;

/// One opened folder. Every method may be called from any thread at any time.
#[derive(Debug)]
pub struct Project {
    pub(crate) workspace: Workspace,
    open: Mutex<BTreeMap<RelPath, String>>,
    /// The static program for Linux that looks into containers.
    pub(crate) program: PathBuf,
    /// Hosts that the gate denied, as far as somebody asked; for completion.
    pub(crate) denied: Mutex<Vec<String>>,
}

impl Project {
    /// Opens `folder` as it is. `program` is a `drawbridge` whose copy for Linux, itself or one beside it,
    /// looks into containers.
    pub fn open(folder: &Path, program: PathBuf) -> Result<Self, Error> {
        let workspace = Workspace::find(Some(folder), folder)?;
        Ok(Self { workspace, open: Mutex::default(), program, denied: Mutex::default() })
    }

    /// The real path of the folder.
    pub fn folder(&self) -> &Path {
        self.workspace.path()
    }

    /// The text of an open document stands for the file until it is closed with `None`. A text that is too
    /// large for the audit, or a path that is not below the folder, changes nothing.
    pub fn set_document(&self, file: &str, text: Option<String>) {
        let Some(path) = RelPath::new(file) else { return };
        let mut open = locked(&self.open);
        match text.filter(|text| text.len() <= MAX_FILE) {
            Some(text) => open.insert(path, text),
            None => open.remove(&path),
        };
    }

    /// The text of an open document, else of the file.
    pub fn text(&self, file: &str) -> Option<String> {
        let path = RelPath::new(file)?;
        if let Some(text) = locked(&self.open).get(&path) {
            return Some(text.clone());
        }
        self.workspace.text(&path)
    }

    /// Everything that the audit reads, open documents in place of their files.
    pub(crate) fn snapshot(&self) -> Result<Snapshot, Error> {
        let open = locked(&self.open).clone();
        Ok(self.workspace.open_snapshot(&open)?)
    }

    /// The audit of files.
    pub(crate) fn audited(&self) -> Result<(Snapshot, Report), Error> {
        let snapshot = self.snapshot()?;
        let report = audit(&Input { snapshot: &snapshot, live: None, host: &[], now: now() });
        Ok((snapshot, report))
    }

    /// The engine, never one of the folder's own programs.
    pub(crate) fn engine(&self) -> Engine {
        Engine::new(self.workspace.tools())
    }

    pub(crate) fn journal(&self) -> Result<Journal, Error> {
        let state = variables::state_home().ok_or(Error::NoState)?;
        Ok(Journal::open(self.workspace.path(), &state)?.0)
    }
}

/// Whether diagnostics, hovers and completion have something to say about a file of this name.
pub fn concerns(file: &str) -> bool {
    let Some(path) = RelPath::new(file) else { return false };
    let Some(name) = path.name() else { return false };
    let folder = path.parent();
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    match name {
        "devcontainer.json" | ".devcontainer.json" | "policy.jsonc" | ".mcp.json" | "mcp.json" => true,
        "Dockerfile" | "Containerfile" => true,
        _ if name.ends_with(".code-workspace") || name.ends_with(".Dockerfile") => true,
        _ if yaml => name.contains("compose") || folder.parts().any(|part| part == ".devcontainer"),
        _ => name.ends_with(".json") && folder.name() == Some(".vscode"),
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// A panic elsewhere leaves plain data, so a poisoned lock is no reason to stop.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
