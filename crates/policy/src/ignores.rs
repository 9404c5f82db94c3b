//! Findings of the audit that somebody accepted, for a time and with a reason.
//!
//! The gate does not look at them. A repository may be hostile, so what it ignores ends, and counts
//! only while no trusted layer asks for a review; the reader decides which findings it may touch.

use drawbridge_text::Span;

use crate::document::{self, Document};
use crate::report::Report;
use crate::{Layer, LayerKind, date};

/// One accepted finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// Id or code of the rule, as written.
    pub rule: String,
    /// The file that it is limited to, relative to the workspace.
    pub file: Option<String>,
    /// Why.
    pub reason: String,
    /// Unix seconds from which on it counts no more.
    pub until: Option<i64>,
    /// Who says so.
    pub layer: LayerKind,
    /// [`Layer::file`] of it.
    pub written_in: String,
    /// Bytes of the layer's text.
    pub span: Span,
}

impl Ignore {
    /// Whether it has ended.
    #[must_use]
    pub fn is_expired(&self, now: i64) -> bool {
        self.until.is_some_and(|until| now >= until)
    }

    /// The last day, for people.
    #[must_use]
    pub fn last_day(&self) -> Option<String> {
        self.until.map(date::format)
    }
}

/// What the layers ignore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignores {
    /// In the order of the layers; the repository's are in it even when they do not count.
    pub entries: Vec<Ignore>,
    /// Whether the repository's own words, here and in comments, count.
    pub repository_counts: bool,
}

/// Reads the layers. One that does not load ignores nothing, and a trusted one that does not load may have
/// asked for a review: then the repository's words do not count.
#[must_use]
pub fn ignores(layers: &[Layer]) -> Ignores {
    let mut found = Ignores { entries: Vec::new(), repository_counts: true };
    for layer in layers {
        let mut report = Report::new(layer);
        let document = document::read(&layer.text, &mut report);
        let broken = report.has_errors();
        if layer.kind.is_trusted() && (broken || document.requires_review) {
            found.repository_counts = false;
        }
        if !broken {
            found.entries.extend(of(document, layer));
        }
    }
    found
}

fn of(document: Document, layer: &Layer) -> impl Iterator<Item = Ignore> {
    document.ignores.into_iter().map(move |entry| Ignore {
        rule: entry.rule,
        file: entry.file,
        reason: entry.reason,
        until: entry.until,
        layer: layer.kind,
        written_in: layer.file.clone(),
        span: entry.span,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(kind: LayerKind, text: &str) -> Layer {
        Layer { kind, file: "policy.jsonc".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_repository_says_why_and_until_when() {
        let read = |kind, entry: &str| {
            let found = ignores(&[layer(kind, &format!("{{ \"version\": 1, \"ignores\": [{entry}] }}"))]);
            found.entries.into_iter().map(|one| (one.rule.clone(), one.last_day())).collect::<Vec<_>>()
        };
        let full = r#"{ "rule": "root-user", "reason": "needs apt", "until": "2027-01-31" }"#;
        let endless = r#"{ "rule": "root-user", "reason": "needs apt" }"#;
        let known = |day: Option<&str>| vec![("root-user".to_owned(), day.map(str::to_owned))];
        assert_eq!(read(LayerKind::Repository, full), known(Some("2027-01-31")));
        assert_eq!(read(LayerKind::Repository, endless), []);
        assert_eq!(read(LayerKind::Personal, endless), known(None));
        for broken in [r#"{ "rule": "root-user" }"#, r#"{ "reason": "x" }"#, r#""root-user""#] {
            assert_eq!(read(LayerKind::Personal, broken), [], "{broken}");
        }
        let typo = r#"{ "rule": "root-user", "reason": "x", "until": "2027-01-31", "fiel": "x" }"#;
        assert_eq!(read(LayerKind::Repository, typo), []);
    }

    #[test]
    fn a_review_or_a_broken_trusted_layer_takes_the_repositorys_word_away() {
        let counts = |text| ignores(&[layer(LayerKind::Organisation, text)]).repository_counts;
        assert!(counts(r#"{ "version": 1 }"#));
        assert!(!counts(r#"{ "version": 1, "requireReview": true }"#));
        assert!(!counts("{"));
        assert!(ignores(&[layer(LayerKind::Repository, "{")]).repository_counts);
    }

    #[test]
    fn it_ends_with_its_last_day() {
        let text = r#"{ "version": 1, "ignores": [{ "rule": "x", "reason": "y", "until": "1970-01-02" }] }"#;
        let found = ignores(&[layer(LayerKind::Repository, text)]);
        assert!(!found.entries[0].is_expired(2 * 86_400 - 1));
        assert!(found.entries[0].is_expired(2 * 86_400));
    }
}
