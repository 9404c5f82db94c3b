//! An object or array taken apart so that every byte belongs to something.

mod assign;
mod insert;
mod remove;

use std::borrow::Cow;

use serde_json::Value;

use super::format::{Layout, quote};
use super::trivia::{
    comments_in, ends_in_line_comment, has_newline, last_line, split_comma, split_comments, split_line,
    trim_spaces,
};
use crate::pointer::array_index;
use crate::{Node, NodeKind, parse};

/// A value: the bytes it has, or the parts of a container that an edit went into.
pub(super) enum Element<'t> {
    /// A value of the document as it was.
    Kept(&'t Node),
    /// Text of one value.
    Text(String),
    /// A container in parts.
    Open(Box<Container<'t>>),
}

/// The inside of an object or array. In text order: `head`, the items, `tail`.
pub(super) struct Container<'t> {
    pub(super) object: bool,
    /// What follows the opening bracket on its line.
    pub(super) head: Cow<'t, str>,
    pub(super) items: Vec<Item<'t>>,
    /// What is before the closing bracket.
    pub(super) tail: Cow<'t, str>,
}

/// A member or element with the trivia that goes with it, in text order.
pub(super) struct Item<'t> {
    /// From the end of the line of the item before.
    pub(super) before: Cow<'t, str>,
    pub(super) key: Option<Key<'t>>,
    pub(super) value: Element<'t>,
    /// Between value and comma.
    pub(super) gap: Cow<'t, str>,
    pub(super) comma: bool,
    /// After the comma to the end of its line, when nothing else is on it.
    pub(super) after: Cow<'t, str>,
}

/// The key of a member.
pub(super) struct Key<'t> {
    pub(super) name: Cow<'t, str>,
    /// With its quotes.
    pub(super) text: Cow<'t, str>,
    /// The colon and the trivia on both sides.
    pub(super) colon: Cow<'t, str>,
}

/// What a segment of a pointer names.
pub(super) enum Found {
    /// Nothing.
    None,
    /// One item.
    One(usize),
    /// A key that is written more than once.
    Many,
}

impl<'t> Element<'t> {
    /// Takes a container apart; `source` is the document. `None` for a scalar.
    pub(super) fn open(&mut self, source: &'t str) -> Option<&mut Container<'t>> {
        match self {
            Self::Open(_) => {}
            Self::Kept(node) => *self = Self::Open(Box::new(Container::new(source, node)?)),
            Self::Text(text) => {
                let parsed = parse(text);
                let container = Container::new(text, parsed.root.as_ref()?)?.into_owned(text);
                *self = Self::Open(Box::new(container));
            }
        }
        match self {
            Self::Open(container) => Some(container),
            _ => None,
        }
    }

    /// The value without its bytes.
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Kept(node) => node.to_json(),
            Self::Text(text) => parse(text).root.map_or(Value::Null, |node| node.to_json()),
            Self::Open(container) => {
                let values = container.items.iter().map(|item| item.value.json());
                if container.object {
                    let names = container.items.iter().filter_map(|item| item.key.as_ref());
                    names.map(|key| key.name.to_string()).zip(values).collect()
                } else {
                    values.collect()
                }
            }
        }
    }

    /// Whether an object in here has a key twice.
    pub(super) fn has_duplicates(&self, source: &str) -> bool {
        match self {
            Self::Kept(node) => node.has_duplicates(),
            Self::Text(text) => !parse(text).duplicates.is_empty(),
            Self::Open(_) => !parse(&self.text(source, "\n")).duplicates.is_empty(),
        }
    }

    /// Every comment inside.
    pub(super) fn comments(&self, source: &str) -> Vec<String> {
        comments_in(&self.text(source, "\n")).into_iter().map(str::to_owned).collect()
    }

    /// The bytes; `newline` ends a line comment that had nothing after it on its line.
    pub(super) fn text<'a>(&'a self, source: &'a str, newline: &str) -> Cow<'a, str> {
        match self {
            Self::Kept(node) => Cow::Borrowed(&source[node.span.range()]),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Open(_) => {
                let mut writer = Writer::new(newline);
                writer.element(self, source);
                Cow::Owned(writer.out)
            }
        }
    }
}

