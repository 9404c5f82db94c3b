//! One open document, kept equal to the client's by its changes.

use drawbridge_text::{Encoding, LineIndex};
use tower_lsp::ls_types::{Range, TextDocumentContentChangeEvent};

/// An open document.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// Index of its folder.
    pub(crate) folder: usize,
    /// Path below the folder.
    pub(crate) file: String,
    /// The client's number of this text.
    pub(crate) version: i32,
    /// The text.
    pub(crate) text: String,
}

impl Document {
    /// Applies the changes in order; each is addressed in the text that the one before left.
    pub(crate) fn change(&mut self, changes: Vec<TextDocumentContentChangeEvent>, encoding: Encoding) {
        for change in changes {
            match change.range {
                None => self.text = change.text,
                Some(range) => {
                    let (start, end) = bytes(&self.text, range, encoding);
                    self.text.replace_range(start..end, &change.text);
                }
            }
        }
    }
}

fn bytes(text: &str, range: Range, encoding: Encoding) -> (usize, usize) {
    let index = LineIndex::new(text);
    let at = |line: u32, column: u32| index.offset(line as usize, column as usize, encoding);
    let start = at(range.start.line, range.start.character);
    (start, at(range.end.line, range.end.character).max(start))
}

#[cfg(test)]
mod tests {
    use tower_lsp::ls_types::Position;

    use super::*;

    /// Reproducible without a crate: a linear congruence, high bits.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, below: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap() % below.max(1)
        }
    }

    /// An editor's own view: characters in a vector, columns counted by walking.
    fn place(chars: &[char], at: usize, encoding: Encoding) -> Position {
        let before = &chars[..at];
        let line = before.iter().filter(|c| **c == '\n').count();
        let start = before.iter().rposition(|c| *c == '\n').map_or(0, |newline| newline + 1);
        let width = |c: &char| match encoding {
            Encoding::Utf8 => c.len_utf8(),
            Encoding::Utf16 => c.len_utf16(),
            Encoding::Utf32 => 1,
        };
        let column: usize = before[start..].iter().map(width).sum();
        Position { line: u32::try_from(line).unwrap(), character: u32::try_from(column).unwrap() }
    }

    #[test]
    fn ten_thousand_random_edits_keep_the_text_equal_to_the_clients() {
        const PIECES: [&str; 8] = ["a", "é", "😀", "\n", "\"key\": ", "{}", "\t", "日本"];
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            let mut dice = Dice(7);
            let mut client: Vec<char> = "{\n  \"image\": \"debian:12\"\n}\n".chars().collect();
            let text = client.iter().collect();
            let mut server = Document { folder: 0, file: String::new(), version: 0, text };
            for _ in 0..10_000 {
                let (a, b) = (dice.roll(client.len() + 1), dice.roll(client.len() + 1));
                let (start, end) = (a.min(b), a.max(b).min(a.min(b) + 12));
                let insert: String = (0..dice.roll(4)).map(|_| PIECES[dice.roll(PIECES.len())]).collect();
                let range =
                    Range { start: place(&client, start, encoding), end: place(&client, end, encoding) };
                client.splice(start..end, insert.chars());
                let change =
                    TextDocumentContentChangeEvent { range: Some(range), range_length: None, text: insert };
                server.change(vec![change], encoding);
                assert!(server.text.chars().eq(client.iter().copied()), "{encoding:?}");
            }
        }
    }

    #[test]
    fn a_range_that_is_no_range_does_not_panic() {
        let mut document = Document { folder: 0, file: String::new(), version: 0, text: "ab\ncd".to_owned() };
        let at = |line, character| Position { line, character };
        let range = Some(Range { start: at(9, 9), end: at(0, 0) });
        document.change(
            vec![TextDocumentContentChangeEvent { range, range_length: None, text: "x".to_owned() }],
            Encoding::Utf16,
        );
        assert_eq!(document.text, "ab\ncdx");
    }
}
