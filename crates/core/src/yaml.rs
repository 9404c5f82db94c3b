//! The little YAML that Drawbridge writes: block style, every doubtful string quoted, so that no
//! YAML version reads `no`, `010` or `22:22` as something else.
//!
//! Writing only. Files of other people are read elsewhere.

mod emit;

pub use emit::emit;

/// A value to be written. Maps keep their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Yaml {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A decimal integer.
    Int(i64),
    /// Text, exactly as a reader gets it. See [`literal`] for Compose.
    Str(String),
    /// A list.
    Seq(Vec<Yaml>),
    /// A mapping, in writing order, without duplicate keys.
    Map(Vec<(String, Yaml)>),
    /// A Compose merge tag (`!override`, `!reset`; Compose ≥ 2.24.4) and the value that it is on.
    Tagged(&'static str, Box<Yaml>),
}

impl Yaml {
    /// An empty mapping.
    pub const fn map() -> Self {
        Self::Map(Vec::new())
    }

    /// A list of strings.
    pub fn strings<S: Into<String>>(items: impl IntoIterator<Item = S>) -> Self {
        Self::Seq(items.into_iter().map(|item| Self::Str(item.into())).collect())
    }

    /// `!override value`: replaces what earlier files say instead of adding to it.
    pub fn overriding(value: impl Into<Self>) -> Self {
        Self::Tagged("!override", Box::new(value.into()))
    }

    /// `!reset null`: as if no earlier file had the key.
    pub fn reset() -> Self {
        Self::Tagged("!reset", Box::new(Self::Null))
    }

    /// The value of `key` of a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(members) => members.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            Self::Tagged(_, value) => value.get(key),
            _ => None,
        }
    }

    /// The value at a chain of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list.
    pub fn as_seq(&self) -> Option<&[Self]> {
        match self {
            Self::Seq(items) => Some(items),
            Self::Tagged(_, value) => value.as_seq(),
            _ => None,
        }
    }

    /// The members of a mapping.
    pub fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Map(members) => members,
            Self::Tagged(_, value) => value.members(),
            _ => &[],
        }
    }

    /// Writes `key`; an existing value is replaced in its place. Anything but a mapping becomes one.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<Self>) -> &mut Self {
        let (key, value) = (key.into(), value.into());
        let members = self.members_mut();
        match members.iter_mut().find(|(name, _)| *name == key) {
            Some((_, old)) => *old = value,
            None => members.push((key, value)),
        }
        self
    }

    /// The value at `key` to change, an empty mapping when it was absent.
    pub fn entry(&mut self, key: &str) -> &mut Self {
        let members = self.members_mut();
        let index = members.iter().position(|(name, _)| name == key).unwrap_or_else(|| {
            members.push((key.to_owned(), Self::map()));
            members.len() - 1
        });
        &mut members[index].1
    }

    /// Adds to the list at `key`; an item that is there already is not written twice.
    pub fn push(&mut self, key: &str, item: impl Into<Self>) -> &mut Self {
        let item = item.into();
        let slot = self.entry(key);
        match slot {
            Self::Seq(items) if items.contains(&item) => {}
            Self::Seq(items) => items.push(item),
            other => *other = Self::Seq(vec![item]),
        }
        self
    }

    /// Takes `key` out of a mapping.
    pub fn remove(&mut self, key: &str) -> Option<Self> {
        match self {
            Self::Map(members) => {
                let index = members.iter().position(|(name, _)| name == key)?;
                Some(members.remove(index).1)
            }
            Self::Tagged(_, value) => value.remove(key),
            _ => None,
        }
    }

    /// True for an empty mapping, an empty list and `null`.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Seq(items) => items.is_empty(),
            Self::Map(members) => members.is_empty(),
            Self::Tagged(..) | Self::Bool(_) | Self::Int(_) | Self::Str(_) => false,
        }
    }

    fn members_mut(&mut self) -> &mut Vec<(String, Self)> {
        if !matches!(self, Self::Map(_)) {
            *self = Self::map();
        }
        match self {
            Self::Map(members) => members,
            _ => unreachable!("made a mapping just above"),
        }
    }
}

/// Text that Compose must not interpolate: every `$` doubled.
///
/// Wanted variables (`${HOME-}`) are put between literals by the caller.
pub fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

impl From<&str> for Yaml {
    fn from(text: &str) -> Self {
        Self::Str(text.to_owned())
    }
}

impl From<String> for Yaml {
    fn from(text: String) -> Self {
        Self::Str(text)
    }
}

impl From<bool> for Yaml {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Yaml {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<Vec<Yaml>> for Yaml {
    fn from(items: Vec<Yaml>) -> Self {
        Self::Seq(items)
    }
}

impl From<Vec<(String, Yaml)>> for Yaml {
    fn from(members: Vec<(String, Yaml)>) -> Self {
        Self::Map(members)
    }
}

impl<const N: usize> From<[(&str, Yaml); N]> for Yaml {
    fn from(members: [(&str, Yaml); N]) -> Self {
        let mut map = Self::map();
        for (key, value) in members {
            map.set(key, value);
        }
        map
    }
}
