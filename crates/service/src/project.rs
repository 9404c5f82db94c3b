//! One opened folder with the documents that an editor has not saved.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use drawbridge_core::audit::{Input, Report, audit};
use drawbridge_core::project::{Candidate, Entry, RelPath, Snapshot, discover};
use drawbridge_core::protect;
use drawbridge_host::engine::Engine;
use drawbridge_host::ide::Own;
use drawbridge_host::journal::Journal;
use drawbridge_host::variables;
use drawbridge_host::workspace::Workspace;

use crate::Error;
use crate::protected::personal_layers;
use crate::protocol::Configuration;

/// One opened folder. Every method may be called from any thread at any time.
#[derive(Debug)]
pub struct Project {
    pub(crate) workspace: Workspace,
    open: Mutex<BTreeMap<RelPath, Entry>>,
    /// The static program for Linux that looks into containers.
    pub(crate) program: PathBuf,
    /// The editor that runs us, when one does.
    pub(crate) editor: Option<Own>,
    /// The configuration that requests are about; `None` while nobody chose.
    chosen: Mutex<Option<RelPath>>,
    /// Hosts that the gate denied, as far as somebody asked; for completion.
    pub(crate) denied: Mutex<Vec<String>>,
}

impl Project {
    /// Opens `folder` as it is. `program` is a `drawbridge` whose copy for Linux, itself or one beside it,
    /// looks into containers.
    pub fn open(folder: &Path, program: PathBuf) -> Result<Self, Error> {
        let workspace = Workspace::find(Some(folder), folder)?;
        let (open, chosen, denied) = (Mutex::default(), Mutex::default(), Mutex::default());
        Ok(Self { workspace, open, program, editor: None, chosen, denied })
    }

    /// Looks also at the process tree and the logs of the editor that runs us.
    #[must_use]
    pub fn inside(self, editor: Own) -> Self {
        Self { editor: Some(editor), ..self }
    }

    /// The real path of the folder.
    pub fn folder(&self) -> &Path {
        self.workspace.path()
    }

    /// The configurations of the folder, in the order in which tools look for them.
    pub fn configurations(&self) -> Result<Vec<Configuration>, Error> {
        let snapshot = self.workspace.snapshot(None)?;
        let chosen = self.chosen();
        let shown = |candidate: Candidate| Configuration {
            protected: protect::recorded(&snapshot, Some(&candidate.path)).is_some(),
            chosen: chosen.as_ref() == Some(&candidate.path),
            file: candidate.path.as_str().to_owned(),
        };
        Ok(discover(&snapshot).into_iter().map(shown).collect())
    }

    /// From now on requests are about this configuration; with `None` about the only one, and with several
    /// they fail with `several`.
    pub fn choose(&self, file: Option<&str>) -> Result<(), Error> {
        let known = self.configurations()?;
        let chosen = match file {
            Some(file) if !known.iter().any(|one| one.file == file) => {
                return Err(Error::Argument(format!("`{file}` is no configuration of this folder")));
            }
            file => file.and_then(RelPath::new),
        };
        *locked(&self.chosen) = chosen;
        Ok(())
    }

    pub(crate) fn chosen(&self) -> Option<RelPath> {
        locked(&self.chosen).clone()
    }

    /// The text of an open document stands for the file until it is closed with `None`; one that is too large
    /// for the audit is said to be. A path that is not below the folder changes nothing.
    pub fn set_document(&self, file: &str, text: Option<String>) {
        let Some(path) = RelPath::new(file) else { return };
        let mut open = locked(&self.open);
        match text {
            Some(text) => open.insert(path, text.into()),
            None => open.remove(&path),
        };
    }

