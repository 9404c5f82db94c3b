//! What stands between tokens: spaces, line endings and comments.

use crate::scanner::comment_len;

/// One stretch of trivia.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Spaces and tabs; also anything that is not trivia, a byte order mark for one.
    Space(&'t str),
    /// One `\n`, `\r\n` or `\r`.
    Newline(&'t str),
    /// `// …` without its line ending.
    Line(&'t str),
    /// `/* … */`
    Block(&'t str),
}

impl<'t> Piece<'t> {
    fn text(self) -> &'t str {
        match self {
            Self::Space(text) | Self::Newline(text) | Self::Line(text) | Self::Block(text) => text,
        }
    }
}

/// Takes trivia apart; the pieces concatenate to `trivia`.
pub(super) fn pieces(trivia: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = trivia;
    std::iter::from_fn(move || {
        let bytes = rest.as_bytes();
        let len = match bytes {
            [] => return None,
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            [b'/', b'/' | b'*', ..] => comment_len(bytes).0,
            [_, inside @ ..] => {
                let end = inside.iter().position(|byte| matches!(byte, b'\r' | b'\n' | b'/'));
                end.map_or(bytes.len(), |end| end + 1)
            }
        };
        let (text, after) = rest.split_at(len);
        rest = after;
        Some(match text.as_bytes() {
            [b'\r' | b'\n', ..] => Piece::Newline(text),
            [b'/', b'/', ..] => Piece::Line(text),
            [b'/', b'*', ..] => Piece::Block(text),
            _ => Piece::Space(text),
        })
    })
}

/// Splits before the first line ending outside comments: what is still on the line, and the rest.
pub(super) fn split_line(trivia: &str) -> Option<(&str, &str)> {
    let mut at = 0;
    for piece in pieces(trivia) {
        if let Piece::Newline(_) = piece {
            return Some(trivia.split_at(at));
        }
        at += piece.text().len();
    }
    None
}

/// Splits after the last comment: `("", trivia)` when there is none.
pub(super) fn split_comments(trivia: &str) -> (&str, &str) {
    let (mut at, mut end) = (0, 0);
    for piece in pieces(trivia) {
        at += piece.text().len();
        if let Piece::Line(_) | Piece::Block(_) = piece {
            end = at;
        }
    }
    trivia.split_at(end)
}

/// Splits around the comma that trivia between two items has: `None` when there is none.
pub(super) fn split_comma(between: &str) -> Option<(&str, &str)> {
    let mut at = 0;
    for piece in pieces(between) {
        if let Piece::Space(text) = piece
            && let Some(comma) = text.find(',')
        {
            return Some((&between[..at + comma], &between[at + comma + 1..]));
        }
        at += piece.text().len();
    }
    None
}

pub(super) fn has_newline(trivia: &str) -> bool {
    split_line(trivia).is_some()
}

pub(super) fn has_comment(trivia: &str) -> bool {
    comments(trivia).next().is_some()
}

/// Line endings outside comments.
pub(super) fn newline_count(trivia: &str) -> usize {
    pieces(trivia).filter(|piece| matches!(piece, Piece::Newline(_))).count()
}

pub(super) fn comments(trivia: &str) -> impl Iterator<Item = &str> {
    pieces(trivia).filter_map(|piece| match piece {
        Piece::Line(text) | Piece::Block(text) => Some(text),
        Piece::Space(_) | Piece::Newline(_) => None,
    })
}

/// Whether the next thing on the line would be part of a comment.
pub(super) fn ends_in_line_comment(trivia: &str) -> bool {
    let last = pieces(trivia).last();
    matches!(last, Some(Piece::Line(_)))
}

/// The last line ending outside comments and the spaces that follow it.
pub(super) fn last_line(trivia: &str) -> Option<(&str, &str)> {
    let (mut newline, mut indent) = (None, "");
    let mut fresh = false;
    for piece in pieces(trivia) {
        match piece {
            Piece::Newline(text) => (newline, indent, fresh) = (Some(text), "", true),
            Piece::Space(text) if fresh => (indent, fresh) = (text, false),
            _ => fresh = false,
        }
    }
    newline.map(|newline| (newline, indent))
}

/// `trivia` without leading spaces and tabs.
pub(super) fn trim_spaces(trivia: &str) -> &str {
    trivia.trim_start_matches([' ', '\t'])
}

/// Every comment in a piece of JSONC, in order.
pub(super) fn comments_in(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find(['"', '/']) {
        let len = token_len(&rest.as_bytes()[at..]);
        if rest.as_bytes()[at] == b'/' {
            found.push(&rest[at..at + len]);
        }
        rest = &rest[at + len..];
    }
    found
}

/// The spaces before the first indented line, of code if there is one; empty when there is none.
pub(super) fn first_indent(code: &str) -> &str {
    let mut first = "";
    let mut rest = code;
    while let Some(at) = rest.find(['"', '/', '\n', '\r']) {
        let bytes = &rest.as_bytes()[at..];
        if !matches!(bytes[0], b'\n' | b'\r') {
            rest = &rest[at + token_len(bytes)..];
            continue;
        }
        rest = &rest[at + 1..];
        let line = trim_spaces(rest);
        let indent = &rest[..rest.len() - line.len()];
        if !indent.is_empty() && !line.is_empty() && !line.starts_with(['/', '\n', '\r']) {
            return indent;
        }
        if first.is_empty() {
            first = indent;
        }
        rest = line;
    }
    first
}

/// Length of the string or comment that `bytes` starts with.
pub(super) fn token_len(bytes: &[u8]) -> usize {
    if bytes[0] == b'/' {
        return comment_len(bytes).0;
    }
    let mut at = 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    bytes.len().min(at + 1)
}
