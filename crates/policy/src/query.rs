//! Constraints on the query, over its decoded parameters.

use std::collections::BTreeMap;

/// Parameter → accepted values.
///
/// In an allow rule every parameter of the request must be listed with an accepted value; a listed
/// parameter may be missing. In a deny rule every listed parameter must occur with a listed value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Query {
    parameters: BTreeMap<Box<str>, Values>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Values {
    Any,
    OneOf(Box<[Box<str>]>),
}

impl Query {
    pub(crate) fn new(parameters: BTreeMap<Box<str>, Values>) -> Self {
        Self { parameters }
    }

    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&str, &Values)> {
        self.parameters.iter().map(|(name, values)| (&**name, values))
    }

    /// `raw` is the query without `?`; `None` has no parameter.
    pub(crate) fn permits(&self, raw: Option<&str>) -> bool {
        pairs(raw).all(|(name, value)| {
            let Some((_, values)) = self.parameters.iter().find(|(listed, _)| decodes_to(name, listed))
            else {
                return false;
            };
            values.accept(value) && is_decodable(name) && is_decodable(value)
        })
    }

    /// The deny side: true as well when a part of the query cannot be decoded.
    pub(crate) fn catches(&self, raw: Option<&str>) -> bool {
        pairs(raw).any(|(name, value)| !is_decodable(name) || !is_decodable(value))
            || self.parameters.iter().all(|(listed, values)| {
                pairs(raw).any(|(name, value)| decodes_to(name, listed) && values.accept(value))
            })
    }
}

impl Values {
    fn accept(&self, raw: &str) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(values) => values.iter().any(|value| decodes_to(raw, value)),
        }
    }
}

/// `;` is no separator; empty pieces are skipped; a piece without `=` has an empty value.
fn pairs(raw: Option<&str>) -> impl Iterator<Item = (&str, &str)> {
    raw.unwrap_or_default()
        .split('&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| piece.split_once('=').unwrap_or((piece, "")))
}

fn decodes_to(raw: &str, plain: &str) -> bool {
    Decoded { rest: raw.as_bytes() }.eq(plain.bytes().map(Some))
}

fn is_decodable(raw: &str) -> bool {
    Decoded { rest: raw.as_bytes() }.all(|byte| byte.is_some())
}

/// The bytes that a query part means: `+` is a space. `None` is an escape that encodes nothing.
struct Decoded<'a> {
    rest: &'a [u8],
}

impl Iterator for Decoded<'_> {
    type Item = Option<u8>;

    fn next(&mut self) -> Option<Self::Item> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        if first != b'%' {
            return Some(Some(if first == b'+' { b' ' } else { first }));
        }
        let digit = |index: usize| rest.get(index).and_then(|byte| char::from(*byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(0), digit(1)) else {
            self.rest = &[];
            return Some(None);
        };
        self.rest = &rest[2..];
        Some(u8::try_from(high * 16 + low).ok())
    }
}