impl<'t> Container<'t> {
    fn new(source: &'t str, node: &'t Node) -> Option<Self> {
        let mut items: Vec<Item<'t>> = match &node.kind {
            NodeKind::Array(elements) => {
                elements.iter().map(|element| Item::new(None, Element::Kept(element))).collect()
            }
            NodeKind::Object(members) => members
                .iter()
                .map(|member| {
                    let key = Key {
                        name: Cow::Borrowed(&member.key),
                        text: Cow::Borrowed(&source[member.key_span.range()]),
                        colon: Cow::Borrowed(&source[member.key_span.end..member.value.span.start]),
                    };
                    Item::new(Some(key), Element::Kept(&member.value))
                })
                .collect(),
            _ => return None,
        };
        let spans: Vec<(usize, usize)> = match &node.kind {
            NodeKind::Array(elements) => {
                elements.iter().map(|element| (element.span.start, element.span.end)).collect()
            }
            _ => node.members().iter().map(|member| (member.span.start, member.span.end)).collect(),
        };
        let (open, close) = (node.span.start + 1, node.span.end - 1);
        let first = spans.first().map_or(close, |span| span.0);
        let (head, mut rest) = split_line(&source[open..first]).unwrap_or(("", &source[open..first]));
        for (index, item) in items.iter_mut().enumerate() {
            item.before = Cow::Borrowed(rest);
            let next = spans.get(index + 1);
            let follow = &source[spans[index].1..next.map_or(close, |span| span.0)];
            rest = item.take_follow(follow, next.is_none());
        }
        let object = matches!(node.kind, NodeKind::Object(_));
        Some(Self { object, head: Cow::Borrowed(head), items, tail: Cow::Borrowed(rest) })
    }

    fn into_owned<'o>(self, source: &str) -> Container<'o> {
        let owned = |text: Cow<'t, str>| Cow::Owned(text.into_owned());
        Container {
            object: self.object,
            head: owned(self.head),
            items: self
                .items
                .into_iter()
                .map(|item| Item {
                    before: owned(item.before),
                    key: item.key.map(|key| Key {
                        name: owned(key.name),
                        text: owned(key.text),
                        colon: owned(key.colon),
                    }),
                    value: Element::Text(item.value.text(source, "\n").into_owned()),
                    gap: owned(item.gap),
                    comma: item.comma,
                    after: owned(item.after),
                })
                .collect(),
            tail: owned(self.tail),
        }
    }

    /// The item that a segment of a pointer names.
    pub(super) fn find(&self, segment: &str) -> Found {
        if !self.object {
            let index = array_index(segment).filter(|index| *index < self.items.len());
            return index.map_or(Found::None, Found::One);
        }
        let mut named = (0..self.items.len()).filter(|index| self.name(*index) == Some(segment));
        match (named.next(), named.next()) {
            (None, _) => Found::None,
            (Some(index), None) => Found::One(index),
            (Some(_), Some(_)) => Found::Many,
        }
    }

    fn name(&self, index: usize) -> Option<&str> {
        self.items[index].key.as_ref().map(|key| key.name.as_ref())
    }

    /// Gives a member another key, `None` when there is one with that key.
    pub(super) fn rename(&mut self, index: usize, name: &str) -> Option<()> {
        let key = matches!(self.find(name), Found::None).then(|| self.items[index].key.as_mut())??;
        key.name = Cow::Owned(name.to_owned());
        key.text = Cow::Owned(quote(name));
        Some(())
    }

    /// The layout at the value of item `index`, from the layout at this container.
    pub(super) fn layout(&self, index: usize, around: &Layout) -> Layout {
        let mut layout = around.clone();
        layout.inline = !has_newline(&self.items[index].before);
        let line = self.items[..=index].iter().rev().find_map(|item| last_line(&item.before));
        if let Some((newline, indent)) = line {
            newline.clone_into(&mut layout.newline);
            indent.clone_into(&mut layout.indent);
            if let Some(unit) = indent.strip_prefix(&around.indent).filter(|unit| !unit.is_empty()) {
                unit.clone_into(&mut layout.unit);
            }
        }
        layout
    }
}

