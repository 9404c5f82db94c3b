//! Addresses of values: JSON Pointer, RFC 6901.

use std::fmt;
use std::sync::Arc;

/// The way from the root of a document to one value.
///
/// A segment is a key where it meets an object and an index where it meets an array, as in
/// RFC 6901; `Pointer::root().key("0")` and `Pointer::root().index(0)` are therefore equal.
/// Cloning shares the segments.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer {
    segments: Vec<Arc<str>>,
}

/// The text is not a JSON Pointer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PointerError {
    /// Only the pointer to the root is empty; every other one starts with `/`.
    #[error("a pointer starts with `/`")]
    NoSlash,
    /// `~` stands only in `~0` (for `~`) and `~1` (for `/`).
    #[error("`~` must be followed by `0` or `1`")]
    Escape,
}

impl Pointer {
    /// The document itself.
    pub const fn root() -> Self {
        Self { segments: Vec::new() }
    }

    /// Reads the form that `Display` writes: `""`, `/a`, `/a/0`, with `~1` for `/` and `~0` for
    /// `~` in a key.
    pub fn parse(text: &str) -> Result<Self, PointerError> {
        if text.is_empty() {
            return Ok(Self::root());
        }
        let rest = text.strip_prefix('/').ok_or(PointerError::NoSlash)?;
        let segments = rest.split('/').map(unescape).collect::<Result<_, _>>()?;
        Ok(Self { segments })
    }

    /// The member `key` of what this points to.
    #[must_use]
    pub fn key(&self, key: impl Into<Arc<str>>) -> Self {
        let mut segments = self.segments.clone();
        segments.push(key.into());
        Self { segments }
    }

    /// Element `index` (from 0) of what this points to.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.key(index.to_string())
    }

    /// The segments, root first.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.segments.iter().map(AsRef::as_ref)
    }

    /// Whether this is the document itself.
    pub fn is_root(&self) -> bool {
        self.segments.is_empty()
    }

    /// The pointer to the container, and the last segment; `None` for the root.
    pub fn split_last(&self) -> Option<(Self, &str)> {
        let (last, parents) = self.segments.split_last()?;
        Some((Self { segments: parents.to_vec() }, last))
    }

    /// Whether `self` is `other` or a value inside it.
    pub fn starts_with(&self, other: &Self) -> bool {
        self.segments.starts_with(&other.segments)
    }

    pub(crate) const fn from_segments(segments: Vec<Arc<str>>) -> Self {
        Self { segments }
    }

    /// The pointer to the value that the first `len` segments name.
    #[must_use]
    pub(crate) fn prefix(&self, len: usize) -> Self {
        Self { segments: self.segments[..len].to_vec() }
    }
}

/// Reads an array index as RFC 6901 writes it: digits without a leading zero.
pub(crate) fn array_index(segment: &str) -> Option<usize> {
    let plain = segment == "0" || !segment.starts_with(['0', '+']);
    segment.parse().ok().filter(|_| plain)
}

fn unescape(segment: &str) -> Result<Arc<str>, PointerError> {
    let mut key = String::with_capacity(segment.len());
    let mut parts = segment.split('~');
    key.extend(parts.next());
    for part in parts {
        let (plain, rest) = match part.as_bytes().first() {
            Some(b'0') => ('~', &part[1..]),
            Some(b'1') => ('/', &part[1..]),
            _ => return Err(PointerError::Escape),
        };
        key.push(plain);
        key.push_str(rest);
    }
    Ok(key.into())
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in self.segments() {
            write!(f, "/{}", segment.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Pointer, PointerError, array_index};

    #[test]
    fn is_written_as_rfc_6901() {
        let pointer = Pointer::root().key("features").key("ghcr.io/a/b~1").index(0);
        assert_eq!(pointer.to_string(), "/features/ghcr.io~1a~1b~01/0");
        assert_eq!(Pointer::parse("/features/ghcr.io~1a~1b~01/0"), Ok(pointer));
        assert_eq!(Pointer::parse("/"), Ok(Pointer::root().key("")));
        assert_eq!(Pointer::root().to_string(), "");
    }

    #[test]
    fn refuses_what_is_no_pointer() {
        assert_eq!(Pointer::parse("a"), Err(PointerError::NoSlash));
        assert_eq!(Pointer::parse("/a~"), Err(PointerError::Escape));
        assert_eq!(Pointer::parse("/~2"), Err(PointerError::Escape));
        assert_eq!(Pointer::parse("/~é"), Err(PointerError::Escape));
    }

    #[test]
    fn knows_its_parents() {
        let pointer = Pointer::root().key("a").index(3);
        assert_eq!(pointer.split_last(), Some((Pointer::root().key("a"), "3")));
        assert_eq!(Pointer::root().split_last(), None);
        assert!(pointer.starts_with(&Pointer::root().key("a")));
        assert!(!Pointer::root().key("ab").starts_with(&Pointer::root().key("a")));
    }

    #[test]
    fn an_index_has_one_spelling() {
        assert_eq!(array_index("10"), Some(10));
        for text in ["", "-1", "+1", "01", "1e0", "x", "99999999999999999999999"] {
            assert_eq!(array_index(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(keys in prop::collection::vec("[~/01aé]{0,4}", 0..4)) {
            let pointer = keys.iter().fold(Pointer::root(), |at, key| at.key(key.as_str()));
            prop_assert_eq!(Pointer::parse(&pointer.to_string()), Ok(pointer));
        }

        #[test]
        fn never_panics(text in ".{0,20}") {
            let _ = Pointer::parse(&text);
        }
    }
}
