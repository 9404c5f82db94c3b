//! Byte offsets to lines and columns, for people (characters) and for editors (UTF-16).

use std::fmt;

use crate::newline::{BOM, Newline, newlines};

/// Bytes between two stored character counts, so that a lookup costs the same in a file of one
/// four-megabyte line as in one of short lines.
const BLOCK: usize = 1024;

/// A place as people count: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineCol {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for LineCol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A place as the Language Server Protocol and VS Code count: both from 0, columns in UTF-16
/// code units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Utf16Position {
    /// Line, from 0.
    pub line: usize,
    /// UTF-16 code units before the place on its line.
    pub character: usize,
}

/// How an editor counts columns, as the Language Server Protocol names them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Code units; every editor knows it.
    #[default]
    Utf16,
    /// Characters.
    Utf32,
}

/// Where the lines of one text start.
///
/// `\n`, `\r\n` and `\r` end a line, as in the Language Server Protocol. A leading byte order
/// mark takes no column, because no editor shows it. An offset past the end means the end, and an
/// offset inside a character means its start.
#[derive(Clone, Debug)]
pub struct LineIndex<'t> {
    text: &'t str,
    /// Byte offset of the first byte of each line; the first entry skips a byte order mark.
    starts: Vec<usize>,
    /// Characters and UTF-16 code units that start before byte `BLOCK * index`.
    counts: Vec<Count>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    chars: usize,
    units: usize,
}

impl Count {
    fn add(self, bytes: &[u8]) -> Self {
        bytes.iter().fold(self, |count, &byte| Self {
            chars: count.chars + usize::from(byte & 0xC0 != 0x80),
            units: count.units + units_at(byte),
        })
    }
}

/// UTF-16 code units of the character that starts with `byte`; 0 for a continuation byte.
fn units_at(byte: u8) -> usize {
    match byte {
        0x80..=0xBF => 0,
        0xF0..=0xFF => 2,
        _ => 1,
    }
}

impl<'t> LineIndex<'t> {
    /// Reads `text` once.
    pub fn new(text: &'t str) -> Self {
        let mut starts = vec![if text.starts_with(BOM) { BOM.len_utf8() } else { 0 }];
        starts.extend(newlines(text).map(|(offset, kind)| match kind {
            Newline::CrLf => offset + 2,
            Newline::Lf | Newline::Cr => offset + 1,
        }));
        let mut counts = Vec::with_capacity(text.len() / BLOCK + 1);
        let mut count = Count::default();
        for block in text.as_bytes().chunks(BLOCK) {
            counts.push(count);
            count = count.add(block);
        }
        if text.len().is_multiple_of(BLOCK) {
            counts.push(count);
        }
        Self { text, starts, counts }
    }

    /// Number of lines; a text that ends with a line ending has an empty last line.
    pub fn line_count(&self) -> usize {
        self.starts.len()
    }

    /// The place of byte `offset` as people count.
    pub fn line_col(&self, offset: usize) -> LineCol {
        let (line, start, offset) = self.locate(offset);
        LineCol { line: line + 1, column: self.count(offset).chars - self.count(start).chars + 1 }
    }

    /// The place of byte `offset` as editors count.
    pub fn utf16(&self, offset: usize) -> Utf16Position {
        let (line, start, offset) = self.locate(offset);
        Utf16Position { line, character: self.count(offset).units - self.count(start).units }
    }

    /// The byte offset of a place as editors count it.
    ///
    /// A character past the end of its line means the end of that line, a line past the end of
    /// the text means the end of the text, and the middle of a surrogate pair means its start.
    pub fn offset_of_utf16(&self, position: Utf16Position) -> usize {
        let Some(&start) = self.starts.get(position.line) else {
            return self.text.len();
        };
        let line = self.line_bytes(position.line);
        start + bytes_for_units(line, position.character)
    }

