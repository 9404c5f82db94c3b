//! Mounts in Compose's syntax.

use crate::devcontainer::variable::{Piece, Variable, is_static, pieces};
use crate::devcontainer::{Mount, MountKind};
use crate::project::RelPath;
use crate::yaml::Yaml;

use super::paths;
use super::state::State;
use super::value::Untranslatable;

/// A `volumes` entry.
pub(super) struct Entry {
    pub(super) yaml: Yaml,
    pub(super) fixed_basename: bool,
}

/// Why a mount has no Compose form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unmountable {
    #[error(transparent)]
    Value(#[from] Untranslatable),
    #[error("`{0}` has no Compose equivalent")]
    Option(String),
    #[error("`{0}` is not a value that docker accepts")]
    Bad(String),
    #[error("mounts of type `{0}` have no Compose equivalent")]
    Kind(String),
    #[error("a bind needs a source")]
    NoSource,
    #[error("a mount needs a target")]
    NoTarget,
}

/// The long syntax, which says everything that `--mount` says and, like it, fails when the source
/// of a bind is missing instead of creating it.
pub(super) fn long(state: &mut State<'_>, mount: &Mount) -> Result<Entry, Unmountable> {
    if mount.target.is_empty() {
        return Err(Unmountable::NoTarget);
    }
    let target = state.scope.text(&mount.target)?;
    let mut entry = Entry { yaml: Yaml::map(), fixed_basename: target.fixed_basename };
    match &mount.kind {
        MountKind::Bind => bind(state, mount, &mut entry)?,
        MountKind::Volume => volume(state, mount, &mut entry)?,
        MountKind::Tmpfs => {
            entry.yaml.set("type", "tmpfs");
        }
        MountKind::Other(kind) => return Err(Unmountable::Kind(kind.clone())),
    }
    entry.yaml.set("target", target.text);
    if mount.read_only {
        entry.yaml.set("read_only", true);
    }
    for (key, value) in &mount.options {
        option(state, mount, key, value.as_deref(), &mut entry.yaml)?;
    }
    Ok(entry)
}

fn bind(state: &State<'_>, mount: &Mount, entry: &mut Entry) -> Result<(), Unmountable> {
    let source = mount.source.as_deref().ok_or(Unmountable::NoSource)?;
    let source = state.scope.path(source, &RelPath::root())?;
    entry.fixed_basename |= source.fixed_basename;
    entry.yaml.set("type", "bind").set("source", source.text);
    Ok(())
}

fn volume(state: &mut State<'_>, mount: &Mount, entry: &mut Entry) -> Result<(), Unmountable> {
    entry.yaml.set("type", "volume");
    if let Some(source) = &mount.source {
        let (key, fixed) = declare(state, source)?;
        entry.fixed_basename |= fixed;
        entry.yaml.set("source", key);
    }
    Ok(())
}

fn option(
    state: &mut State<'_>,
    mount: &Mount,
    key: &str,
    value: Option<&str>,
    yaml: &mut Yaml,
) -> Result<(), Unmountable> {
    let on = value.is_none_or(|value| !matches!(value, "0" | "false"));
    let text = value.unwrap_or_default();
    match (key, &mount.kind) {
        // No current engine reads it, and an object's `external` only tells where a volume is from.
        ("consistency" | "external", _) => {}
        ("bind-propagation", MountKind::Bind) => {
            yaml.entry("bind").set("propagation", text);
        }
        // Compose 2.26 reads `bind.recursive` and mounts what is below all the same.
        ("bind-nonrecursive", MountKind::Bind) if !on => {}
        ("bind-recursive", MountKind::Bind) if text == "enabled" => {}
        ("bind-create-src", MountKind::Bind) => {
            yaml.entry("bind").set("create_host_path", on);
        }
        ("volume-nocopy", MountKind::Volume) => {
            yaml.entry("volume").set("nocopy", on);
        }
        ("volume-subpath", MountKind::Volume) => {
            let subpath = state.scope.text(text)?.text;
            yaml.entry("volume").set("subpath", subpath);
        }
        ("volume-driver" | "volume-opt" | "volume-label", MountKind::Volume) => {
            let declared = mount.source.as_deref().map(|source| declare(state, source)).transpose()?;
            let Some((volume, _)) = declared else {
                return Err(Unmountable::Option(key.to_owned()));
            };
            let value = state.scope.text(text)?.text;
            let volume = state.top_level.volumes.entry(&volume);
            let (name, rest) = value.split_once('=').unwrap_or((&value, ""));
            match key {
                "volume-driver" => volume.set("driver", value),
                "volume-opt" => volume.entry("driver_opts").set(name, rest),
                _ => volume.entry("labels").set(name, rest),
            };
        }
        ("tmpfs-size", MountKind::Tmpfs) => {
            let size = bytes(text).ok_or_else(|| Unmountable::Bad(format!("tmpfs-size={text}")))?;
            yaml.entry("tmpfs").set("size", size);
        }
        ("tmpfs-mode", MountKind::Tmpfs) => {
            let mode =
                i64::from_str_radix(text, 8).map_err(|_| Unmountable::Bad(format!("tmpfs-mode={text}")))?;
            yaml.entry("tmpfs").set("mode", mode);
        }
        _ => return Err(Unmountable::Option(key.to_owned())),
    }
    Ok(())
}

