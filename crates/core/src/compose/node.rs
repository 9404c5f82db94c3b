//! A YAML tree with places, built from parser events, so that no depth, alias or size of a hostile
//! file can exhaust the stack or memory.

use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};

const MAX_BYTES: usize = 1 << 20;
const MAX_DEPTH: usize = 64;
/// Counts what aliases and merge keys copy, so a "billion laughs" file is refused early.
const MAX_NODES: usize = 100_000;

/// A place in a file: both 1-based, the column in characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

/// A YAML value, its tag and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it starts; for an alias, where the alias is.
    pub place: Place,
    /// A local tag such as `!reset`.
    pub tag: Option<String>,
    /// The value.
    pub value: Value,
}

/// Scalars stay text: Compose reads most of them after replacing variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text; `plain` when it has no quotes, so that it may mean null, a number or a boolean.
    Scalar {
        /// The text after unescaping.
        text: String,
        /// Unquoted.
        plain: bool,
    },
    /// A list.
    Seq(Vec<Node>),
    /// A mapping in file order; keys are unique. Merge keys are already resolved.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The text.
    pub text: String,
    /// Where.
    pub place: Place,
}

/// Why a file is not a YAML document that we accept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub place: Place,
}

impl Node {
    /// The text of a scalar; `None` for null, lists and mappings.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } if !self.is_null() => Some(text),
            _ => None,
        }
    }

    /// Whether this is `null`, `~` or nothing.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// A boolean as Compose reads it.
    pub fn as_bool(&self) -> Option<bool> {
        match self.as_str()?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" | "1" => Some(true),
            "false" | "no" | "off" | "n" | "0" => Some(false),
            _ => None,
        }
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::Seq(items) => items,
            _ => &[],
        }
    }

    /// The members of a mapping; none for anything else.
    pub fn members(&self) -> &[(Key, Self)] {
        match &self.value {
            Value::Map(members) => members,
            _ => &[],
        }
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.members().iter().find(|(k, _)| k.text == key).map(|(_, node)| node)
    }

    fn size(&self) -> usize {
        1 + match &self.value {
            Value::Scalar { .. } => 0,
            Value::Seq(items) => items.iter().map(Self::size).sum(),
            Value::Map(members) => members.iter().map(|(_, node)| node.size()).sum(),
        }
    }
}

/// Parses every document of a file.
///
/// # Errors
///
/// Syntax, a key written twice, a key that is not text, or a bound that is exceeded.
pub fn parse(text: &str) -> Result<Vec<Node>, YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > MAX_BYTES {
        return Err(error("the file is larger than 1 MiB", Place { line: 1, column: 1 }));
    }
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|err| error(err.info(), place(*err.marker())))?;
        builder.event(event, place(span.start))?;
    }
    Ok(builder.documents)
}

fn place(marker: Marker) -> Place {
    Place { line: marker.line(), column: marker.col() + 1 }
}

fn error(message: impl Into<String>, place: Place) -> YamlError {
    YamlError { message: message.into(), place }
}

