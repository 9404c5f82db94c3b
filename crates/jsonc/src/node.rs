//! Values with the bytes they came from.

use std::collections::HashSet;

use drawbridge_text::Span;
use serde_json::{Number, Value};

use crate::Pointer;
use crate::pointer::array_index;

/// One value of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Bytes of the value, without the trivia around it.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// The kinds of value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it is written.
    Number(String),
    /// A string, escapes resolved; a lone surrogate is U+FFFD.
    String(String),
    /// The elements in order.
    Array(Vec<Node>),
    /// The members in order, duplicates included.
    Object(Vec<Member>),
}

/// One member of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The key, escapes resolved.
    pub key: String,
    /// Bytes of the key with its quotes.
    pub key_span: Span,
    /// Bytes from the key's first to the value's last.
    pub span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The value of member `key`; the last one when the key is written twice, as the official
    /// CLI reads it. `None` when there is none or this is no object.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.member(key).map(|member| &member.value)
    }

    /// The member that decides the value of `key`, for its spans.
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().rev().find(|member| member.key == key)
    }

    /// The value that `pointer` names, starting here.
    pub fn at(&self, pointer: &Pointer) -> Option<&Self> {
        pointer.segments().try_fold(self, |node, segment| match &node.kind {
            NodeKind::Object(_) => node.get(segment),
            NodeKind::Array(elements) => elements.get(array_index(segment)?),
            _ => None,
        })
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of `true` and `false`.
    pub const fn as_bool(&self) -> Option<bool> {
        match self.kind {
            NodeKind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// A number as the double that JavaScript makes of it.
    pub fn as_f64(&self) -> Option<f64> {
        match &self.kind {
            NodeKind::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// A number that is written as a whole number and fits.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.kind {
            NodeKind::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The elements of an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        match &self.kind {
            NodeKind::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The members of an object, `None` for any other kind.
    pub fn as_object(&self) -> Option<&[Member]> {
        match &self.kind {
            NodeKind::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The members of an object, none for any other kind.
    pub fn members(&self) -> &[Member] {
        self.as_object().unwrap_or_default()
    }

    /// Whether this is `null`.
    pub const fn is_null(&self) -> bool {
        matches!(self.kind, NodeKind::Null)
    }

    /// What kind of value this is, in a word for messages: `an object`, `a string`, ….
    pub const fn describe(&self) -> &'static str {
        match self.kind {
            NodeKind::Null => "null",
            NodeKind::Bool(_) => "a boolean",
            NodeKind::Number(_) => "a number",
            NodeKind::String(_) => "a string",
            NodeKind::Array(_) => "an array",
            NodeKind::Object(_) => "an object",
        }
    }

    /// Whether an object in here, at any depth, has a key twice.
    pub(crate) fn has_duplicates(&self) -> bool {
        match &self.kind {
            NodeKind::Array(elements) => elements.iter().any(Self::has_duplicates),
            NodeKind::Object(members) => {
                let mut keys = HashSet::with_capacity(members.len());
                members
                    .iter()
                    .any(|member| !keys.insert(member.key.as_str()) || member.value.has_duplicates())
            }
            _ => false,
        }
    }

    /// The value without spans. The last of two equal keys wins, in the place of the first;
    /// whole numbers that fit 64 bits are exact, others are doubles, and one too large for a
    /// double is null, as JavaScript writes it.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            NodeKind::Null => Value::Null,
            NodeKind::Bool(value) => Value::Bool(*value),
            NodeKind::Number(text) => number(text),
            NodeKind::String(text) => Value::String(text.clone()),
            NodeKind::Array(elements) => elements.iter().map(Self::to_json).collect(),
            NodeKind::Object(members) => {
                members.iter().map(|member| (member.key.clone(), member.value.to_json())).collect()
            }
        }
    }
}

fn number(text: &str) -> Value {
    if let Ok(number) = text.parse::<i64>() {
        return Value::from(number);
    }
    if let Ok(number) = text.parse::<u64>() {
        return Value::from(number);
    }
    text.parse().ok().and_then(Number::from_f64).map_or(Value::Null, Value::Number)
}
