//! The user's own layer: a named volume, shared by all their projects, that the gate reads.
//!
//! It is filled by a container that runs once, without a network, from the gate's own image.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use drawbridge_trust::certificate::{self, Certificate};
use serde::{Deserialize, Serialize};

use crate::engine::{Engine, EngineError};
use crate::sidecar;

/// The volume's name; the overlay names the same.
pub const VOLUME: &str = "drawbridge-personal";
/// Where it is mounted.
pub const MOUNT: &str = "/etc/drawbridge/personal";
/// A layer above this is not read by the gate either.
const CAP: u64 = 1 << 20;

/// What goes into the volume; sent as JSON on standard input of `drawbridge proxy personal`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// `personal.jsonc` and `organisation.jsonc`; what is not listed is removed.
    pub layers: BTreeMap<String, String>,
    /// Certificates in PEM form; `None` leaves those that are there.
    pub cas: Option<Vec<String>>,
    /// Certificates that the user added by hand, in PEM form; what is not listed is removed.
    #[serde(default)]
    pub added: Vec<String>,
    /// Whose it is: the configuration folder that it was read from. Users of one engine share the volume.
    #[serde(default)]
    pub owner: String,
}

/// Names of the layers.
pub const LAYERS: [&str; 2] = ["personal.jsonc", "organisation.jsonc"];

/// The layers of this machine: `$XDG_CONFIG_HOME/drawbridge/personal.jsonc` and
/// `/etc/drawbridge/organisation.jsonc`.
pub fn layers(config_home: Option<&Path>) -> BTreeMap<String, String> {
    let sources: [(&str, Option<PathBuf>); 2] = [
        (LAYERS[0], config_home.map(|home| home.join("drawbridge").join(LAYERS[0]))),
        (LAYERS[1], Some(Path::new("/etc/drawbridge").join(LAYERS[1]))),
    ];
    let read = |path: &PathBuf| {
        let small = std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() <= CAP);
        if small { std::fs::read_to_string(path).ok() } else { None }
    };
    sources.into_iter().filter_map(|(name, path)| Some((name.to_owned(), read(&path?)?))).collect()
}

/// Where certificates are that the user added by hand: beside the personal layer, outside of every repository.
fn added_folder(config_home: &Path) -> PathBuf {
    config_home.join("drawbridge/cas")
}

/// Keeps a certificate for all projects of this user; the file's path, and whether it is new.
///
/// # Errors
///
/// The folder cannot be made or written.
pub fn add(config_home: &Path, ca: &Certificate) -> io::Result<(PathBuf, bool)> {
    let folder = added_folder(config_home);
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{}.pem", ca.fingerprint_sha256()));
    let pem = ca.to_pem();
    if std::fs::read_to_string(&path).is_ok_and(|now| now == pem) {
        return Ok((path, false));
    }
    let unfinished = path.with_extension("tmp");
    std::fs::write(&unfinished, pem)?;
    std::fs::rename(&unfinished, &path)?;
    Ok((path, true))
}

/// The certificates that the user added, in PEM form; files that hold none are passed over.
pub fn added(config_home: Option<&Path>) -> Vec<String> {
    let Some(Ok(entries)) = config_home.map(|home| std::fs::read_dir(added_folder(home))) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "pem"));
    paths.sort();
    let small =
        |path: &PathBuf| std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() <= CAP);
    let certificates = paths.iter().filter(|path| small(path)).filter_map(|path| std::fs::read(path).ok());
    certificates.flat_map(|bytes| certificate::parse_all(&bytes)).map(|ca| ca.to_pem()).collect()
}

/// Fills the volume, and says whose content it replaced when that was not this owner's. Nothing happens when there is nothing
/// to say and no volume.
pub fn push(engine: &Engine, content: &Content) -> Result<Option<String>, EngineError> {
    let empty = content.layers.is_empty()
        && content.added.is_empty()
        && content.cas.as_ref().is_none_or(Vec::is_empty);
    if empty && !exists(engine)? {
        return Ok(None);
    }
    let json = serde_json::to_vec(content)
        .map_err(|error| EngineError::Garbled { command: "run".to_owned(), detail: error.to_string() })?;
    let mount = format!("type=volume,source={VOLUME},target={MOUNT}");
    let program = engine
        .docker()
        .args(["run", "--rm", "--interactive", "--network", "none", "--read-only"])
        .args(["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--pull", "never"])
        .args(["--log-driver", "none", "--mount", &mount, &sidecar::image(), "proxy", "personal"])
        .stdin(json)
        .deadline(Duration::from_mins(1));
    let before = engine.answer(program, "run")?.text();
    Ok((!before.is_empty()).then_some(before))
}

fn exists(engine: &Engine) -> Result<bool, EngineError> {
    let filter = format!("name=^{VOLUME}$");
    let program = engine.docker().args(["volume", "ls", "--quiet", "--filter", &filter]);
    Ok(!engine.answer(program, "volume ls")?.text().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_layers_that_are_there() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("drawbridge");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("personal.jsonc"), "{}").unwrap();
        std::fs::write(folder.join("other"), "x").unwrap();
        let found = layers(Some(dir.path()));
        assert_eq!(found.get("personal.jsonc").map(String::as_str), Some("{}"));
        assert!(!found.contains_key("other"));
    }

    #[test]
    fn content_without_cas_leaves_them() {
        let json = serde_json::to_string(&Content::default()).unwrap();
        assert_eq!(json, r#"{"layers":{},"cas":null,"added":[],"owner":""}"#);
        assert!(serde_json::from_str::<Content>(r#"{"layers":{},"path":"/x"}"#).is_err());
    }

    #[test]
    fn an_added_certificate_is_kept_once_and_found() {
        let dir = tempfile::tempdir().unwrap();
        let pem = include_str!("../../trust/tests/fixtures/acme-root.pem");
        let ca = certificate::parse_all(pem.as_bytes()).remove(0);
        assert!(added(Some(dir.path())).is_empty());
        let (path, new) = add(dir.path(), &ca).unwrap();
        assert!(new && path.starts_with(dir.path().join("drawbridge/cas")));
        assert!(!add(dir.path(), &ca).unwrap().1);
        std::fs::write(path.with_file_name("odd.pem"), "nothing").unwrap();
        assert_eq!(added(Some(dir.path())), [ca.to_pem()]);
    }
}
