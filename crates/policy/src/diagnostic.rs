//! What is wrong with a policy text, with the place and a next step.

use std::fmt;

use drawbridge_text::Span;

use crate::LayerKind;

/// Whether the policy loads in spite of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The policy does not load.
    Error,
    /// It loads, but something in it has no effect or a wider one than it seems.
    Warning,
}

/// One finding in one layer's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Stable kebab-case identifier of the kind of finding.
    pub code: &'static str,
    /// The layer whose text it is.
    pub layer: LayerKind,
    /// That layer's file, as the caller named it.
    pub file: String,
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// Bytes of the layer's text.
    pub span: Span,
    /// Lower case, no full stop. Quotes foreign text without escaping it.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
}

impl fmt::Display for Diagnostic {
    /// `file:line:column: severity[code]: message`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{}:{}:{}: {severity}[{}]: {}", self.file, self.line, self.column, self.code, self.message)
    }
}