    /// The text of an open document, else of the file; `None` when it is too large or no text.
    pub fn text(&self, file: &str) -> Option<String> {
        let path = RelPath::new(file)?;
        if let Some(unsaved) = locked(&self.open).get(&path) {
            return unsaved.text().map(str::to_owned);
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
        let layers = personal_layers();
        let report = audit(&Input { layers: &layers, ..Input::of(&snapshot, now()) });
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

/// Files that count wherever they lie.
const NAMES: [&str; 7] = [
    "devcontainer.json",
    ".devcontainer.json",
    "policy.jsonc",
    ".mcp.json",
    "mcp.json",
    "Dockerfile",
    "Containerfile",
];

/// Whether diagnostics, hovers and completion have something to say about a file of this name.
pub fn concerns(file: &str) -> bool {
    let Some(path) = RelPath::new(file) else { return false };
    let Some(name) = path.name() else { return false };
    let folder = path.parent();
    if NAMES.contains(&name) {
        return true;
    }
    match name.rsplit('.').next() {
        Some("code-workspace" | "Dockerfile") => true,
        Some("yml" | "yaml") => {
            name.contains("compose") || folder.parts().any(|part| part == ".devcontainer")
        }
        Some("json") => folder.name() == Some(".vscode"),
        _ => false,
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

#[cfg(test)]
mod tests {
    use drawbridge_core::project::MAX_FILE;

    use super::*;

    #[test]
    fn concerns_are_the_files_that_the_audit_reads() {
        for file in [
            ".devcontainer/devcontainer.json",
            ".devcontainer/drawbridge/policy.jsonc",
            "compose.yaml",
            ".devcontainer/db.yml",
            ".vscode/tasks.json",
            "a.code-workspace",
            "sub/.mcp.json",
        ] {
            assert!(concerns(file), "{file}");
        }
        for file in ["package.json", "src/main.rs", "ci.yml", "", "../devcontainer.json"] {
            assert!(!concerns(file), "{file}");
        }
    }

    #[test]
    fn a_document_that_is_too_large_is_not_judged_by_its_file() {
        const FILE: &str = ".devcontainer.json";
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), r#"{"image": "a", "privileged": true}"#).unwrap();
        let project = Project::open(dir.path(), PathBuf::new()).unwrap();
        let rules = || {
            let problems = project.check(false).unwrap().problems.into_iter();
            problems.map(|problem| (problem.found.rule, problem.found.message)).collect::<Vec<_>>()
        };
        project.set_document(FILE, Some(" ".repeat(MAX_FILE + 1)));
        let said = "not checked: 4194305 bytes, and at most 4194304 (4 MiB) are read".to_owned();
        assert_eq!(rules(), [("unreadable-configuration", said)]);
        assert_eq!(project.text(FILE), None);
        project.set_document(FILE, None);
        assert!(rules().iter().any(|(rule, _)| *rule == "privileged-container"));
    }

    #[test]
    fn of_several_unprotected_configurations_none_is_meant_before_one_is_chosen() {
        let dir = tempfile::tempdir().unwrap();
        let second = ".devcontainer/second/devcontainer.json";
        std::fs::create_dir_all(dir.path().join(second).parent().unwrap()).unwrap();
        std::fs::write(dir.path().join(".devcontainer.json"), "{}").unwrap();
        let project = Project::open(dir.path(), PathBuf::new()).unwrap();
        let state = || project.policy().map(|policy| policy.state).map_err(|error| error.failure().code);
        assert_eq!(state(), Ok("unprotected"));
        std::fs::write(dir.path().join(second), "{}").unwrap();
        assert_eq!(state(), Err("several".to_owned()));
        assert_eq!(project.deny("a.example", "").unwrap_err().failure().code, "several");
        project.choose(Some(second)).unwrap();
        assert_eq!(state(), Ok("unprotected"));
    }

    #[test]
    fn an_open_document_stands_for_a_file_but_not_for_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join(".devcontainer.json");
        std::fs::write(&config, "{}").unwrap();
        let project = Project::open(dir.path(), PathBuf::new()).unwrap();
        let privileged = || {
            let check = project.check(false).unwrap();
            check.problems.iter().any(|problem| problem.found.rule == "privileged-container")
        };
        project.set_document(".devcontainer.json", Some(r#"{"privileged": true}"#.to_owned()));
        assert!(privileged());
        std::fs::remove_file(&config).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", &config).unwrap();
        assert!(!privileged());
    }
}
