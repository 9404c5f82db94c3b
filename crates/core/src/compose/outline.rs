//! Where everything of a YAML file is written, aliases left as they are, for edits of its text.

use drawbridge_text::{Span, TextEdit, newline_of};
use saphyr_parser::{Event, Parser, ScalarStyle};

use super::edit::Step;
use super::node::Place;

/// The values of one document in file order, a collection before what is in it.
pub(super) struct Outline<'t> {
    text: &'t str,
    parts: Vec<Part>,
}

/// Steps from the root to a service.
const SERVICE: usize = 2;

/// One value.
struct Part {
    place: Place,
    /// From its first byte to behind its last, without tag and anchor.
    span: Span,
    kind: Kind,
    /// The key, when it is a member of a mapping.
    key: Option<(String, Span)>,
    parent: Option<usize>,
    children: Vec<usize>,
    /// It has a tag or an anchor.
    marked: bool,
}

/// What a value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Scalar(ScalarStyle),
    Seq,
    Map,
    Alias,
}

impl<'t> Outline<'t> {
    /// Reads a text that [`super::parse`] takes; `None` when a key is more than plain text.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        // The parser counts characters.
        let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let mut reader = Reader { outline: Self { text, parts: Vec::new() }, open: Vec::new(), key: None };
        for event in Parser::new_from_str(text) {
            let (event, span) = event.ok()?;
            let place = Place { line: span.start.line(), column: span.start.col() + 1 };
            let span = Span::new(*bytes.get(span.start.index())?, *bytes.get(span.end.index())?);
            reader.event(&event, place, span)?;
        }
        Some(reader.outline)
    }

    /// The innermost value that starts at a place: a list that is not indented starts with its first item.
    pub(super) fn at(&self, place: Place) -> Option<usize> {
        self.parts.iter().rposition(|part| part.place == place)
    }

    /// What has to go so that this value does: the property of a service too when nothing else is in it.
    pub(super) fn whole(&self, part: usize) -> Option<usize> {
        let parent = self.parts[part].parent?;
        let Part { marked, children, .. } = &self.parts[parent];
        if children.len() > 1 {
            return Some(part);
        }
        // A tag such as `!override` says something about other files, an empty service says nothing.
        let is_property = self.path(parent)?.len() > SERVICE && !marked;
        is_property.then(|| self.whole(parent)).flatten()
    }

    /// The way to a value from the document's root.
    pub(super) fn path(&self, part: usize) -> Option<Vec<Step>> {
        let Some(parent) = self.parts[part].parent else { return Some(Vec::new()) };
        let mut path = self.path(parent)?;
        path.push(match &self.parts[part].key {
            Some((key, _)) => Step::Key(key.clone()),
            None => Step::Item(self.parts[parent].children.iter().position(|child| *child == part)?),
        });
        Some(path)
    }

    /// Takes an item or a member out of the text.
    pub(super) fn cut(&self, part: usize) -> Option<TextEdit> {
        let parent = self.parts[part].parent?;
        if self.is_flow(parent) { self.cut_between_commas(part, parent) } else { self.cut_lines(part) }
    }

    fn cut_between_commas(&self, part: usize, parent: usize) -> Option<TextEdit> {
        let children = &self.parts[parent].children;
        let index = children.iter().position(|child| *child == part)?;
        let only_a_comma = |span: Span| (span.slice(self.text)?.trim() == ",").then_some(());
        let own = self.entry(part)?;
        let span = match (children.get(index + 1), index.checked_sub(1)) {
            (Some(next), _) => {
                let next = self.entry(*next)?;
                only_a_comma(Span::new(own.end, next.start))?;
                Span::new(own.start, next.start)
            }
            (None, Some(before)) => {
                let before = self.entry(children[before])?;
                only_a_comma(Span::new(before.end, own.start))?;
                Span::new(before.end, own.end)
            }
            (None, None) => return None,
        };
        Some(TextEdit { span, insert: String::new() })
    }

    fn cut_lines(&self, part: usize) -> Option<TextEdit> {
        let own = self.entry(part)?;
        let start = self.line_start(own.start);
        let indent = &self.text[start..own.start];
        let end = self.text[own.end..].find('\n').map_or(self.text.len(), |at| own.end + at + 1);
        let rest = &self.text[own.end..end];
        let is_comment = rest.trim_start().starts_with('#') && rest.starts_with([' ', '\t']);
        if !indent.chars().all(|c| c == ' ') || !(rest.trim().is_empty() || is_comment) {
            return None;
        }
        let leaves = self.leaves(part)?;
        let mut insert = String::new();
        let mut line_start = start;
        for line in self.text[start..end].split_inclusive('\n') {
            if let Some(at) = comment(line, line_start, &leaves) {
                insert.push_str(indent);
                insert.push_str(&line[at..]);
            }
            line_start += line.len();
        }
        // The line before keeps the file's own end.
        let ends_open = insert.is_empty() && !self.text[start..end].ends_with('\n');
        let start = if ends_open { self.text[..start].trim_end_matches(['\r', '\n']).len() } else { start };
        Some(TextEdit { span: Span::new(start, end), insert })
    }

    /// The value of a member.
    pub(super) fn member(&self, part: usize, name: &str) -> Option<usize> {
        let is_it = |child: &usize| self.parts[*child].key.as_ref().is_some_and(|(key, _)| key == name);
        self.parts[part].children.iter().copied().find(is_it)
    }

    /// Gives a scalar another text, in the quotes that it has; `None` when `old` is not written as it is.
    pub(super) fn rewrite(&self, part: usize, old: &str, new: &str) -> Option<TextEdit> {
        let Part { span, kind, .. } = &self.parts[part];
        let quote = match kind {
            Kind::Scalar(ScalarStyle::Plain) => "",
            Kind::Scalar(ScalarStyle::SingleQuoted) => "'",
            Kind::Scalar(ScalarStyle::DoubleQuoted) => "\"",
            _ => return None,
        };
        let is_plain = span.slice(self.text)? == format!("{quote}{old}{quote}");
        is_plain.then(|| TextEdit { span: *span, insert: format!("{quote}{new}{quote}") })
    }

    /// Puts a member in front of the others of a mapping.
    pub(super) fn put(&self, part: usize, member: &str) -> Option<TextEdit> {
        let Part { span, kind: Kind::Map, .. } = self.parts[part] else { return None };
        if self.is_flow(part) {
            let at = span.start + 1;
            let spaced = self.text[at..].starts_with(char::is_whitespace);
            let insert = if spaced { format!(" {member},") } else { format!("{member}, ") };
            return Some(TextEdit { span: Span::at(at), insert });
        }
        let before = &self.text[self.line_start(span.start)..span.start];
        if !before.chars().all(|c| matches!(c, ' ' | '-')) {
            return None;
        }
        let newline = newline_of(self.text).as_str();
        let insert = format!("{member}{newline}{}", " ".repeat(before.len()));
        Some(TextEdit { span: Span::at(span.start), insert })
    }

    /// From the key, or from the dash of a block list, to the end of the value.
    fn entry(&self, part: usize) -> Option<Span> {
        let Part { span, key, parent, marked, .. } = &self.parts[part];
        let start = match key {
            Some((_, key)) => key.start,
            None if *marked => return None,
            None if self.is_flow((*parent)?) => span.start,
            None => {
                let line = self.line_start(span.start);
                let before = self.text[line..span.start].trim_end();
                (before.ends_with('-') && line + before.len() < span.start).then_some(())?;
                line + before.len() - 1
            }
        };
        Some(Span::new(start, span.end))
    }

    /// Keys and scalars of a value; `None` with a block of text, whose lines look like anything.
    fn leaves(&self, part: usize) -> Option<Vec<Span>> {
        let Part { span, kind, key, children, .. } = &self.parts[part];
        let mut leaves: Vec<Span> = key.iter().map(|(_, span)| *span).collect();
        match kind {
            Kind::Scalar(ScalarStyle::Literal | ScalarStyle::Folded) => return None,
            Kind::Scalar(_) | Kind::Alias => leaves.push(*span),
            Kind::Seq | Kind::Map => {
                for child in children {
                    leaves.extend(self.leaves(*child)?);
                }
            }
        }
        Some(leaves)
    }

    fn is_flow(&self, part: usize) -> bool {
        self.text[self.parts[part].span.start..].starts_with(['[', '{'])
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |at| at + 1)
    }
}

