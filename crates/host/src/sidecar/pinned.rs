//! The gate's image from a registry, by digest.
//!
//! The choice lies in the user's own configuration folder. A repository that named the gate's image would decide what is let
//! through, so what its Compose file says counts only where this file says the same.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{LABEL_CONTENT, LABEL_VERSION};
use crate::engine::{Engine, EngineError};

/// Hexadecimal digits of a SHA-256 digest.
const DIGEST: usize = 64;
/// No name of an image is longer.
const CAP: usize = 512;

/// Why no image was chosen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PinError {
    /// Not a name that a registry could have.
    #[error("`{0}` is not the name of an image in a registry")]
    Name(String),
    /// It is not the gate's image.
    #[error("`{image}` is {found}, this program is drawbridge {}", env!("CARGO_PKG_VERSION"))]
    Other {
        /// Its name.
        image: String,
        /// What it is.
        found: String,
    },
    /// The engine knows no digest for it.
    #[error("the engine names no digest of `{0}`")]
    NoDigest(String),
    /// The engine or its registry refused.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The choice could not be kept.
    #[error("the choice could not be kept")]
    Keep(#[from] io::Error),
}

fn file(config_home: &Path) -> PathBuf {
    config_home.join("drawbridge/sidecar-image")
}

/// The image that the user chose: `NAME[:TAG]@sha256:DIGEST`.
pub fn read(config_home: &Path) -> Option<String> {
    let text = std::fs::read_to_string(file(config_home)).ok()?;
    let name = text.trim();
    is_pinned(name).then(|| name.to_owned())
}

/// Takes the choice back; whether there was one.
pub fn forget(config_home: &Path) -> io::Result<bool> {
    match std::fs::remove_file(file(config_home)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Pulls the image, looks whether it is the gate's, and keeps its name with the digest.
pub fn choose(engine: &Engine, image: &str, config_home: &Path) -> Result<String, PinError> {
    if !is_name(image) {
        return Err(PinError::Name(image.to_owned()));
    }
    pull(engine, image)?;
    let label = |label: &str| Ok::<_, EngineError>(engine.image_label(image, label)?.unwrap_or_default());
    let version = label(LABEL_VERSION)?;
    if label(LABEL_CONTENT)?.is_empty() {
        return Err(PinError::Other { image: image.to_owned(), found: "no image of drawbridge".to_owned() });
    }
    if version != env!("CARGO_PKG_VERSION") {
        return Err(PinError::Other { image: image.to_owned(), found: format!("drawbridge {version}") });
    }
    let pinned = if is_pinned(image) { image.to_owned() } else { with_digest(engine, image)? };
    let path = file(config_home);
    std::fs::create_dir_all(path.parent().unwrap_or(config_home))?;
    let unfinished = path.with_extension("tmp");
    std::fs::write(&unfinished, format!("{pinned}\n"))?;
    std::fs::rename(&unfinished, &path)?;
    Ok(pinned)
}

/// Pulls an image.
pub fn pull(engine: &Engine, image: &str) -> Result<(), EngineError> {
    let program = engine.docker().args(["pull", "--quiet", image]).deadline(Duration::from_mins(5));
    engine.answer(program, "pull").map(drop)
}

fn with_digest(engine: &Engine, image: &str) -> Result<String, PinError> {
    let format = "{{range .RepoDigests}}{{println .}}{{end}}";
    let program = engine.docker().args(["image", "inspect", "--format", format, image]);
    let digests = engine.answer(program, "image inspect")?.text();
    let repository = repository(image);
    let digest =
        digests.lines().filter_map(|line| line.split_once('@')).find(|(name, _)| *name == repository);
    let pinned = digest.map(|(_, digest)| format!("{image}@{digest}")).filter(|pinned| is_pinned(pinned));
    pinned.ok_or_else(|| PinError::NoDigest(image.to_owned()))
}

/// The name without its tag; a colon before a slash belongs to a port.
fn repository(image: &str) -> &str {
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

/// A name that neither the engine's command nor Compose takes for something else.
fn is_name(image: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:/@".contains(&byte);
    image.len() <= CAP
        && image.contains('/')
        && image.starts_with(|first: char| first.is_ascii_alphanumeric())
        && image.bytes().all(known)
}

fn is_pinned(image: &str) -> bool {
    let digest = image.split_once("@sha256:").map(|(_, digest)| digest);
    is_name(image)
        && digest.is_some_and(|digest| {
            digest.len() == DIGEST && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_digest_counts() {
        let digest = "ab".repeat(32);
        let home = tempfile::tempdir().unwrap();
        let read_back = |text: &str| {
            std::fs::create_dir_all(home.path().join("drawbridge")).unwrap();
            std::fs::write(file(home.path()), text).unwrap();
            read(home.path())
        };
        let good = format!("registry.example:5000/drawbridge/sidecar:1.0@sha256:{digest}");
        assert_eq!(read_back(&format!("{good}\n")), Some(good));
        let short = &digest[1..];
        for bad in [
            "registry.example/sidecar:1.0".to_owned(),
            format!("registry.example/sidecar@sha256:{short}"),
            format!("registry.example/sidecar@sha256:{short}g"),
            format!("--flag/x@sha256:{digest}"),
            format!("registry.example/${{X}}@sha256:{digest}"),
            format!("sidecar@sha256:{digest}"),
        ] {
            assert_eq!(read_back(&bad), None, "{bad}");
        }
        assert!(forget(home.path()).unwrap());
        assert!(!forget(home.path()).unwrap());
    }

    #[test]
    fn a_port_is_no_tag() {
        assert_eq!(repository("localhost:5000/drawbridge/sidecar:1.0"), "localhost:5000/drawbridge/sidecar");
        assert_eq!(repository("localhost:5000/drawbridge/sidecar"), "localhost:5000/drawbridge/sidecar");
    }
}
