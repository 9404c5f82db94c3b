//! The methods of the Language Server Protocol.

use std::sync::Arc;

use drawbridge_service::protocol::{self, Action, Editor};
use drawbridge_service::{Error as ServiceError, Project, concerns};
use drawbridge_text::Encoding;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::ls_types::{
    ClientCapabilities, ClientInfo, CodeActionKind, CodeActionOptions, CodeActionParams,
    CodeActionProviderCapability, CodeActionResponse, CodeLens, CodeLensOptions, CodeLensParams,
    CompletionOptions, CompletionParams, CompletionResponse, DidChangeTextDocumentParams,
    DidChangeWatchedFilesParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DidSaveTextDocumentParams, ExecuteCommandOptions, ExecuteCommandParams, Hover, HoverParams,
    HoverProviderCapability, InitializeParams, InitializeResult, InitializedParams, LSPAny,
    PositionEncodingKind, ServerCapabilities, ServerInfo, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, TextDocumentSyncSaveOptions, Uri,
};
use tower_lsp::{Client, LanguageServer};

use crate::convert::{Columns, action, document_edit};
use crate::session::{Session, Target};
use crate::{custom, diagnostics};

/// One client.
#[derive(Debug, Clone)]
pub(crate) struct Backend {
    pub(crate) client: Client,
    pub(crate) session: Arc<Session>,
}

impl Backend {
    pub(crate) fn new(client: Client, session: Arc<Session>) -> Self {
        Self { client, session }
    }

    fn check(&self, folder: Option<usize>) {
        if let Some(folder) = folder {
            diagnostics::schedule(&self.client, &self.session, folder);
        }
    }

    /// The file behind a URI, when there is something to say about it.
    fn target(&self, uri: &Uri) -> Option<Target> {
        self.session.target(uri).filter(|target| concerns(&target.file))
    }
}

/// Runs work away from the threads that read and write. A panic becomes a failed request.
pub(crate) async fn off_runtime<T: Send + 'static>(
    project: &Arc<Project>,
    work: impl FnOnce(&Project) -> std::result::Result<T, ServiceError> + Send + 'static,
) -> Result<T> {
    let project = Arc::clone(project);
    let done = tokio::task::spawn_blocking(move || work(&project)).await;
    done.map_err(|_| Error::internal_error())?.map_err(|error| failed(&error))
}

/// `RequestFailed` of the specification, with the service's code and hint as data.
fn failed(error: &ServiceError) -> Error {
    let failure = error.failure();
    Error {
        code: ErrorCode::ServerError(-32803),
        message: failure.message.clone().into(),
        data: serde_json::to_value(failure).ok(),
    }
}

fn encoding(capabilities: &ClientCapabilities) -> (Encoding, PositionEncodingKind) {
    let offered = capabilities.general.as_ref().and_then(|general| general.position_encodings.as_ref());
    let offers = |kind: &PositionEncodingKind| offered.is_some_and(|all| all.contains(kind));
    // Our texts are UTF-8.
    if offers(&PositionEncodingKind::UTF8) {
        (Encoding::Utf8, PositionEncodingKind::UTF8)
    } else if offers(&PositionEncodingKind::UTF32) && !offers(&PositionEncodingKind::UTF16) {
        (Encoding::Utf32, PositionEncodingKind::UTF32)
    } else {
        (Encoding::Utf16, PositionEncodingKind::UTF16)
    }
}

/// The editor, by the process that it named.
fn editor(pid: u32, info: Option<ClientInfo>) -> Editor {
    let name = info.map_or_else(|| "the editor".to_owned(), |info| info.name);
    Editor { name, pid, logs: None }
}