impl<'t> Item<'t> {
    fn new(key: Option<Key<'t>>, value: Element<'t>) -> Self {
        let empty = Cow::Borrowed("");
        Self { before: empty.clone(), key, value, gap: empty.clone(), comma: false, after: empty }
    }

    /// Keeps its part of what stands between this item and the next token; returns the rest.
    fn take_follow(&mut self, follow: &'t str, last: bool) -> &'t str {
        let comma = split_comma(follow);
        self.comma = comma.is_some();
        let (gap, follow) = comma.unwrap_or(("", follow));
        self.gap = Cow::Borrowed(gap);
        if let Some((line, rest)) = split_line(follow) {
            self.after = Cow::Borrowed(line);
            return rest;
        }
        if !last {
            return follow;
        }
        // On the line of the closing bracket a comment belongs to the last item.
        let (comments, rest) = split_comments(follow);
        *(if self.comma { &mut self.after } else { &mut self.gap }) = Cow::Borrowed(comments);
        rest
    }

    /// The comments on both sides of the colon.
    pub(super) fn colon_comments(&self) -> Vec<String> {
        let colon = self.key.as_ref().map_or("", |key| &key.colon);
        comments_in(colon).into_iter().map(str::to_owned).collect()
    }

    /// Keeps comments whose place inside the value is gone.
    pub(super) fn adopt(&mut self, comments: &[String], layout: &Layout) {
        if let [comment] = comments
            && comment.starts_with("/*")
        {
            self.gap = Cow::Owned(format!(" {comment}{}", self.gap));
            return;
        }
        for comment in comments {
            let before = self.before.to_mut();
            before.push_str(comment);
            before.push_str(&layout.line());
        }
    }
}

/// Puts the parts together again, and never lets a line comment swallow what follows.
pub(super) struct Writer<'n> {
    pub(super) out: String,
    newline: &'n str,
    in_comment: bool,
}

impl<'n> Writer<'n> {
    pub(super) const fn new(newline: &'n str) -> Self {
        Self { out: String::new(), newline, in_comment: false }
    }

    pub(super) fn trivia(&mut self, trivia: &str) {
        let rest = trim_spaces(trivia);
        if rest.is_empty() {
            // Spaces after a line comment would become part of it.
            self.out.push_str(if self.in_comment { "" } else { trivia });
            return;
        }
        if self.in_comment && !rest.starts_with(['\n', '\r']) {
            self.out.push_str(self.newline);
        }
        self.out.push_str(if self.in_comment { rest } else { trivia });
        self.in_comment = ends_in_line_comment(trivia);
    }

    fn token(&mut self, token: &str) {
        if self.in_comment {
            self.out.push_str(self.newline);
            self.in_comment = false;
        }
        self.out.push_str(token);
    }

    pub(super) fn element(&mut self, element: &Element<'_>, source: &str) {
        let Element::Open(container) = element else {
            return self.token(&element.text(source, self.newline));
        };
        let (open, close) = if container.object { ("{", "}") } else { ("[", "]") };
        self.token(open);
        self.trivia(&container.head);
        for item in &container.items {
            self.trivia(&item.before);
            if let Some(key) = &item.key {
                self.token(&key.text);
                self.colon(&key.colon);
            }
            self.element(&item.value, source);
            self.trivia(&item.gap);
            if item.comma {
                self.token(",");
            }
            self.trivia(&item.after);
        }
        self.trivia(&container.tail);
        self.token(close);
    }

    /// A colon with the trivia that was around it, which is sound by itself.
    fn colon(&mut self, colon: &str) {
        self.out.push_str(colon);
    }
}
