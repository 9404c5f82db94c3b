//! Findings of the policy loader as places with their lines.

use drawbridge_policy::{Diagnostic, Layer, Severity};
use serde_json::{Value, json};

use crate::error::{CliError, Place};
use crate::project::source_line;

/// Errors that keep a policy from loading.
pub(crate) fn refused(diagnostics: &[Diagnostic], layers: &[Layer]) -> CliError {
    let errors = diagnostics.iter().filter(|found| found.severity == Severity::Error);
    CliError::Refused {
        message: "the policy does not load, so nothing is started or changed".to_owned(),
        places: errors.map(|found| place(found, layers)).collect(),
        hint: diagnostics.iter().find_map(|found| found.hint.clone()),
    }
}

/// One finding with its line.
pub(crate) fn place(found: &Diagnostic, layers: &[Layer]) -> Place {
    let layer = layers.iter().find(|layer| layer.kind == found.layer && layer.file == found.file);
    Place {
        file: found.file.clone(),
        line: Some(found.line),
        column: Some(found.column),
        source: layer.and_then(|layer| source_line(&layer.text, found.line)),
        message: Some(format!("{} ({})", found.message, found.code)),
    }
}

/// One finding for programs.
pub(crate) fn json(found: &Diagnostic) -> Value {
    json!({"severity": found.severity, "code": found.code, "layer": found.layer,
        "file": found.file, "line": found.line, "column": found.column,
        "message": found.message, "hint": found.hint})
}
