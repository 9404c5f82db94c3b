//! What the server knows of its client: folders, open documents, the encoding of positions.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use drawbridge_service::Project;
use drawbridge_service::protocol::{Channel, Editor};
use drawbridge_text::Encoding;
use tokio::task::JoinHandle;
use tower_lsp::ls_types::{TextDocumentContentChangeEvent, TextDocumentItem, Uri};

use crate::document::Document;

/// Shared by every handler. Locks are held for copies, never across a wait.
#[derive(Debug)]
pub(crate) struct Session {
    program: PathBuf,
    state: Mutex<State>,
    shut_down: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    encoding: Encoding,
    folders: Vec<Folder>,
    documents: BTreeMap<String, Document>,
}

/// One opened folder.
#[derive(Debug)]
struct Folder {
    /// As the client writes it.
    root: PathBuf,
    project: Arc<Project>,
    /// Counts everything that makes a running check old.
    generation: u64,
    /// Files that have diagnostics at the client.
    published: BTreeSet<String>,
    channels: Vec<Channel>,
    /// Passes the gate's events on.
    feed: Option<JoinHandle<()>>,
}

/// A document or a file of a folder, for a request.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) project: Arc<Project>,
    pub(crate) folder: usize,
    pub(crate) file: String,
}

impl Session {
    pub(crate) fn new(program: PathBuf) -> Self {
        Self { program, state: Mutex::default(), shut_down: AtomicBool::new(false) }
    }

    pub(crate) fn was_shut_down(&self) -> bool {
        self.shut_down.load(Ordering::SeqCst)
    }

    pub(crate) fn shut_down(&self) {
        self.shut_down.store(true, Ordering::SeqCst);
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.state().encoding
    }

    pub(crate) fn set_encoding(&self, encoding: Encoding) {
        self.state().encoding = encoding;
    }

    /// Opens a folder; one that cannot be opened has nothing to say.
    pub(crate) fn open_folder(&self, root: &Path, editor: Option<Editor>) {
        let Ok(mut project) = Project::open(root, self.program.clone()) else { return };
        if let Some(editor) = editor {
            project = project.inside(editor.into());
        }
        let folder = Folder {
            root: root.to_owned(),
            project: Arc::new(project),
            generation: 0,
            published: BTreeSet::new(),
            channels: Vec::new(),
            feed: None,
        };
        self.state().folders.push(folder);
    }

    pub(crate) fn folders(&self) -> usize {
        self.state().folders.len()
    }

    /// The project of a folder that a request names, else the first one.
    pub(crate) fn project(&self, folder: Option<&Uri>) -> Option<Arc<Project>> {
        let wanted = folder.and_then(|uri| uri.to_file_path().map(Cow::into_owned));
        let state = self.state();
        let found = match wanted {
            Some(path) => state.folders.iter().find(|folder| folder.root == path),
            None => state.folders.first(),
        };
        found.map(|folder| Arc::clone(&folder.project))
    }

    pub(crate) fn project_at(&self, folder: usize) -> Option<Arc<Project>> {
        self.state().folders.get(folder).map(|folder| Arc::clone(&folder.project))
    }

    /// The file behind a URI, when it lies in a folder; the innermost folder wins.
    pub(crate) fn target(&self, uri: &Uri) -> Option<Target> {
        let path = uri.to_file_path()?.into_owned();
        let state = self.state();
        let inside = |folder: &Folder| {
            let below =
                path.strip_prefix(&folder.root).or_else(|_| path.strip_prefix(folder.project.folder()));
            below.ok().and_then(Path::to_str).map(str::to_owned)
        };
        let found = state.folders.iter().enumerate().filter_map(|(at, folder)| Some((at, inside(folder)?)));
        let (folder, file) = found.min_by_key(|(_, file)| file.len())?;
        Some(Target { project: Arc::clone(&state.folders[folder].project), folder, file })
    }

    /// The URI of a file: the client's own words for an open document.
    pub(crate) fn uri(&self, folder: usize, file: &str) -> Option<Uri> {
        let state = self.state();
        let open = state.documents.iter().find(|(_, open)| open.folder == folder && open.file == file);
        match open {
            Some((uri, _)) => uri.parse().ok(),
            None => Uri::from_file_path(state.folders.get(folder)?.root.join(file)),
        }
    }

    /// Takes a document in; `false` for one that no folder has.
    pub(crate) fn open(&self, item: TextDocumentItem) -> Option<usize> {
        let Target { project, folder, file } = self.target(&item.uri)?;
        project.set_document(&file, Some(item.text.clone()));
        let document = Document { folder, file, version: item.version, text: item.text };
        self.state().documents.insert(item.uri.as_str().to_owned(), document);
        Some(folder)
    }

    /// Applies changes to an open document.
    pub(crate) fn change(
        &self,
        uri: &Uri,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
    ) -> Option<usize> {
        let mut state = self.state();
        let encoding = state.encoding;
        let document = state.documents.get_mut(uri.as_str())?;
        document.change(changes, encoding);
        document.version = version;
        let (folder, file, text) = (document.folder, document.file.clone(), document.text.clone());
        state.folders[folder].project.set_document(&file, Some(text));
        Some(folder)
    }

    /// The file on the disk counts again.
    pub(crate) fn close(&self, uri: &Uri) -> Option<usize> {
        let mut state = self.state();
        let document = state.documents.remove(uri.as_str())?;
        state.folders[document.folder].project.set_document(&document.file, None);
        Some(document.folder)
    }

    /// The number of an open document's text.
    pub(crate) fn version(&self, folder: usize, file: &str) -> Option<i32> {
        let state = self.state();
        let open = state.documents.values().find(|open| open.folder == folder && open.file == file);
        open.map(|document| document.version)
    }

    /// Makes every check of the folder that runs an old one.
    pub(crate) fn outdate(&self, folder: usize) -> u64 {
        let mut state = self.state();
        let Some(folder) = state.folders.get_mut(folder) else { return 0 };
        folder.generation += 1;
        folder.generation
    }

    pub(crate) fn is_current(&self, folder: usize, generation: u64) -> bool {
        self.state().folders.get(folder).is_some_and(|folder| folder.generation == generation)
    }

    /// Remembers which files have diagnostics now; gives those that had some and have none any more.
    pub(crate) fn publish(&self, folder: usize, now: BTreeSet<String>) -> Vec<String> {
        let mut state = self.state();
        let Some(folder) = state.folders.get_mut(folder) else { return Vec::new() };
        let gone = folder.published.difference(&now).cloned().collect();
        folder.published = now;
        gone
    }

    /// Whether the channels are not those of before.
    pub(crate) fn channels_changed(&self, folder: usize, now: &[Channel]) -> bool {
        let mut state = self.state();
        let Some(folder) = state.folders.get_mut(folder) else { return false };
        let changed = folder.channels != now;
        now.clone_into(&mut folder.channels);
        changed
    }

    /// Puts another feed, or none, in the place of the folder's.
    pub(crate) fn change_feed(
        &self,
        project: &Arc<Project>,
        change: impl FnOnce(Option<JoinHandle<()>>) -> Option<JoinHandle<()>>,
    ) {
        let mut state = self.state();
        let Some(folder) = state.folders.iter_mut().find(|folder| Arc::ptr_eq(&folder.project, project))
        else {
            return;
        };
        folder.feed = change(folder.feed.take());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