#[derive(Default)]
struct Builder {
    documents: Vec<Node>,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

/// A list or mapping that is not closed yet.
struct Open {
    place: Place,
    tag: Option<String>,
    anchor: usize,
    content: Content,
}

enum Content {
    Seq(Vec<Node>),
    Map { members: Vec<(Key, Node)>, seen: HashSet<String>, merges: Vec<Node>, key: Option<Key> },
}

impl Builder {
    fn event(&mut self, event: Event<'_>, at: Place) -> Result<(), YamlError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                let value = Value::Scalar { text: text.into_owned(), plain };
                let node = Node { place: at, tag: local(tag.as_deref()), value };
                self.count(1, at)?;
                self.anchor(anchor, &node);
                self.add(node)
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(at, anchor, tag.as_deref(), Content::Seq(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                let content =
                    Content::Map { members: Vec::new(), seen: HashSet::new(), merges: Vec::new(), key: None };
                self.open(at, anchor, tag.as_deref(), content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => {
                let Some(mut node) = self.anchors.get(&anchor).cloned() else {
                    return Err(error("an alias inside the value that it stands for", at));
                };
                self.count(node.size(), at)?;
                node.place = at;
                self.add(node)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn count(&mut self, nodes: usize, at: Place) -> Result<(), YamlError> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            return Err(error("the file expands to more than 100 000 values", at));
        }
        Ok(())
    }

    fn anchor(&mut self, anchor: usize, node: &Node) {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
    }

    fn open(
        &mut self,
        place: Place,
        anchor: usize,
        tag: Option<&Tag>,
        content: Content,
    ) -> Result<(), YamlError> {
        if self.open.len() == MAX_DEPTH {
            return Err(error("nested deeper than 64 levels", place));
        }
        self.count(1, place)?;
        self.open.push(Open { place, tag: local(tag), anchor, content });
        Ok(())
    }

    fn close(&mut self) -> Result<(), YamlError> {
        let Some(Open { place, tag, anchor, content }) = self.open.pop() else {
            return Ok(());
        };
        let value = match content {
            Content::Seq(items) => Value::Seq(items),
            Content::Map { mut members, mut seen, merges, .. } => {
                for merge in merges {
                    self.merge(&mut members, &mut seen, &merge)?;
                }
                Value::Map(members)
            }
        };
        let node = Node { place, tag, value };
        if anchor != 0 {
            self.count(node.size(), place)?;
            self.anchors.insert(anchor, node.clone());
        }
        self.add(node)
    }

    /// `<<`: own members win, then earlier sources.
    fn merge(
        &mut self,
        members: &mut Vec<(Key, Node)>,
        seen: &mut HashSet<String>,
        source: &Node,
    ) -> Result<(), YamlError> {
        match &source.value {
            Value::Map(add) => {
                for (key, node) in add {
                    if seen.insert(key.text.clone()) {
                        self.count(node.size(), source.place)?;
                        members.push((key.clone(), node.clone()));
                    }
                }
                Ok(())
            }
            Value::Seq(sources) => {
                for each in sources {
                    if !matches!(each.value, Value::Map(_)) {
                        return Err(error("`<<` takes mappings", each.place));
                    }
                    self.merge(members, seen, each)?;
                }
                Ok(())
            }
            Value::Scalar { .. } if source.is_null() => Ok(()),
            Value::Scalar { .. } => Err(error("`<<` takes a mapping", source.place)),
        }
    }

    fn add(&mut self, node: Node) -> Result<(), YamlError> {
        let Some(open) = self.open.last_mut() else {
            self.documents.push(node);
            return Ok(());
        };
        match &mut open.content {
            Content::Seq(items) => items.push(node),
            Content::Map { members, seen, merges, key } => match key.take() {
                None => *key = Some(new_key(node, seen)?),
                Some(Key { text, .. }) if text == "<<" => merges.push(node),
                Some(name) => members.push((name, node)),
            },
        }
        Ok(())
    }
}

fn new_key(node: Node, seen: &mut HashSet<String>) -> Result<Key, YamlError> {
    let Value::Scalar { text, .. } = node.value else {
        return Err(error("a key must be text", node.place));
    };
    if !seen.insert(text.clone()) {
        return Err(error(format!("key `{text}` is written twice"), node.place));
    }
    Ok(Key { text, place: node.place })
}

fn local(tag: Option<&Tag>) -> Option<String> {
    tag.filter(|tag| tag.handle == "!").map(|tag| format!("!{}", tag.suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Node {
        let mut documents = parse(text).unwrap_or_else(|err| panic!("{err} at {:?}", err.place));
        documents.remove(0)
    }

    fn fails(text: &str) -> String {
        let err = parse(text).expect_err("the text is wrong");
        format!("{}:{}: {err}", err.place.line, err.place.column)
    }

    #[test]
    fn resolves_anchors_and_merge_keys() {
        let root = one("x: &a {p: 1, q: 2}\ny:\n  q: 3\n  <<: *a\nz: {<<: [*a, {r: 4}]}\n");
        let y = root.get("y").expect("y");
        assert_eq!(y.get("q").and_then(Node::as_str), Some("3"));
        assert_eq!(y.get("p").and_then(Node::as_str), Some("1"));
        assert_eq!(root.get("z").and_then(|z| z.get("r")).and_then(Node::as_str), Some("4"));
    }

    #[test]
    fn keeps_places_tags_and_odd_scalars() {
        let root = one("é: 1\nports: !reset\n  - 22:22\n  - \"~\"\n  - ~\n");
        let ports = root.get("ports").expect("ports");
        assert_eq!(ports.tag.as_deref(), Some("!reset"));
        assert_eq!(ports.items()[0].as_str(), Some("22:22"));
        assert_eq!(ports.items()[0].place, Place { line: 3, column: 5 });
        assert_eq!(ports.items()[1].as_str(), Some("~"));
        assert!(ports.items()[2].is_null());
    }

    #[test]
    fn says_where_it_is_wrong() {
        assert_eq!(fails("a: 1\na: 2\n"), "2:1: key `a` is written twice");
        assert_eq!(fails("? [a]\n: 1\n"), "1:3: a key must be text");
        assert_eq!(fails("<<: 3\n"), "1:5: `<<` takes a mapping");
        assert!(fails("a: [1\nb: 2").starts_with("2:"), "{}", fails("a: [1\nb: 2"));
    }

    #[test]
    fn bounds_depth_and_expansion() {
        let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(&deep(MAX_DEPTH)).is_ok());
        assert!(fails(&deep(MAX_DEPTH + 1)).contains("64 levels"));
        assert!(parse(&"[".repeat(100_000)).is_err());
        let mut laughs = vec!["a0: &a0 [x, x, x, x, x, x, x, x, x, x]".to_owned()];
        for level in 1..10 {
            let last = level - 1;
            let items = vec![format!("*a{last}"); 10].join(", ");
            laughs.push(format!("a{level}: &a{level} [{items}]"));
        }
        assert!(fails(&laughs.join("\n")).contains("100 000"));
        assert!(fails("a: &a [*a]\n").contains("alias"), "{}", fails("a: &a [*a]\n"));
    }
}