    /// Line and column of byte `offset`, both from 0.
    pub fn position(&self, offset: usize, encoding: Encoding) -> (usize, usize) {
        let (line, start, offset) = self.locate(offset);
        let column = match encoding {
            Encoding::Utf8 => offset - start,
            Encoding::Utf16 => self.count(offset).units - self.count(start).units,
            Encoding::Utf32 => self.count(offset).chars - self.count(start).chars,
        };
        (line, column)
    }

    /// The byte of a line and column from 0, moved into the text as by [`offset_of_utf16`](Self::offset_of_utf16).
    pub fn offset(&self, line: usize, column: usize, encoding: Encoding) -> usize {
        let Some(text) = self.line_text(line) else { return self.text.len() };
        let start = self.starts[line];
        match encoding {
            Encoding::Utf8 => start + text.floor_char_boundary(column),
            Encoding::Utf16 => self.offset_of_utf16(Utf16Position { line, character: column }),
            Encoding::Utf32 => start + text.char_indices().nth(column).map_or(text.len(), |(byte, _)| byte),
        }
    }

    /// UTF-16 code units before byte `offset`, counted from the start of the text (a byte order
    /// mark is one).
    pub fn utf16_offset(&self, offset: usize) -> usize {
        self.count(self.floor(offset)).units
    }

    /// The byte before which there are `units` UTF-16 code units in the whole text; the reverse
    /// of [`utf16_offset`](Self::utf16_offset).
    pub fn offset_of_utf16_offset(&self, units: usize) -> usize {
        // The first block whose start is not before the place is one too far.
        let block = self.counts.partition_point(|count| count.units <= units).saturating_sub(1);
        let mut start = block * BLOCK;
        while !self.text.is_char_boundary(start) {
            start += 1;
        }
        let rest = units - self.counts[block].units;
        start + bytes_for_units(&self.text.as_bytes()[start..], rest)
    }

    /// The text of `line` (from 0) without its line ending; `None` past the last line.
    pub fn line_text(&self, line: usize) -> Option<&'t str> {
        let start = *self.starts.get(line)?;
        Some(&self.text[start..start + self.line_bytes(line).len()])
    }

    fn line_bytes(&self, line: usize) -> &'t [u8] {
        let start = self.starts[line];
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        let bytes = &self.text.as_bytes()[start..end];
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        bytes.strip_suffix(b"\r").unwrap_or(bytes)
    }

    /// Line from 0, its start, and `offset` moved into the text.
    fn locate(&self, offset: usize) -> (usize, usize, usize) {
        let offset = self.floor(offset).max(self.starts[0]);
        let line = self.starts.partition_point(|&start| start <= offset) - 1;
        (line, self.starts[line], offset)
    }

    fn floor(&self, offset: usize) -> usize {
        self.text.floor_char_boundary(offset)
    }

    fn count(&self, offset: usize) -> Count {
        let block = offset / BLOCK;
        self.counts[block].add(&self.text.as_bytes()[block * BLOCK..offset])
    }
}

