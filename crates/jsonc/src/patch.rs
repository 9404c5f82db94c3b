//! Edits of a document that keep every byte they need not change.

mod container;
mod document;
mod format;
mod trivia;

use drawbridge_text::{Span, TextEdit};
use serde_json::Value;

use crate::{Pointer, SyntaxError, parse};
use document::Document;

/// One change of a document, addressed in the document as the edits before it left it.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Give `at` this value: replaces what is there, or adds a member. Missing objects on the way
    /// are created. Where old and new are both containers, equal parts keep their bytes.
    Set {
        /// The value to write.
        at: Pointer,
        /// What it becomes.
        value: Value,
    },
    /// Add a member that must not be there yet, or put an element before the one at this index
    /// (the length of the array means the end). Missing objects on the way are created.
    Insert {
        /// Where the new value will be.
        at: Pointer,
        /// The new value.
        value: Value,
    },
    /// Take a member or an element away. Comments stay.
    Remove {
        /// The value to remove.
        at: Pointer,
    },
    /// Add an element to the end of an array; the array and missing objects on the way to it are
    /// created.
    Append {
        /// The array.
        at: Pointer,
        /// The new element.
        value: Value,
    },
    /// Take a value with its own comments to a place that must be new. Between keys of one
    /// object this is a rename in place. `to` is an address in the document without the value.
    Move {
        /// The value to move.
        from: Pointer,
        /// Where it will be.
        to: Pointer,
    },
}

/// Why a patch was not applied. The document is unchanged in every case.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatchError {
    /// The input is not JSONC; `span` counts bytes of the input.
    #[error("{message}")]
    Syntax {
        /// The first error of the parser.
        message: String,
        /// Where it is.
        span: Span,
    },
    /// The pointer names nothing.
    #[error("nothing at {}", place(at))]
    Missing {
        /// The part of the address that names nothing.
        at: Pointer,
    },
    /// The key is written twice, so two readers may see two values.
    #[error("{} is written more than once", place(at))]
    Duplicate {
        /// The ambiguous address.
        at: Pointer,
    },
    /// Something is there already.
    #[error("{} is there already", place(at))]
    Exists {
        /// Where a new value was to go.
        at: Pointer,
    },
    /// The address goes through, or appends to, a value of another kind.
    #[error("{} is not {expected}", place(at))]
    Kind {
        /// The value in the way.
        at: Pointer,
        /// `an object`, `an array`, `an object or an array`.
        expected: &'static str,
    },
    /// The document itself cannot be removed, moved or inserted, nor a value moved into itself.
    #[error("{} is no place for this edit", place(at))]
    Place {
        /// The impossible address.
        at: Pointer,
    },
    /// The result would be larger or deeper than [`parse`](crate::parse) reads, or would have a
    /// `__proto__` key.
    #[error("the result would not be readable: {message}")]
    Result {
        /// Which bound.
        message: String,
    },
}

impl PatchError {
    /// A next step for the user; front ends print it under the message as `hint:`.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Duplicate { .. } => Some("keep one of the two keys, then try again"),
            Self::Syntax { .. } => Some("correct the file, then try again"),
            _ => None,
        }
    }
}

fn place(at: &Pointer) -> String {
    if at.is_root() { "the document".to_owned() } else { format!("`{at}`") }
}

impl From<SyntaxError> for PatchError {
    fn from(error: SyntaxError) -> Self {
        Self::Syntax { message: error.message, span: error.span }
    }
}

/// Applies `edits` in order and returns the smallest replacement that yields the result, `None`
/// when the document already says so.
///
/// Every comment keeps its bytes; comments, indentation, line endings, a byte order mark and
/// untouched values stay as they are. New text follows the indentation, line ending and spacing of
/// its siblings, and what stands on one line stays on one line.
///
/// # Errors
///
/// The first edit that cannot be applied decides the [`PatchError`]; no edit is kept.
pub fn patch(text: &str, edits: &[Edit]) -> Result<Option<TextEdit>, PatchError> {
    let parsed = parse(text);
    if let Some(error) = parsed.errors.into_iter().next() {
        return Err(error.into());
    }
    let Some(root) = &parsed.root else {
        return Err(PatchError::Syntax { message: "expected a value".to_owned(), span: Span::at(0) });
    };
    let mut document = Document::new(text, root);
    for edit in edits {
        document.apply(edit)?;
    }
    let patched = document.render();
    let edit = TextEdit::between(text, &patched);
    if edit.is_some()
        && let Some(error) = parse(&patched).errors.into_iter().next()
    {
        return Err(PatchError::Result { message: error.message });
    }
    Ok(edit)
}
