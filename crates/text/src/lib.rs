//! Spans, line index, UTF-8/UTF-16 columns, text edits, BOM and newline detection.
//!
//! Every position in Drawbridge is a byte offset into UTF-8 text until it reaches a person or an
//! editor. This crate is the one place that turns offsets into lines and columns and back, and
//! the one description of "replace these bytes by those", so that a command line, a language
//! server and an editor addon cannot disagree by one.

mod edit;
mod line_index;
mod newline;
mod span;

pub use edit::TextEdit;
pub use line_index::{Encoding, LineCol, LineIndex, Utf16Position};
pub use newline::{BOM, Newline, newline_of, split_bom};
pub use span::Span;