/// Bytes of the longest run of whole characters in `bytes` that has at most `units` code units.
fn bytes_for_units(bytes: &[u8], units: usize) -> usize {
    let mut left = units;
    for (offset, &byte) in bytes.iter().enumerate() {
        let width = units_at(byte);
        if width > left {
            return offset;
        }
        if width > 0 && left == 0 {
            return offset;
        }
        left -= width;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BLOCK, Encoding, LineIndex, Utf16Position};

    #[test]
    fn columns_count_characters_for_people_and_code_units_for_editors() {
        let text = "a\n😀é\"x\"";
        let index = LineIndex::new(text);
        let x = text.find('x').expect("x is there");
        assert_eq!(index.line_col(x).to_string(), "2:4");
        assert_eq!(index.utf16(x), Utf16Position { line: 1, character: 4 });
        assert_eq!(index.utf16_offset(x), 6);
        assert_eq!(index.line_text(1), Some("😀é\"x\""));
    }

    #[test]
    fn every_line_ending_ends_a_line() {
        let text = "a\r\nb\rc\nd";
        let index = LineIndex::new(text);
        let places: Vec<String> = (0..=text.len()).map(|offset| index.line_col(offset).to_string()).collect();
        assert_eq!(places, ["1:1", "1:2", "1:3", "2:1", "2:2", "3:1", "3:2", "4:1", "4:2"]);
        let lines: Vec<_> = (0..index.line_count()).map(|line| index.line_text(line)).collect();
        assert_eq!(lines, [Some("a"), Some("b"), Some("c"), Some("d")]);
        assert_eq!(LineIndex::new("a\n").line_count(), 2);
        assert_eq!(LineIndex::new("a\n").line_col(2).to_string(), "2:1");
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        let index = LineIndex::new("\u{feff}{\n");
        assert_eq!(index.line_col(0).to_string(), "1:1");
        assert_eq!(index.line_col(3).to_string(), "1:1");
        assert_eq!(index.line_col(4).to_string(), "1:2");
        assert_eq!(index.offset_of_utf16(Utf16Position { line: 0, character: 1 }), 4);
        assert_eq!(index.line_text(0), Some("{"));
    }

    #[test]
    fn every_encoding_leads_back() {
        let text = "a\n\u{e9}😀x\r\n";
        let index = LineIndex::new(text);
        let x = text.find('x').expect("x is there");
        let columns = [(Encoding::Utf8, 6), (Encoding::Utf16, 3), (Encoding::Utf32, 2)];
        for (encoding, column) in columns {
            assert_eq!(index.position(x, encoding), (1, column), "{encoding:?}");
            assert_eq!(index.offset(1, column, encoding), x, "{encoding:?}");
            assert_eq!(index.offset(1, 99, encoding), x + 1, "{encoding:?}: not past the line ending");
            assert_eq!(index.offset(9, 0, encoding), text.len(), "{encoding:?}");
        }
        assert_eq!(index.offset(1, 1, Encoding::Utf8), 2, "inside a character");
    }

    #[test]
    fn places_outside_the_text_are_moved_into_it() {
        let index = LineIndex::new("ab\n😀");
        assert_eq!(index.line_col(99).to_string(), "2:2");
        assert_eq!(index.line_col(5).to_string(), "2:1", "inside the character");
        let at = |line, character| index.offset_of_utf16(Utf16Position { line, character });
        assert_eq!(at(0, 99), 2, "not past the line ending");
        assert_eq!(at(1, 1), 3, "inside a surrogate pair");
        assert_eq!(at(7, 0), 7);
        assert_eq!(index.offset_of_utf16_offset(99), 7);
        assert_eq!(LineIndex::new("").line_col(3).to_string(), "1:1");
    }

    #[test]
    fn blocks_of_one_long_line_agree_with_counting() {
        for filler in ["x", "é", "😀", "€"] {
            let text = filler.repeat(3 * BLOCK / filler.len() + 7);
            let index = LineIndex::new(&text);
            for (nth, (offset, _)) in text.char_indices().enumerate() {
                assert_eq!(index.line_col(offset).column, nth + 1);
                let units = index.utf16_offset(offset);
                assert_eq!(index.offset_of_utf16_offset(units), offset, "{filler} {nth}");
            }
        }
    }

    proptest! {
        #[test]
        fn places_lead_back(text in "[aé😀\r\n\u{feff}]{0,40}") {
            let index = LineIndex::new(&text);
            for (offset, _) in text.char_indices() {
                let units: usize = text[..offset].chars().map(char::len_utf16).sum();
                prop_assert_eq!(index.utf16_offset(offset), units);
                prop_assert_eq!(index.offset_of_utf16_offset(units), offset);
                let in_ending = text[..offset].ends_with('\r') && text[offset..].starts_with('\n');
                let in_mark = offset == 0 && text.starts_with('\u{feff}');
                if !in_ending && !in_mark {
                    prop_assert_eq!(index.offset_of_utf16(index.utf16(offset)), offset);
                }
            }
        }
    }
}