/// Where in a line a comment starts.
fn comment(line: &str, line_start: usize, leaves: &[Span]) -> Option<usize> {
    line.match_indices('#').map(|(at, _)| at).find(|at| {
        let inside = |leaf: &Span| leaf.start <= line_start + at && line_start + at < leaf.end;
        line[..*at].chars().next_back().is_none_or(char::is_whitespace) && !leaves.iter().any(inside)
    })
}

/// The bytes of a scalar with its quotes: the parser's span starts with tag and anchor, and behind a closing quote it
/// goes on over spaces and a comment.
fn scalar(text: &str, span: Span, style: ScalarStyle) -> Option<Span> {
    let mut rest = span.slice(text)?;
    let mut start = span.start;
    while rest.starts_with(['!', '&']) {
        let after = rest.trim_start_matches(|c: char| !c.is_whitespace()).trim_start();
        start += rest.len() - after.len();
        rest = after;
    }
    let mut inside = rest.char_indices().skip(1).peekable();
    let length = match style {
        ScalarStyle::SingleQuoted => loop {
            let (at, c) = inside.next()?;
            if c == '\'' && inside.next_if(|(_, next)| *next == '\'').is_none() {
                break at + 1;
            }
        },
        ScalarStyle::DoubleQuoted => loop {
            match inside.next()? {
                (_, '\\') => drop(inside.next()),
                (at, '"') => break at + 1,
                _ => {}
            }
        },
        _ => rest.len(),
    };
    Some(Span::new(start, start + length))
}

