//! What a rule reports, and the sink that rules write to.

use std::collections::BTreeMap;

use drawbridge_jsonc::Edit;
use drawbridge_text::{LineIndex, Span, TextEdit};
use serde::Serialize;

use super::rule::{Class, Rule, Severity};
use crate::compose;
use crate::project::{RelPath, Snapshot};

/// Bytes of a file of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) file: RelPath,
    pub(crate) span: Span,
}

/// Where something is written: 1-based, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Location {
    /// The file.
    pub file: RelPath,
    /// First line.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// Column behind the last character.
    pub end_column: usize,
    /// Bytes of the file.
    #[serde(skip)]
    pub span: Span,
    /// The first line's text.
    #[serde(skip)]
    pub source: String,
}

/// What a finding rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// Text in the workspace.
    File(Location),
    /// A fact of the running container, in words.
    Live(String),
    /// A file of the developer's machine, as its path is shown to people, and what it says.
    Host {
        /// The file.
        path: String,
        /// What is in it.
        what: String,
    },
}

/// Whether `--fix` applies a fix by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Safety {
    /// Nothing that works today stops working.
    Safe,
    /// Somebody may rely on what is taken away.
    Unsafe,
}

/// Edits of one file that make a finding go away.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// What is done, imperative.
    pub title: String,
    /// Whether it is applied without being asked for by name.
    pub safety: Safety,
    /// The file.
    pub file: RelPath,
    /// Addressed in the file as it is.
    pub edits: Edits,
}

/// How a fix changes its file.
#[derive(Debug, Clone, PartialEq)]
pub enum Edits {
    /// One after the other.
    Jsonc(Vec<Edit>),
    /// Of a Compose file.
    Compose(compose::Edit),
}

impl From<Vec<Edit>> for Edits {
    fn from(edits: Vec<Edit>) -> Self {
        Self::Jsonc(edits)
    }
}

impl From<compose::Edit> for Edits {
    fn from(edit: compose::Edit) -> Self {
        Self::Compose(edit)
    }
}

impl Fix {
    /// The fix as one replacement in `text`, which is the file's; `None` when it changes nothing or
    /// cannot be applied.
    pub fn text_edit(&self, text: &str) -> Option<TextEdit> {
        match &self.edits {
            Edits::Jsonc(edits) => drawbridge_jsonc::patch(text, edits).ok().flatten(),
            Edits::Compose(edit) => compose::patch(text, edit),
        }
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How bad it is here.
    pub severity: Severity,
    /// What it rests on.
    pub class: Class,
    /// What it is, in one sentence about this case. Quotes foreign text without escaping it.
    pub message: String,
    /// The place that is shown, then others.
    pub evidence: Vec<Evidence>,
    /// An edit that removes it.
    pub fix: Option<Fix>,
    /// The configuration that it is about, when it is about one.
    pub config: Option<RelPath>,
}

impl Finding {
    /// The first place in a file.
    pub fn location(&self) -> Option<&Location> {
        self.evidence.iter().find_map(|evidence| match evidence {
            Evidence::File(location) => Some(location),
            _ => None,
        })
    }

    /// Follows from what is not written.
    pub(crate) fn inferred(&mut self) -> &mut Self {
        self.class = Class::Inferred;
        self
    }

    /// Was seen just now.
    pub(crate) fn observed(&mut self) -> &mut Self {
        self.class = Class::Observed;
        self
    }

    /// Is worse or less bad here.
    pub(crate) fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    /// Can be repaired.
    pub(crate) fn fix(
        &mut self,
        safety: Safety,
        title: impl Into<String>,
        file: &RelPath,
        edits: impl Into<Edits>,
    ) -> &mut Self {
        self.fix = Some(Fix { title: title.into(), safety, file: file.clone(), edits: edits.into() });
        self
    }

    /// Can be repaired by taking away what somebody may rely on, where an edit can.
    pub(crate) fn removable(
        &mut self,
        title: impl Into<String>,
        spot: &Spot,
        removal: Option<Edits>,
    ) -> &mut Self {
        match removal {
            Some(removal) => self.fix(Safety::Unsafe, title, &spot.file, removal),
            None => self,
        }
    }

    /// Is about one configuration of several.
    pub(crate) fn about(&mut self, config: &RelPath) -> &mut Self {
        self.config = Some(config.clone());
        self
    }
}

/// Collects findings.
pub(crate) struct Sink<'a> {
    snapshot: &'a Snapshot,
    /// Of every file in which something was found.
    indexes: BTreeMap<RelPath, LineIndex<'a>>,
    pub(crate) findings: Vec<Finding>,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot) -> Self {
        Self { snapshot, indexes: BTreeMap::new(), findings: Vec::new() }
    }

    /// Something that a file of the workspace says.
    pub(crate) fn at(
        &mut self,
        rule: &'static Rule,
        spot: &Spot,
        message: impl Into<String>,
    ) -> &mut Finding {
        let evidence = Evidence::File(self.locate(spot));
        self.push(rule, Class::Configured, message.into(), evidence)
    }

    /// Something that is so in the running container.
    pub(crate) fn live(
        &mut self,
        rule: &'static Rule,
        fact: impl Into<String>,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.push(rule, Class::Observed, message.into(), Evidence::Live(fact.into()))
    }

    /// Something that a file of the developer's machine says.
    pub(crate) fn host(
        &mut self,
        rule: &'static Rule,
        path: &str,
        what: impl Into<String>,
        message: impl Into<String>,
    ) -> &mut Finding {
        let evidence = Evidence::Host { path: path.to_owned(), what: what.into() };
        self.push(rule, Class::Configured, message.into(), evidence)
    }

    fn push(
        &mut self,
        rule: &'static Rule,
        class: Class,
        message: String,
        evidence: Evidence,
    ) -> &mut Finding {
        let index = self.findings.len();
        self.findings.push(Finding {
            rule,
            severity: rule.severity,
            class,
            message,
            evidence: vec![evidence],
            fix: None,
            config: None,
        });
        &mut self.findings[index]
    }

    fn locate(&mut self, spot: &Spot) -> Location {
        let text = self.snapshot.text(&spot.file).unwrap_or_default();
        let index = self.indexes.entry(spot.file.clone()).or_insert_with(|| LineIndex::new(text));
        let (start, end) = (index.line_col(spot.span.start), index.line_col(spot.span.end));
        Location {
            file: spot.file.clone(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            span: spot.span,
            source: index.line_text(start.line - 1).unwrap_or_default().to_owned(),
        }
    }
}
