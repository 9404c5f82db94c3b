//! One Compose service that Drawbridge writes itself, and the top-level entries it needs.

use crate::yaml::Yaml;

/// A service under `services.<name>`, its keys in writing order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Key under `services`.
    pub name: String,
    /// The service's keys; always a [`Yaml::Map`].
    pub body: Yaml,
}

impl Service {
    /// A service without keys.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), body: Yaml::map() }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Yaml> {
        self.body.get(key)
    }

    /// Writes a key, in its old place when it was there.
    pub fn set(&mut self, key: &str, value: impl Into<Yaml>) -> &mut Self {
        self.body.set(key, value);
        self
    }

    /// Adds to the list at `key`; an equal item is written once.
    pub fn push(&mut self, key: &str, item: impl Into<Yaml>) -> &mut Self {
        self.body.push(key, item);
        self
    }

    /// Writes `name` in the mapping at `key` (`environment`, `labels`, `sysctls`, …).
    pub fn put(&mut self, key: &str, name: &str, value: impl Into<Yaml>) -> &mut Self {
        self.body.entry(key).set(name, value);
        self
    }

    /// Whether the mapping at `key` has `name`: a value that the user set is not overwritten.
    pub fn has(&self, key: &str, name: &str) -> bool {
        self.body.at(&[key, name]).is_some()
    }
}

/// Entries of a Compose file beside `services`. Each field is a mapping, empty when not needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopLevel {
    /// `volumes`
    pub volumes: Yaml,
    /// `networks`
    pub networks: Yaml,
    /// `secrets`
    pub secrets: Yaml,
}

impl Default for TopLevel {
    fn default() -> Self {
        Self { volumes: Yaml::map(), networks: Yaml::map(), secrets: Yaml::map() }
    }
}

impl TopLevel {
    /// Adds the entries of `other`; an equal name keeps its place and takes the new value.
    pub fn extend(&mut self, other: Self) {
        for (into, from) in [
            (&mut self.volumes, other.volumes),
            (&mut self.networks, other.networks),
            (&mut self.secrets, other.secrets),
        ] {
            if let Yaml::Map(members) = from {
                for (name, value) in members {
                    into.set(name, value);
                }
            }
        }
    }

    /// Writes the non-empty ones into the root mapping of a Compose file.
    pub fn write_to(&self, root: &mut Yaml) {
        for (key, value) in
            [("volumes", &self.volumes), ("networks", &self.networks), ("secrets", &self.secrets)]
        {
            if !value.is_empty() {
                root.set(key, value.clone());
            }
        }
    }
}