struct Reader<'t> {
    outline: Outline<'t>,
    /// The collections that are not closed yet.
    open: Vec<usize>,
    /// A key whose value comes next.
    key: Option<(String, Span)>,
}

impl Reader<'_> {
    fn event(&mut self, event: &Event<'_>, place: Place, span: Span) -> Option<()> {
        let span = match event {
            Event::Scalar(_, style, ..) => scalar(self.outline.text, span, *style)?,
            _ => span,
        };
        let (kind, marked) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_key = self.open.last().is_some_and(|open| self.outline.parts[*open].kind == Kind::Map)
                    && self.key.is_none();
                if is_key {
                    self.key = Some((text.to_string(), span));
                    return Some(());
                }
                (Kind::Scalar(*style), *anchor != 0 || tag.is_some())
            }
            Event::SequenceStart(anchor, tag) => (Kind::Seq, *anchor != 0 || tag.is_some()),
            Event::MappingStart(anchor, tag) => (Kind::Map, *anchor != 0 || tag.is_some()),
            Event::Alias(_) => (Kind::Alias, false),
            Event::SequenceEnd | Event::MappingEnd => return self.close(span),
            _ => return Some(()),
        };
        let (parts, parent) = (&mut self.outline.parts, self.open.last().copied());
        let part = parts.len();
        let key = self.key.take();
        if let Some(parent) = parent {
            (key.is_some() == (parts[parent].kind == Kind::Map)).then_some(())?;
            parts[parent].children.push(part);
        }
        parts.push(Part { place, span, kind, key, parent, children: Vec::new(), marked });
        if matches!(kind, Kind::Seq | Kind::Map) {
            self.open.push(part);
        }
        Some(())
    }

    /// The parser's end of a collection lies behind spaces and comments that follow it.
    fn close(&mut self, span: Span) -> Option<()> {
        let part = self.open.pop()?;
        let end = match self.outline.parts[part].children.last() {
            Some(last) if !self.outline.is_flow(part) => self.outline.parts[*last].span.end,
            _ => span.start + 1,
        };
        let start = self.outline.parts[part].span.start;
        self.outline.parts[part].span = Span::new(start, end.max(start));
        Some(())
    }
}
