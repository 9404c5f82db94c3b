//! Text to tokens, as the scanner of the npm package `jsonc-parser` 3.3.1 does it.
//!
//! The grammar of a token is that scanner's, quirks included (a raw newline ends a string, `0x1F`
//! is the number `0` and a stray `x1F`), because values must come out as the official CLI sees
//! them. Reading bytes is safe: every byte that decides anything is ASCII.

use std::borrow::Cow;

use drawbridge_text::{BOM, Span};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    Comma,
    Colon,
    /// `escaped` says that the content is not the value.
    String {
        content: Span,
        escaped: bool,
    },
    /// `value` is what counts of the token: `1` of `1e`.
    Number {
        value: Span,
    },
    True,
    False,
    Null,
    End,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

/// A scan error, given to the sink that [`Scanner::next`] is called with.
pub(crate) type Fault = (String, Span);

pub(crate) struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Scanner<'t> {
    /// Starts after a byte order mark.
    pub(crate) fn new(text: &'t str) -> Self {
        let at = if text.starts_with(BOM) { BOM.len_utf8() } else { 0 };
        Self { text, bytes: text.as_bytes(), at }
    }

    /// The next token that is no trivia; [`TokenKind::End`] for ever at the end.
    pub(crate) fn next(&mut self, fault: &mut impl FnMut(Fault)) -> Token {
        loop {
            while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek(0) {
                self.at += 1;
            }
            let start = self.at;
            let Some(byte) = self.peek(0) else {
                return Token { kind: TokenKind::End, span: Span::at(start) };
            };
            let kind = match byte {
                b'{' => self.single(TokenKind::OpenBrace),
                b'}' => self.single(TokenKind::CloseBrace),
                b'[' => self.single(TokenKind::OpenBracket),
                b']' => self.single(TokenKind::CloseBracket),
                b':' => self.single(TokenKind::Colon),
                b',' => self.single(TokenKind::Comma),
                b'"' => self.string(fault),
                b'/' if matches!(self.peek(1), Some(b'/' | b'*')) => {
                    self.comment(fault);
                    continue;
                }
                b'0'..=b'9' => self.number(start, fault),
                b'-' if matches!(self.peek(1), Some(b'0'..=b'9')) => {
                    self.at += 1;
                    self.number(start, fault)
                }
                _ => {
                    let Some(kind) = self.word(byte) else {
                        fault((unexpected(&self.text[start..self.at]), Span::new(start, self.at)));
                        continue;
                    };
                    kind
                }
            };
            return Token { kind, span: Span::new(start, self.at) };
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn single(&mut self, kind: TokenKind) -> TokenKind {
        self.at += 1;
        kind
    }

    fn comment(&mut self, fault: &mut impl FnMut(Fault)) {
        let start = self.at;
        let (len, closed) = comment_len(&self.bytes[start..]);
        self.at += len;
        if !closed {
            fault(("comment is not closed by `*/`".to_owned(), Span::new(start, start + 2)));
        }
    }

    fn string(&mut self, fault: &mut impl FnMut(Fault)) -> TokenKind {
        let start = self.at;
        self.at += 1;
        let mut escaped = false;
        loop {
            let at = self.at;
            match self.peek(0) {
                Some(b'"') => {
                    self.at += 1;
                    return TokenKind::String { content: Span::new(start + 1, at), escaped };
                }
                None | Some(b'\n' | b'\r') => {
                    fault(("string is not closed by `\"`".to_owned(), Span::new(start, at)));
                    return TokenKind::String { content: Span::new(start + 1, at), escaped };
                }
                Some(b'\\') => {
                    escaped = true;
                    let escape = escape(&self.text[at + 1..]);
                    self.at += 1 + escape.len;
                    if let Some(message) = escape.fault {
                        fault((message.to_owned(), Span::new(at, self.at)));
                    }
                }
                Some(byte) => {
                    self.at += 1;
                    if byte < 0x20 {
                        let message = format!("control character in a string, write `\\u{byte:04x}`");
                        fault((message, Span::new(at, self.at)));
                    }
                }
            }
        }
    }

    /// `self.at` is at the first digit, `start` at the sign if there is one.
    fn number(&mut self, start: usize, fault: &mut impl FnMut(Fault)) -> TokenKind {
        let unfinished = |end| ("number is not finished".to_owned(), Span::new(start, end));
        if self.peek(0) == Some(b'0') {
            self.at += 1;
        } else {
            self.digits();
        }
        if self.peek(0) == Some(b'.') {
            self.at += 1;
            if !self.digits() {
                fault(unfinished(self.at));
                return TokenKind::Number { value: Span::new(start, self.at) };
            }
        }
        let mut end = self.at;
        if let Some(b'e' | b'E') = self.peek(0) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek(0) {
                self.at += 1;
            }
            if self.digits() {
                end = self.at;
            } else {
                fault(unfinished(self.at));
            }
        }
        TokenKind::Number { value: Span::new(start, end) }
    }

    fn digits(&mut self) -> bool {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek(0) {
            self.at += 1;
        }
        self.at > start
    }

    /// A run of anything else; `None` unless it is a keyword.
    fn word(&mut self, first: u8) -> Option<TokenKind> {
        let start = self.at;
        self.at += 1;
        // A slash or a minus that starts nothing stands alone.
        if !matches!(first, b'/' | b'-') {
            while self.peek(0).is_some_and(|byte| !ends_word(byte)) {
                self.at += 1;
            }
        }
        match &self.bytes[start..self.at] {
            b"true" => Some(TokenKind::True),
            b"false" => Some(TokenKind::False),
            b"null" => Some(TokenKind::Null),
            _ => None,
        }
    }
}

