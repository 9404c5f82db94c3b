//! `--mount` syntax: an entry of `mounts`, `workspaceMount`, `runArgs --mount`.

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountKind {
    /// A path of the host.
    Bind,
    /// A volume, named or anonymous. What the engine assumes when no type is written.
    Volume,
    /// Memory.
    Tmpfs,
    /// Anything else (`npipe`, `cluster`, `image`).
    Other(String),
}

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What is mounted.
    pub kind: MountKind,
    /// `type=` is written.
    pub typed: bool,
    /// Host path or volume name.
    pub source: Option<String>,
    /// Path in the container.
    pub target: String,
    /// Nothing may be written through it.
    pub read_only: bool,
    /// The other options in order, keys in lower case; `None` for a bare word.
    pub options: Vec<(String, Option<String>)>,
    /// The string that was read; `None` for an object, of which the CLI uses only type, source and
    /// target.
    pub string: Option<String>,
}

impl Mount {
    /// Reads a `--mount` value, which the engine reads as one line of CSV.
    pub fn parse(string: &str) -> Self {
        let mut mount = Self {
            kind: MountKind::Volume,
            typed: false,
            source: None,
            target: String::new(),
            read_only: false,
            options: Vec::new(),
            string: Some(string.to_owned()),
        };
        for field in csv_fields(string) {
            let (key, value) = match field.split_once('=') {
                Some((key, value)) => (key.to_ascii_lowercase(), Some(value.to_owned())),
                None => (field.to_ascii_lowercase(), None),
            };
            mount.set(key, value);
        }
        mount
    }

    /// A mount that is written as an object.
    pub fn object(kind: Option<&str>, source: Option<String>, target: String) -> Self {
        let mut mount = Self::parse("");
        mount.options.clear();
        mount.string = None;
        mount.source = source;
        mount.target = target;
        if let Some(kind) = kind {
            mount.set("type".to_owned(), Some(kind.to_owned()));
        }
        mount
    }

    /// Whether the CLI's short form for Compose (`source:target`) says all of it.
    ///
    /// `consistency` is left out of the question: no current engine reads it.
    pub fn is_plain(&self) -> bool {
        matches!(self.kind, MountKind::Bind | MountKind::Volume)
            && !self.read_only
            && self.options.iter().all(|(key, _)| key == "consistency" || key == "external")
    }

    /// The value of an option.
    pub fn option(&self, key: &str) -> Option<&str> {
        self.options.iter().rev().find(|(name, _)| name == key).and_then(|(_, value)| value.as_deref())
    }

    fn set(&mut self, key: String, value: Option<String>) {
        match (key.as_str(), value) {
            ("type", Some(value)) => {
                self.typed = true;
                self.kind = match value.to_ascii_lowercase().as_str() {
                    "bind" => MountKind::Bind,
                    "volume" => MountKind::Volume,
                    "tmpfs" => MountKind::Tmpfs,
                    _ => MountKind::Other(value),
                };
            }
            ("source" | "src", value) => self.source = value.filter(|value| !value.is_empty()),
            ("target" | "dst" | "destination", Some(value)) => self.target = value,
            ("readonly" | "ro", value) => {
                self.read_only = value.is_none_or(|value| truth(&value).unwrap_or(true));
            }
            ("", None) => {}
            (_, value) => self.options.push((key, value)),
        }
    }
}

/// What the engine's tools take for a boolean; `None` for anything else.
pub(crate) fn truth(value: &str) -> Option<bool> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// One record of CSV: fields may stand in quotes, in which `""` is a quote.
pub(crate) fn csv_fields(record: &str) -> Vec<String> {
    let mut fields = Vec::new();
    let mut rest = record;
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted),
            None => rest
                .split_once(',')
                .map_or((rest.to_owned(), None), |(field, after)| (field.to_owned(), Some(after))),
        };
        fields.push(field);
        match after {
            Some(after) => rest = after,
            None => return fields,
        }
    }
}

/// The field after an opening quote, and what follows its comma.
fn quoted_field(text: &str) -> (String, Option<&str>) {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let Some((part, after)) = rest.split_once('"') else {
            field.push_str(rest);
            return (field, None);
        };
        field.push_str(part);
        match after.strip_prefix('"') {
            Some(after) => {
                field.push('"');
                rest = after;
            }
            None => {
                return match after.split_once(',') {
                    Some((tail, after)) => (field + tail, Some(after)),
                    None => (field + after, None),
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_read_as_the_engine_reads_it() {
        let mount = Mount::parse("Type=bind,src=/a=b,dst=/x,readonly,bind-propagation=rslave");
        assert_eq!(mount.kind, MountKind::Bind);
        assert_eq!(mount.source.as_deref(), Some("/a=b"));
        assert_eq!(mount.target, "/x");
        assert!(mount.read_only && !mount.is_plain());
        assert_eq!(mount.option("bind-propagation"), Some("rslave"));
    }

    #[test]
    fn without_a_type_it_is_a_volume() {
        let mount = Mount::parse("source=cache,target=/x,consistency=cached");
        assert_eq!(mount.kind, MountKind::Volume);
        assert!(!mount.typed && mount.is_plain());
    }

    #[test]
    fn quotes_are_csv() {
        let mount = Mount::parse(r#"type=volume,dst=/x,"volume-opt=o=addr=db,rw","src=a""b""#);
        assert_eq!(mount.option("volume-opt"), Some("o=addr=db,rw"));
        assert_eq!(mount.source.as_deref(), Some("a\"b"));
        assert_eq!(csv_fields("a,,\"b"), ["a", "", "b"]);
    }

    #[test]
    fn read_only_can_be_switched_off() {
        assert!(!Mount::parse("type=bind,src=/a,dst=/b,readonly=false").read_only);
        assert!(Mount::parse("type=bind,src=/a,dst=/b,ro=1").read_only);
    }
}
