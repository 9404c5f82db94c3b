//! One replacement in a text: the only form in which a change to a user's file travels.

use crate::Span;

/// Replace the bytes of `span` by `insert`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TextEdit {
    /// Bytes of the text before the edit.
    pub span: Span,
    /// What stands there afterwards.
    pub insert: String,
}

impl TextEdit {
    /// The smallest single replacement that turns `old` into `new`; `None` when they are equal.
    ///
    /// Both ends lie on character boundaries and never between the two bytes of `\r\n`, because
    /// editors cannot address that place.
    pub fn between(old: &str, new: &str) -> Option<Self> {
        if old == new {
            return None;
        }
        let prefix = common_prefix(old.as_bytes(), new.as_bytes());
        let prefix = step_back(old, new, prefix);
        let suffix = common_suffix(&old.as_bytes()[prefix..], &new.as_bytes()[prefix..]);
        let suffix = step_forward(old, new, suffix);
        Some(Self {
            span: Span::new(prefix, old.len() - suffix),
            insert: new[prefix..new.len() - suffix].to_owned(),
        })
    }

    /// `text` after the edit.
    ///
    /// # Panics
    ///
    /// When the edit was made for another text, so that its span is not in this one. Use
    /// [`try_apply`](Self::try_apply) when the two may have drifted apart.
    pub fn apply(&self, text: &str) -> String {
        self.try_apply(text).expect("a text edit is applied to the text it was made for")
    }

    /// `text` after the edit; `None` when the span is not in `text`.
    pub fn try_apply(&self, text: &str) -> Option<String> {
        let before = text.get(..self.span.start)?;
        self.span.slice(text)?;
        let after = text.get(self.span.end..)?;
        Some([before, &self.insert, after].concat())
    }

    /// The edit that undoes this one; `original` is the text before it.
    ///
    /// # Panics
    ///
    /// When the edit was made for another text, as [`apply`](Self::apply).
    #[must_use]
    pub fn invert(&self, original: &str) -> Self {
        let removed = self.span.slice(original).expect("a text edit is inverted on the text it was made for");
        Self {
            span: Span::new(self.span.start, self.span.start + self.insert.len()),
            insert: removed.to_owned(),
        }
    }
}

fn common_prefix(old: &[u8], new: &[u8]) -> usize {
    old.iter().zip(new).take_while(|(a, b)| a == b).count()
}

fn common_suffix(old: &[u8], new: &[u8]) -> usize {
    old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count()
}

/// Shortens a common prefix until it ends where an edit may start in both texts.
fn step_back(old: &str, new: &str, mut prefix: usize) -> usize {
    while !(is_edge(old, prefix) && is_edge(new, prefix)) {
        prefix -= 1;
    }
    prefix
}

/// Shortens a common suffix until it starts where an edit may end in both texts.
fn step_forward(old: &str, new: &str, mut suffix: usize) -> usize {
    while !(is_edge(old, old.len() - suffix) && is_edge(new, new.len() - suffix)) {
        suffix -= 1;
    }
    suffix
}

fn is_edge(text: &str, offset: usize) -> bool {
    let inside_crlf =
        offset > 0 && text.as_bytes()[offset - 1] == b'\r' && text.as_bytes().get(offset) == Some(&b'\n');
    text.is_char_boundary(offset) && !inside_crlf
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::TextEdit;
    use crate::Span;

    #[track_caller]
    fn between(old: &str, new: &str) -> (usize, usize, String) {
        let edit = TextEdit::between(old, new).expect("the texts differ");
        assert_eq!(edit.apply(old), new);
        assert_eq!(edit.invert(old).apply(new), old);
        (edit.span.start, edit.span.end, edit.insert)
    }

    #[test]
    fn is_the_smallest_replacement() {
        assert_eq!(TextEdit::between("a", "a"), None);
        assert_eq!(between("", "ab"), (0, 0, "ab".into()));
        assert_eq!(between("abc", "abXc"), (2, 2, "X".into()));
        assert_eq!(between("abc", "ac"), (1, 2, String::new()));
        assert_eq!(between("aa", "aaa"), (2, 2, "a".into()));
        assert_eq!(between("one two", "one 2 two"), (4, 4, "2 ".into()));
    }

    #[test]
    fn never_splits_a_character_or_a_line_ending() {
        // é = C3 A9, è = C3 A8, ũ = C5 A9: they share their first or their last byte.
        assert_eq!(between("xé", "xè"), (1, 3, "è".into()));
        assert_eq!(between("éx", "ũx"), (0, 2, "ũ".into()));
        assert_eq!(between("a\r\nb", "a\rb"), (1, 3, "\r".into()));
        assert_eq!(between("a\r\nb", "a\nb"), (1, 3, "\n".into()));
        assert_eq!(between("a\r", "a\r\n"), (1, 2, "\r\n".into()));
    }

    #[test]
    fn refuses_a_text_it_was_not_made_for() {
        let edit = TextEdit { span: Span::new(1, 2), insert: String::new() };
        assert_eq!(edit.try_apply("é"), None);
        assert_eq!(edit.try_apply(""), None);
        assert_eq!(edit.try_apply("ab"), Some("a".to_owned()));
        let backwards = TextEdit { span: Span::new(2, 1), insert: String::new() };
        assert_eq!(backwards.try_apply("abc"), None);
    }

    proptest! {
        #[test]
        fn applies_and_inverts(old in "[abé😀\r\n]{0,12}", new in "[abé😀\r\n]{0,12}") {
            match TextEdit::between(&old, &new) {
                None => prop_assert_eq!(old, new),
                Some(edit) => {
                    prop_assert_eq!(&edit.apply(&old), &new);
                    prop_assert_eq!(edit.invert(&old).apply(&new), old);
                }
            }
        }
    }
}
