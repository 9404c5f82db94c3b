//! A range of bytes in a text.

use std::ops::Range;

/// Bytes `start..end` of some text, on character boundaries, `start <= end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl Span {
    /// The bytes `start..end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The empty span before byte `offset`.
    pub const fn at(offset: usize) -> Self {
        Self { start: offset, end: offset }
    }

    /// Number of bytes.
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether the span holds no byte.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The span as a slice index.
    pub const fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// Whether byte `offset` is inside; the end is not.
    pub const fn contains(self, offset: usize) -> bool {
        self.start <= offset && offset < self.end
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The bytes of `text` that the span names; `None` when it belongs to another text.
    pub fn slice(self, text: &str) -> Option<&str> {
        text.get(self.range())
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn names_bytes_and_refuses_foreign_text() {
        let span = Span::new(1, 3);
        assert_eq!(span.slice("aé!"), Some("é"));
        assert_eq!(span.slice("éé"), None, "splits a character");
        assert_eq!(span.slice("ab"), None, "past the end");
        assert_eq!((span.len(), span.is_empty(), Span::at(4).is_empty()), (2, false, true));
        assert!(span.contains(2) && !span.contains(3));
        assert_eq!(span.cover(Span::new(7, 9)), Span::from(1..9));
    }
}