fn ends_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'{' | b'}' | b'[' | b']' | b'"' | b':' | b',' | b'/')
}

/// Length of the comment that `bytes` starts with, and whether it is complete. A line comment
/// does not include its line ending.
pub(crate) fn comment_len(bytes: &[u8]) -> (usize, bool) {
    if bytes.get(1) == Some(&b'/') {
        let len = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        return (len.unwrap_or(bytes.len()), true);
    }
    let inside = bytes.get(2..).unwrap_or_default();
    match inside.windows(2).position(|pair| pair == b"*/") {
        Some(len) => (len + 4, true),
        None => (bytes.len(), false),
    }
}

struct Escape {
    /// Bytes after the backslash.
    len: usize,
    /// UTF-16 code unit, none for an escape that means nothing.
    unit: Option<u16>,
    fault: Option<&'static str>,
}

/// Reads one escape after its backslash.
fn escape(rest: &str) -> Escape {
    let known = |unit: u8| Escape { len: 1, unit: Some(u16::from(unit)), fault: None };
    match rest.as_bytes().first() {
        Some(plain @ (b'"' | b'\\' | b'/')) => known(*plain),
        Some(b'b') => known(8),
        Some(b'f') => known(12),
        Some(b'n') => known(b'\n'),
        Some(b'r') => known(b'\r'),
        Some(b't') => known(b'\t'),
        Some(b'u') => {
            let digits = rest.bytes().skip(1).take(4).take_while(u8::is_ascii_hexdigit).count();
            let unit = u16::from_str_radix(&rest[1..=digits], 16).ok().filter(|_| digits == 4);
            let fault = unit.is_none().then_some("`\\u` needs four hexadecimal digits");
            Escape { len: 1 + digits, unit, fault }
        }
        Some(_) => {
            // The original drops one UTF-16 code unit, so half of an astral character stays.
            let char = rest.chars().next().unwrap_or_default();
            let half = char.encode_utf16(&mut [0; 2]).get(1).copied();
            Escape { len: char.len_utf8(), unit: half, fault: Some("no such escape") }
        }
        None => Escape { len: 0, unit: None, fault: None },
    }
}

/// The value of a string token's content.
pub(crate) fn decode(content: &str, escaped: bool) -> Cow<'_, str> {
    if !escaped {
        return Cow::Borrowed(content);
    }
    // UTF-16 first: two escapes may be the halves of one character.
    let mut units: Vec<u16> = Vec::with_capacity(content.len());
    let mut rest = content;
    while let Some((plain, after)) = rest.split_once('\\') {
        units.extend(plain.encode_utf16());
        let escape = escape(after);
        units.extend(escape.unit);
        rest = &after[escape.len..];
    }
    units.extend(rest.encode_utf16());
    Cow::Owned(String::from_utf16_lossy(&units))
}

fn unexpected(text: &str) -> String {
    const SHOWN: usize = 20;
    let escape = |char: char| match char {
        '\'' | '\\' => char.to_string(),
        _ => char.escape_debug().to_string(),
    };
    let mut shown: String = text.chars().take(SHOWN).map(escape).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    format!("unexpected `{shown}`")
}
