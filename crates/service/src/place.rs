//! Bytes of a text to places of an editor and back.

use drawbridge_text::{LineIndex, Span, Utf16Position};

use crate::protocol::{Position, Range};

/// The place of `span` in the indexed text.
pub(crate) fn range(index: &LineIndex<'_>, span: Span) -> Range {
    Range { start: position(index, span.start), end: position(index, span.end) }
}

/// The byte of a place.
pub(crate) fn offset(index: &LineIndex<'_>, at: Position) -> usize {
    index.offset_of_utf16(Utf16Position { line: at.line as usize, character: at.character as usize })
}

fn position(index: &LineIndex<'_>, offset: usize) -> Position {
    let at = index.utf16(offset);
    // Texts are at most some MiB.
    let small = |number| u32::try_from(number).unwrap_or(u32::MAX);
    Position { line: small(at.line), character: small(at.character) }
}
