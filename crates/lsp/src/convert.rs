//! Values of the service as those of the protocol.

use drawbridge_service::protocol as service;
use drawbridge_text::{Encoding, LineIndex};
use tower_lsp::ls_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeLens, Command, CompletionItem, CompletionItemKind,
    CompletionTextEdit, Diagnostic, DiagnosticSeverity, DocumentChanges, Documentation, Hover, HoverContents,
    MarkupContent, MarkupKind, NumberOrString, OneOf, OptionalVersionedTextDocumentIdentifier, Position,
    Range, TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};

/// Positions of one text in the client's encoding. The service counts UTF-16.
#[derive(Debug)]
pub(crate) struct Columns<'t> {
    index: LineIndex<'t>,
    encoding: Encoding,
}

impl<'t> Columns<'t> {
    pub(crate) fn new(text: &'t str, encoding: Encoding) -> Self {
        Self { index: LineIndex::new(text), encoding }
    }

    pub(crate) fn range(&self, range: service::Range) -> Range {
        Range { start: self.position(range.start), end: self.position(range.end) }
    }

    fn position(&self, at: service::Position) -> Position {
        let column = if self.encoding == Encoding::Utf16 {
            at.character
        } else {
            let offset = self.index.offset(at.line as usize, at.character as usize, Encoding::Utf16);
            u32::try_from(self.index.position(offset, self.encoding).1).unwrap_or(u32::MAX)
        };
        Position { line: at.line, character: column }
    }

    /// The client's position for the service.
    pub(crate) fn asked(&self, at: Position) -> service::Position {
        let offset = self.index.offset(at.line as usize, at.character as usize, self.encoding);
        let (line, column) = self.index.position(offset, Encoding::Utf16);
        let small = |number| u32::try_from(number).unwrap_or(u32::MAX);
        service::Position { line: small(line), character: small(column) }
    }

    /// The client's range for the service.
    pub(crate) fn asked_range(&self, range: Range) -> service::Range {
        service::Range { start: self.asked(range.start), end: self.asked(range.end) }
    }

    pub(crate) fn diagnostic(&self, problem: &service::Problem) -> Diagnostic {
        Diagnostic {
            range: self.range(problem.range),
            severity: Some(severity(problem.found.severity)),
            code: Some(NumberOrString::String(format!("{} {}", problem.found.code, problem.found.rule))),
            source: Some("drawbridge".to_owned()),
            message: problem.found.message.clone(),
            ..Diagnostic::default()
        }
    }

    pub(crate) fn edit(&self, edit: service::TextEdit) -> TextEdit {
        TextEdit { range: self.range(edit.range), new_text: edit.new_text }
    }

    pub(crate) fn hover(&self, hover: service::Hover) -> Hover {
        let contents =
            HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value: hover.markdown });
        Hover { contents, range: Some(self.range(hover.range)) }
    }

    pub(crate) fn completion(&self, one: service::Completion) -> CompletionItem {
        let kind = match one.kind {
            "bundle" => CompletionItemKind::MODULE,
            "host" | "value" => CompletionItemKind::VALUE,
            _ => CompletionItemKind::PROPERTY,
        };
        let documentation =
            (!one.documentation.is_empty()).then_some(Documentation::MarkupContent(MarkupContent {
                kind: MarkupKind::Markdown,
                value: one.documentation,
            }));
        CompletionItem {
            filter_text: Some(one.edit.new_text.clone()),
            label: one.label,
            kind: Some(kind),
            detail: Some(one.detail),
            documentation,
            text_edit: Some(CompletionTextEdit::Edit(self.edit(one.edit))),
            ..CompletionItem::default()
        }
    }

    pub(crate) fn lens(&self, lens: service::Lens) -> CodeLens {
        let command = match lens.command {
            Some("preview") => crate::custom::PROTECT,
            // The protocol's way to show a line that does nothing.
            _ => "",
        };
        let command = Command { title: lens.title, command: command.to_owned(), arguments: None };
        CodeLens { range: self.range(lens.range), command: Some(command), data: None }
    }
}

/// A quick fix whose edit a client refuses when its document is another by now.
pub(crate) fn action(
    title: String,
    safe: bool,
    kind: CodeActionKind,
    edits: TextDocumentEdit,
) -> CodeActionOrCommand {
    let edit = WorkspaceEdit {
        document_changes: Some(DocumentChanges::Edits(vec![edits])),
        ..WorkspaceEdit::default()
    };
    CodeActionOrCommand::CodeAction(CodeAction {
        title,
        kind: Some(kind),
        is_preferred: Some(safe),
        edit: Some(edit),
        ..CodeAction::default()
    })
}

pub(crate) fn document_edit(uri: Uri, version: Option<i32>, edits: Vec<TextEdit>) -> TextDocumentEdit {
    TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier { uri, version },
        edits: edits.into_iter().map(OneOf::Left).collect(),
    }
}

fn severity(word: &str) -> DiagnosticSeverity {
    match word {
        "critical" | "high" => DiagnosticSeverity::ERROR,
        "medium" => DiagnosticSeverity::WARNING,
        "low" => DiagnosticSeverity::INFORMATION,
        _ => DiagnosticSeverity::HINT,
    }
}
