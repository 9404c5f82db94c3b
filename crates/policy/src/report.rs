//! Collects the findings of one layer and gives them their place.

use drawbridge_text::{LineCol, LineIndex, Span};

use crate::{Diagnostic, Layer, LayerKind, RuleRef, Severity};

/// More findings than this are not read by anybody; a hostile file could hold millions.
const MAX_FINDINGS: usize = 100;

pub(crate) struct Report<'l> {
    layer: &'l Layer,
    lines: LineIndex<'l>,
    found: Vec<Diagnostic>,
    errors: usize,
}

impl<'l> Report<'l> {
    pub(crate) fn new(layer: &'l Layer) -> Self {
        Self { layer, lines: LineIndex::new(&layer.text), found: Vec::new(), errors: 0 }
    }

    pub(crate) fn kind(&self) -> LayerKind {
        self.layer.kind
    }

    pub(crate) fn error(
        &mut self,
        span: Span,
        code: &'static str,
        message: impl Into<String>,
        hint: Option<&str>,
    ) {
        self.errors += 1;
        self.push(Severity::Error, span, code, message.into(), hint.map(str::to_owned));
    }

    pub(crate) fn warn(
        &mut self,
        span: Span,
        code: &'static str,
        message: impl Into<String>,
        hint: Option<&str>,
    ) {
        self.push(Severity::Warning, span, code, message.into(), hint.map(str::to_owned));
    }

    fn push(
        &mut self,
        severity: Severity,
        span: Span,
        code: &'static str,
        message: String,
        hint: Option<String>,
    ) {
        // Errors first: a flood of warnings must not hide why a policy does not load.
        if self.found.len() >= MAX_FINDINGS {
            let Some(warning) = self.found.iter().rposition(|one| one.severity == Severity::Warning) else {
                return;
            };
            if severity == Severity::Warning {
                return;
            }
            self.found.remove(warning);
        }
        let LineCol { line, column } = self.lines.line_col(span.start);
        let (layer, file) = (self.layer.kind, self.layer.file.clone());
        self.found.push(Diagnostic { severity, code, layer, file, line, column, span, message, hint });
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// The findings in the order of the text.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|one| one.span.start);
        self.found
    }

    /// The reference to a rule that stands at `span`.
    pub(crate) fn source(&self, span: Span, text: String, note: &Note) -> RuleRef {
        let LineCol { line, column } = self.lines.line_col(span.start);
        RuleRef {
            text,
            layer: self.layer.kind,
            file: self.layer.file.clone(),
            line,
            column,
            bundle: None,
            reason: note.reason.clone(),
            until: note.until,
        }
    }
}

/// What an author writes beside a rule.
#[derive(Debug, Clone, Default)]
pub(crate) struct Note {
    pub(crate) reason: Option<String>,
    pub(crate) until: Option<i64>,
}
