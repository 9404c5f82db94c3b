//! Protect, undo and history.

use drawbridge_core::protect::{self, NoteKind};
use drawbridge_host::engine::Engine;
use drawbridge_host::journal::{self, FileChange, Journal, State};
use drawbridge_host::verify::{self, Verified};
use drawbridge_host::workspace::Workspace;
use drawbridge_host::{brought, containers, sidecar};

use crate::protected::refused;
use crate::protocol::protect::{
    Applied, Change, HistoryEntry, HistoryFile, Plan, ProtectOptions, ReachableHost, Undone,
};
use crate::review::digest;
use crate::{Error, Project};

impl Project {
    /// What `protect` would do, from the files as they are on the disk: what an editor has not saved is not
    /// what a container is built from.
    pub fn plan(&self, options: &ProtectOptions) -> Result<Plan, Error> {
        Ok(shown(&self.planned(options)?))
    }

    /// Writes the plan with that digest, journaled, and takes it back when Compose's own reading of the
    /// result has another network left.
    pub fn apply(&self, options: &ProtectOptions, digest: &str) -> Result<Applied, Error> {
        let mut journal = self.journal()?;
        let plan = self.planned(options)?;
        if shown(&plan).digest != digest {
            return Err(Error::Stale);
        }
        let changes: Vec<FileChange> = plan.changes.iter().map(FileChange::from).collect();
        if !changes.is_empty() {
            journal.apply("protect", false, &changes)?;
        }
        let engine = self.engine();
        let Written { verified, open, mut warnings } =
            written(&engine, &self.workspace, &plan, &mut journal)?;
        if matches!(sidecar::present(&engine), Ok(false)) {
            warnings.push("the gate's image is missing; `drawbridge up` makes it".to_owned());
        }
        let files = plan.changes.iter().map(|change| change.path.as_str().to_owned()).collect();
        Ok(Applied { files, verified, open, warnings })
    }

    /// Puts the files of the last change back, byte for byte; refuses when one changed since.
    pub fn undo(&self) -> Result<Undone, Error> {
        let undone = self.journal()?.undo()?;
        let entries = undone.map(|undone| undone.entries).unwrap_or_default();
        let files = entries.into_iter().flat_map(|entry| entry.files).map(|file| file.path).collect();
        Ok(Undone { files })
    }

    /// The changes that were made here, newest first.
    pub fn history(&self) -> Result<Vec<HistoryEntry>, Error> {
        let entries = self.journal()?.history()?;
        Ok(entries.into_iter().rev().map(entry).collect())
    }

    fn planned(&self, options: &ProtectOptions) -> Result<protect::Plan, Error> {
        let mut options = options
            .options()
            .ok_or_else(|| Error::Argument("`config` is not a path below the folder".to_owned()))?;
        options.config = options.config.or_else(|| self.chosen());
        let mut snapshot = self.workspace.snapshot(options.config.as_ref())?;
        if let Ok(config) = protect::chosen(&snapshot, options.config.as_ref()) {
            brought::complete(&self.engine(), &self.workspace, &mut snapshot, &config);
        }
        protect::plan(&snapshot, &options).map_err(|refusal| refused(refusal, snapshot))
    }
}

/// What was found after a plan was written.
#[derive(Debug)]
pub struct Written {
    /// Compose's own reading of the result showed one closed network.
    pub verified: bool,
    /// Names of running containers that have another network until they are rebuilt.
    pub open: Vec<String>,
    /// What could not be looked at.
    pub warnings: Vec<String>,
}

/// Verifies what was just written, and takes it back when it is not closed.
pub fn written(
    engine: &Engine,
    workspace: &Workspace,
    plan: &protect::Plan,
    journal: &mut Journal,
) -> Result<Written, Error> {
    let mut warnings = Vec::new();
    let verified = match verify::networks(engine, workspace, plan) {
        Ok(Verified::Closed { .. }) => true,
        Ok(Verified::Unknown(why)) => {
            warnings.push(format!("the result was not verified: {why}"));
            false
        }
        Err(error) => {
            if !plan.is_done() {
                journal.undo()?;
            }
            return Err(error.into());
        }
    };
    let open = containers::unfiltered(engine, workspace, plan).unwrap_or_else(|error| {
        warnings.push(format!("containers were not looked at: {error}"));
        Vec::new()
    });
    Ok(Written { verified, open, warnings })
}

fn shown(plan: &protect::Plan) -> Plan {
    let changes: Vec<Change> = plan
        .changes
        .iter()
        .map(|change| Change {
            file: change.path.as_str().to_owned(),
            before: change.before.clone(),
            after: change.after.clone(),
        })
        .collect();
    let parts: Vec<Option<&str>> = changes
        .iter()
        .flat_map(|change| [Some(change.file.as_str()), change.before.as_deref(), change.after.as_deref()])
        .collect();
    let telling = |note: &&protect::Note| !matches!(note.kind, NoteKind::Moved | NoteKind::Kept);
    Plan {
        digest: digest(&parts),
        config: plan.config.as_str().to_owned(),
        notes: plan.notes.iter().filter(telling).map(|note| format!("{}: {}", note.what, note.why)).collect(),
        hosts: plan
            .hosts
            .iter()
            .map(|host| ReachableHost { host: host.host.clone(), why: host.why.clone() })
            .collect(),
        changes,
    }
}

fn entry(entry: journal::Entry) -> HistoryEntry {
    let state = match entry.state {
        State::Applied => "applied",
        State::Undone => "undone",
        State::RolledBack => "rolled-back",
        State::Applying | State::Undoing => "interrupted",
    };
    let what = |file: &journal::FileRecord| match (&file.before, &file.after) {
        (None, _) => "created",
        (_, None) => "removed",
        _ => "changed",
    };
    let files =
        entry.files.iter().map(|file| HistoryFile { file: file.path.clone(), what: what(file) }).collect();
    HistoryEntry { id: entry.id, time: entry.time, command: entry.command, state, files }
}
