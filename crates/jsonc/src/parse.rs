//! Tokens to nodes, recovering from errors as the npm package `jsonc-parser` 3.3.1 does.

use std::collections::HashMap;
use std::sync::Arc;

use drawbridge_text::Span;

use crate::scanner::{Scanner, Token, TokenKind, decode};
use crate::{Member, Node, NodeKind, Pointer};

/// Longest text that is looked at: 4 MiB.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Deepest nesting that is looked at; the root object is level 1.
pub const MAX_DEPTH: usize = 128;

/// Reports beyond these are dropped: nobody reads them, and a hostile file could hold millions.
const MAX_ERRORS: usize = 1000;
const MAX_DUPLICATES: usize = 1000;

/// Up to this many keys are compared with each other, more are hashed.
const FEW: usize = 16;

/// What a text says, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The value as the official CLI reads it, errors ignored. `None` when there is none, or
    /// when the text is over [`MAX_BYTES`] or [`MAX_DEPTH`], which is then an error.
    pub root: Option<Node>,
    /// In text order; empty means that every reader agrees on the syntax. Comments and trailing
    /// commas are no errors. At most 1 000 are kept.
    pub errors: Vec<SyntaxError>,
    /// Keys written more than once in one object, in text order. At most 1 000 are kept.
    pub duplicates: Vec<Duplicate>,
}

/// A place where the text is not JSONC.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// What is wrong, lower-case, without full stop.
    pub message: String,
    /// The bytes at fault; empty at the end of the text.
    pub span: Span,
}

/// A key that one object has more than once: readers differ on which value counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The value that the official CLI takes, which is the last.
    pub at: Pointer,
    /// Every occurrence of the key with its quotes, two or more.
    pub spans: Vec<Span>,
}

impl Parsed {
    /// Whether there is a root and nothing is wrong with the syntax; duplicates do not count.
    pub fn is_clean(&self) -> bool {
        self.root.is_some() && self.errors.is_empty()
    }
}

/// Reads `text`, whatever it is.
///
/// A leading byte order mark is skipped. Errors do not stop the reading: the result is what the
/// official CLI makes of the same text, which may be surprising (`"a": True, "b": 1` has no `a`).
pub fn parse(text: &str) -> Parsed {
    if text.len() > MAX_BYTES {
        let message = "file is larger than 4 MiB".to_owned();
        return refused(SyntaxError { message, span: Span::at(0) });
    }
    let mut parser = Parser {
        text,
        scanner: Scanner::new(text),
        token: Token { kind: TokenKind::End, span: Span::at(0) },
        depth: 0,
        path: Vec::new(),
        too_deep: None,
        errors: Vec::new(),
        duplicates: Vec::new(),
    };
    parser.advance();
    let root = parser.value();
    if let Some(span) = parser.too_deep {
        let message = format!("nested deeper than {MAX_DEPTH} levels");
        return refused(SyntaxError { message, span });
    }
    if root.is_none() {
        parser.error("expected a value");
    } else if parser.token.kind != TokenKind::End {
        parser.error("expected the end of the file");
    }
    let Parser { mut errors, mut duplicates, .. } = parser;
    errors.sort_by_key(|error| error.span.start);
    duplicates.sort_by_key(|duplicate| duplicate.spans[0].start);
    Parsed { root, errors, duplicates }
}

fn refused(error: SyntaxError) -> Parsed {
    Parsed { root: None, errors: vec![error], duplicates: Vec::new() }
}

struct Parser<'t> {
    text: &'t str,
    scanner: Scanner<'t>,
    token: Token,
    depth: usize,
    path: Vec<Step>,
    too_deep: Option<Span>,
    errors: Vec<SyntaxError>,
    duplicates: Vec<Duplicate>,
}

/// One segment of the way to the container being read, made into text only for a report.
enum Step {
    Key { content: Span, escaped: bool, shared: Option<Arc<str>> },
    Index(usize),
}