/// Declares a volume so that it is the engine's volume of that name, as with `docker run`, and not
/// one of the project. Without `external`, which fails when the volume does not exist yet; for one
/// that exists Compose prints a warning and takes it.
///
/// Gives back the key in the Compose file and whether the folder's name was written in.
pub(super) fn declare(state: &mut State<'_>, name: &str) -> Result<(String, bool), Untranslatable> {
    let value = state.scope.text(name)?;
    let key = free_key(&state.top_level.volumes, &key_of(name), &value.text);
    if state.top_level.volumes.at(&[&key, "name"]).is_none() {
        state.top_level.volumes.entry(&key).set("name", value.text);
    }
    Ok((key, value.fixed_basename))
}

/// Whether the name is one that Compose takes as a key and the engine as a name.
pub(super) fn is_volume_name(name: &str) -> bool {
    is_static(name)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

/// A key that says what the name says, with the variables' names in the place of their values.
fn key_of(name: &str) -> String {
    let mut key = String::new();
    for piece in pieces(name) {
        match piece {
            Piece::Literal(text) => key.push_str(text),
            Piece::Variable(Variable::LocalEnv { name, .. }) => key.push_str(name),
            Piece::Variable(_) => key.push_str("workspace"),
        }
    }
    let key: String =
        key.chars().map(|c| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '-' }).collect();
    let key = key.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    if key.is_empty() { "volume".to_owned() } else { key.to_owned() }
}

fn free_key(volumes: &Yaml, wanted: &str, name: &str) -> String {
    let taken =
        |key: &str| volumes.at(&[key, "name"]).and_then(Yaml::as_str).is_some_and(|other| other != name);
    let mut key = wanted.to_owned();
    let mut number = 2;
    while taken(&key) {
        key = format!("{wanted}-{number}");
        number += 1;
    }
    key
}

/// `64m` and the like in bytes, as docker counts.
pub(super) fn bytes(size: &str) -> Option<i64> {
    let lower = size.trim().to_ascii_lowercase();
    let number = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match lower[number.len()..].trim_end_matches("ib").trim_end_matches('b') {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        "t" => 40,
        _ => return None,
    };
    number.trim().parse::<i64>().ok()?.checked_mul(1 << shift)
}

/// A `-v` value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Short<'a> {
    pub(super) source: Option<&'a str>,
    pub(super) target: &'a str,
    pub(super) modes: Vec<&'a str>,
}

/// Splits a `-v` value at the colons that are not in a variable or behind a drive letter.
pub(super) fn short(value: &str) -> Option<Short<'_>> {
    let mut parts = split(value);
    if parts.len() > 1 && paths::has_drive(value) {
        let end = parts[0].len() + 1 + parts[1].len();
        parts.splice(..2, [&value[..end]]);
    }
    let modes = |text: &'_ str| text.split(',').filter(|mode| !mode.is_empty()).count();
    match parts.as_slice() {
        [target] if !target.is_empty() => Some(Short { source: None, target, modes: Vec::new() }),
        [source, target] => Some(Short { source: Some(source), target, modes: Vec::new() }),
        [source, target, mode] if modes(mode) > 0 => {
            Some(Short { source: Some(source), target, modes: mode.split(',').collect() })
        }
        _ => None,
    }
}

fn split(value: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut from = 0;
    while let Some(at) = value[from..].find([':', '$']).map(|at| from + at) {
        from = at + 1;
        if value[at..].starts_with("${") {
            from = value[at..].find('}').map_or(value.len(), |end| at + end + 1);
        } else if value.as_bytes()[at] == b':' {
            parts.push(&value[start..at]);
            start = at + 1;
        }
    }
    parts.push(&value[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_dockers() {
        assert_eq!(bytes("64m"), Some(64 << 20));
        assert_eq!(bytes("1GiB"), Some(1 << 30));
        assert_eq!(bytes("100"), Some(100));
        assert_eq!(bytes("x"), None);
        assert_eq!(bytes("9999999999999t"), None);
    }

    #[test]
    fn short_syntax() {
        let parts = |value| short(value).map(|short| (short.source, short.target, short.modes));
        assert_eq!(parts("/a:/b:ro,z"), Some((Some("/a"), "/b", vec!["ro", "z"])));
        assert_eq!(
            parts("${env:HOME}/.X:/root/.X:rw"),
            Some((Some("${env:HOME}/.X"), "/root/.X", vec!["rw"]))
        );
        assert_eq!(parts(r"C:\a:/b"), Some((Some(r"C:\a"), "/b", vec![])));
        assert_eq!(parts("cache:/b"), Some((Some("cache"), "/b", vec![])));
        assert_eq!(parts("/anon"), Some((None, "/anon", vec![])));
        assert_eq!(parts("a:b:c:d"), None);
        assert_eq!(parts(""), None);
        assert_eq!(parts("${env:A"), Some((None, "${env:A", vec![])));
    }

    #[test]
    fn keys_are_readable() {
        assert_eq!(key_of("cache"), "cache");
        assert_eq!(key_of("${localEnv:USER}-x y"), "USER-x-y");
        assert_eq!(key_of("${devcontainerId}"), "workspace");
        assert_eq!(key_of("é"), "volume");
    }
}
