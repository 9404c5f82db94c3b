//! Byte order mark and line endings: what an edit must leave as it was.

/// The byte order mark, which some editors write at the start of UTF-8 files.
pub const BOM: char = '\u{feff}';

/// One of the three line endings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Newline {
    /// `\n`
    #[default]
    Lf,
    /// `\r\n`
    CrLf,
    /// `\r` alone
    Cr,
}

impl Newline {
    /// The bytes of the line ending.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
            Self::Cr => "\r",
        }
    }
}

/// The line ending that `text` uses most; the earlier one when two are as frequent, and
/// [`Newline::Lf`] when there is none.
pub fn newline_of(text: &str) -> Newline {
    let mut seen: [(Newline, usize, usize); 3] =
        [(Newline::Lf, 0, usize::MAX), (Newline::CrLf, 0, usize::MAX), (Newline::Cr, 0, usize::MAX)];
    for (offset, kind) in newlines(text) {
        let entry = &mut seen[kind as usize];
        entry.1 += 1;
        entry.2 = entry.2.min(offset);
    }
    let mut best = seen[0];
    for entry in &seen[1..] {
        if entry.1 > best.1 || (entry.1 == best.1 && entry.2 < best.2) {
            best = *entry;
        }
    }
    best.0
}

/// Splits a leading byte order mark off: `(mark or "", rest)`.
pub fn split_bom(text: &str) -> (&str, &str) {
    match text.strip_prefix(BOM) {
        Some(rest) => (&text[..BOM.len_utf8()], rest),
        None => ("", text),
    }
}

/// Every line ending with the offset of its first byte.
pub(crate) fn newlines(text: &str) -> impl Iterator<Item = (usize, Newline)> + '_ {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().filter_map(|(offset, byte)| match byte {
        b'\r' if bytes.get(offset + 1) == Some(&b'\n') => Some((offset, Newline::CrLf)),
        b'\r' => Some((offset, Newline::Cr)),
        b'\n' if offset == 0 || bytes[offset - 1] != b'\r' => Some((offset, Newline::Lf)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Newline, newline_of, split_bom};

    #[test]
    fn the_majority_decides_and_a_tie_goes_to_the_first() {
        for (text, want) in [
            ("", Newline::Lf),
            ("no newline", Newline::Lf),
            ("a\nb", Newline::Lf),
            ("a\r\nb", Newline::CrLf),
            ("a\rb", Newline::Cr),
            ("a\rb\nc", Newline::Cr),
            ("a\nb\rc", Newline::Lf),
            ("a\r\nb\nc\nd", Newline::Lf),
            ("a\nb\r\nc\r\nd", Newline::CrLf),
            ("a\r\r\n\r", Newline::Cr),
            ("\n\r", Newline::Lf),
        ] {
            assert_eq!(newline_of(text), want, "{text:?}");
        }
    }

    #[test]
    fn only_a_leading_mark_is_split_off() {
        assert_eq!(split_bom("\u{feff}{}"), ("\u{feff}", "{}"));
        assert_eq!(split_bom("{}\u{feff}"), ("", "{}\u{feff}"));
        assert_eq!(split_bom(""), ("", ""));
    }
}