impl Parser<'_> {
    fn advance(&mut self) {
        let errors = &mut self.errors;
        self.token = self.scanner.next(&mut |(message, span)| report(errors, message, span));
    }

    fn error(&mut self, message: &str) {
        report(&mut self.errors, message.to_owned(), self.token.span);
    }

    /// Reports and skips to a token that can follow a broken item. Brackets on the way are not
    /// matched; the original does not match them either.
    fn error_and_skip(&mut self, message: &str, close: TokenKind) {
        self.error(message);
        while self.token.kind != TokenKind::Comma
            && self.token.kind != close
            && self.token.kind != TokenKind::End
        {
            self.advance();
        }
    }

    /// A value, or `None` without consuming anything.
    fn value(&mut self) -> Option<Node> {
        let Token { kind, span } = self.token;
        let kind = match kind {
            TokenKind::OpenBrace | TokenKind::OpenBracket => return Some(self.container()),
            TokenKind::String { content, escaped } => {
                NodeKind::String(decode(&self.text[content.range()], escaped).into_owned())
            }
            TokenKind::Number { value } => NodeKind::Number(self.text[value.range()].to_owned()),
            TokenKind::True => NodeKind::Bool(true),
            TokenKind::False => NodeKind::Bool(false),
            TokenKind::Null => NodeKind::Null,
            _ => return None,
        };
        self.advance();
        Some(Node { span, kind })
    }

    fn container(&mut self) -> Node {
        let open = self.token;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            // Nothing after this point can be trusted, so reading ends here.
            self.too_deep.get_or_insert(open.span);
            self.token = Token { kind: TokenKind::End, span: open.span };
            return Node { span: open.span, kind: NodeKind::Null };
        }
        self.advance();
        let (kind, close, missing) = if open.kind == TokenKind::OpenBrace {
            (NodeKind::Object(self.members()), TokenKind::CloseBrace, "expected `}`")
        } else {
            (NodeKind::Array(self.elements()), TokenKind::CloseBracket, "expected `]`")
        };
        let end = self.token.span.end;
        if self.token.kind == close {
            self.advance();
        } else {
            self.error(missing);
        }
        self.depth -= 1;
        Node { span: Span::new(open.span.start, end), kind }
    }

    fn members(&mut self) -> Vec<Member> {
        let mut members = Vec::new();
        self.items(TokenKind::CloseBrace, |parser| members.extend(parser.member()));
        self.find_duplicates(&members);
        members
    }

    fn elements(&mut self) -> Vec<Node> {
        let mut elements = Vec::new();
        self.items(TokenKind::CloseBracket, |parser| {
            parser.path.push(Step::Index(elements.len()));
            match parser.value() {
                Some(value) => elements.push(value),
                None => parser.error_and_skip("expected a value", TokenKind::CloseBracket),
            }
            parser.path.pop();
        });
        elements
    }

    /// Items and commas up to `close` or the end.
    fn items(&mut self, close: TokenKind, mut item: impl FnMut(&mut Self)) {
        let mut needs_comma = false;
        while self.token.kind != close && self.token.kind != TokenKind::End {
            if self.token.kind == TokenKind::Comma {
                if !needs_comma {
                    self.error("expected a value before `,`");
                }
                self.advance();
                if self.token.kind == close {
                    break;
                }
            } else if needs_comma {
                self.error("expected `,`");
            }
            item(self);
            needs_comma = true;
        }
    }

    fn member(&mut self) -> Option<Member> {
        let key_span = self.token.span;
        let TokenKind::String { content, escaped } = self.token.kind else {
            self.error_and_skip("expected a key in double quotes", TokenKind::CloseBrace);
            return None;
        };
        let key = decode(&self.text[content.range()], escaped).into_owned();
        if key == "__proto__" {
            self.error("`__proto__` hides values: JavaScript readers inherit them");
        }
        self.advance();
        if self.token.kind != TokenKind::Colon {
            self.error_and_skip("expected `:` after the key", TokenKind::CloseBrace);
            return None;
        }
        self.advance();
        self.path.push(Step::Key { content, escaped, shared: None });
        let value = self.value();
        self.path.pop();
        let Some(value) = value else {
            self.error_and_skip("expected a value", TokenKind::CloseBrace);
            return None;
        };
        Some(Member { key, key_span, span: key_span.cover(value.span), value })
    }

    fn find_duplicates(&mut self, members: &[Member]) {
        if members.len() <= FEW && all_differ(members) {
            return;
        }
        let mut first: HashMap<&str, usize> = HashMap::with_capacity(members.len());
        let mut again: HashMap<&str, Vec<Span>> = HashMap::new();
        for (index, member) in members.iter().enumerate() {
            let seen = *first.entry(&member.key).or_insert(index);
            if seen != index {
                let spans = again.entry(&member.key);
                spans.or_insert_with(|| vec![members[seen].key_span]).push(member.key_span);
            }
        }
        let mut again: Vec<(&str, Vec<Span>)> = again.into_iter().collect();
        again.sort_by_key(|(_, spans)| spans[0].start);
        again.truncate(MAX_DUPLICATES - self.duplicates.len());
        for (key, spans) in again {
            let at = self.pointer(key);
            self.duplicates.push(Duplicate { at, spans });
        }
    }

    /// The member `key` of the container being read.
    fn pointer(&mut self, key: &str) -> Pointer {
        let text = self.text;
        let mut segments: Vec<Arc<str>> = Vec::with_capacity(self.path.len() + 1);
        segments.extend(self.path.iter_mut().map(|step| match step {
            Step::Index(index) => index.to_string().into(),
            Step::Key { content, escaped, shared } => {
                let key = || decode(&text[content.range()], *escaped).into();
                Arc::clone(shared.get_or_insert_with(key))
            }
        }));
        segments.push(key.into());
        Pointer::from_segments(segments)
    }
}

fn all_differ(members: &[Member]) -> bool {
    members
        .iter()
        .enumerate()
        .all(|(index, member)| members[..index].iter().all(|earlier| earlier.key != member.key))
}

fn report(errors: &mut Vec<SyntaxError>, message: String, span: Span) {
    if errors.len() < MAX_ERRORS {
        errors.push(SyntaxError { message, span });
    }
}