fn capabilities(position_encoding: PositionEncodingKind) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(position_encoding),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::Supported(true)),
            ..TextDocumentSyncOptions::default()
        })),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(vec!["\"".to_owned()]),
            ..CompletionOptions::default()
        }),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, CodeActionKind::SOURCE_FIX_ALL]),
            ..CodeActionOptions::default()
        })),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: custom::COMMANDS.map(str::to_owned).to_vec(),
            ..ExecuteCommandOptions::default()
        }),
        // Which protocol the `drawbridge/*` methods speak, for clients that come with another program.
        experimental: Some(serde_json::json!({ "drawbridge": { "protocol": protocol::VERSION } })),
        ..ServerCapabilities::default()
    }
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let (encoding, kind) = encoding(&params.capabilities);
        self.session.set_encoding(encoding);
        let editor = params.process_id.map(|pid| editor(pid, params.client_info));
        let folders = params.workspace_folders.unwrap_or_default().into_iter().map(|folder| folder.uri);
        #[expect(deprecated, reason = "older clients name one root only")]
        let root = params.root_uri;
        let mut roots: Vec<Uri> = folders.collect();
        if roots.is_empty() {
            roots.extend(root);
        }
        for root in roots {
            if let Some(path) = root.to_file_path() {
                self.session.open_folder(&path, editor.clone());
            }
        }
        let version = Some(env!("CARGO_PKG_VERSION").to_owned());
        Ok(InitializeResult {
            capabilities: capabilities(kind),
            server_info: Some(ServerInfo { name: "drawbridge".to_owned(), version }),
            offset_encoding: None,
        })
    }

    async fn initialized(&self, _: InitializedParams) {
        for folder in 0..self.session.folders() {
            self.check(Some(folder));
        }
    }

    async fn shutdown(&self) -> Result<()> {
        self.session.shut_down();
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        self.check(self.session.open(params.text_document));
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let document = params.text_document;
        self.check(self.session.change(&document.uri, document.version, params.content_changes));
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        self.check(self.session.target(&params.text_document.uri).map(|target| target.folder));
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.check(self.session.close(&params.text_document.uri));
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        let folders = params.changes.iter().filter_map(|change| self.session.target(&change.uri));
        let folders: std::collections::BTreeSet<usize> = folders.map(|target| target.folder).collect();
        for folder in folders {
            self.check(Some(folder));
        }
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let at = params.text_document_position_params;
        let Some(Target { project, file, .. }) = self.target(&at.text_document.uri) else { return Ok(None) };
        let encoding = self.session.encoding();
        off_runtime(&project, move |project| {
            let Some(text) = project.text(&file) else { return Ok(None) };
            let columns = Columns::new(&text, encoding);
            let hover = project.hover(&file, columns.asked(at.position))?;
            Ok(hover.map(|hover| columns.hover(hover)))
        })
        .await
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let at = params.text_document_position;
        let Some(Target { project, file, .. }) = self.target(&at.text_document.uri) else { return Ok(None) };
        let encoding = self.session.encoding();
        off_runtime(&project, move |project| {
            let Some(text) = project.text(&file) else { return Ok(None) };
            let columns = Columns::new(&text, encoding);
            let found = project.completion(&file, columns.asked(at.position))?;
            let items = found.into_iter().map(|one| columns.completion(one)).collect();
            Ok(Some(CompletionResponse::Array(items)))
        })
        .await
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        let Some(Target { project, file, .. }) = self.target(&params.text_document.uri) else {
            return Ok(None);
        };
        off_runtime(&project, move |project| {
            let columns = Columns::new("", Encoding::Utf16);
            Ok(Some(project.lenses(&file)?.into_iter().map(|lens| columns.lens(lens)).collect()))
        })
        .await
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let Some(Target { project, folder, file }) = self.target(&params.text_document.uri) else {
            return Ok(None);
        };
        let only = params.context.only.unwrap_or_default();
        let wants = |kind: &CodeActionKind| {
            only.is_empty() || only.iter().any(|one| kind.as_str().starts_with(one.as_str()))
        };
        let (quick, all) = (wants(&CodeActionKind::QUICKFIX), wants(&CodeActionKind::SOURCE_FIX_ALL));
        let session = Arc::clone(&self.session);
        off_runtime(&project, move |project| {
            let encoding = session.encoding();
            let Some(text) = project.text(&file) else { return Ok(None) };
            let range = Columns::new(&text, encoding).asked_range(params.range);
            let edits = |action: &Action| {
                let text = project.text(&action.file)?;
                let columns = Columns::new(&text, encoding);
                let edits = action.edits.iter().cloned().map(|edit| columns.edit(edit)).collect();
                Some(document_edit(
                    session.uri(folder, &action.file)?,
                    session.version(folder, &action.file),
                    edits,
                ))
            };
            let mut actions = Vec::new();
            if quick {
                for found in project.actions(&file, range)? {
                    let Some(edit) = edits(&found) else { continue };
                    actions.push(action(found.title, found.safe, CodeActionKind::QUICKFIX, edit));
                }
            }
            if all && let Some(edit) = fix_all(project, &session, folder, &file, &text)? {
                let title = "Apply every safe fix of Drawbridge".to_owned();
                actions.push(action(title, true, CodeActionKind::SOURCE_FIX_ALL, edit));
            }
            Ok(Some(actions))
        })
        .await
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<LSPAny>> {
        custom::execute(self, &params.command, params.arguments).await
    }
}

/// The safe fixes of one file as one edit of the whole text.
fn fix_all(
    project: &Project,
    session: &Session,
    folder: usize,
    file: &str,
    text: &str,
) -> std::result::Result<Option<tower_lsp::ls_types::TextDocumentEdit>, ServiceError> {
    let Some(fixed) = project.fix_all(file)? else { return Ok(None) };
    let Some(uri) = session.uri(folder, file) else { return Ok(None) };
    let columns = Columns::new(text, session.encoding());
    let edits = fixed.edits.into_iter().map(|edit| columns.edit(edit)).collect();
    Ok(Some(document_edit(uri, session.version(folder, file), edits)))
}
