//! The sidecar's image, made from the running binary without a registry or a builder.

pub(crate) mod archive;
mod elf;
pub mod pinned;

use std::path::{Path, PathBuf};

use drawbridge_core::overlay::IMAGE;
use sha2::{Digest, Sha256};

use crate::engine::{Engine, EngineError};
use crate::variables;

/// Label of the image: hash of its content, so that a changed binary makes a new image.
pub const LABEL_CONTENT: &str = "dev.drawbridge.content";

/// Label of the image: the version of the program in it.
const LABEL_VERSION: &str = "org.opencontainers.image.version";

/// User and group of the sidecar.
pub const UID: u64 = 65_532;

/// A binary above this is not ours.
const BINARY_CAP: u64 = 256 << 20;

/// What [`build`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The image's name.
    pub image: String,
    /// The binary that is in it.
    pub binary: PathBuf,
    /// Hash of the content.
    pub content: String,
    /// Whether an image was made; `false` when the right one was there.
    pub made: bool,
}

/// Why no image was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The binary needs a dynamic loader, which an empty image does not have.
    #[error("`{}` is not a static Linux binary: {why}", path.display())]
    NotStatic {
        /// The binary.
        path: PathBuf,
        /// What it is.
        why: &'static str,
    },
    /// Built for another processor than the engine's.
    #[error("`{}` is built for {binary}, the engine runs on {engine}", path.display())]
    OtherArch {
        /// The binary.
        path: PathBuf,
        /// Its architecture.
        binary: &'static str,
        /// The engine's.
        engine: String,
    },
    /// The binary could not be read.
    #[error("`{}` could not be read", path.display())]
    Read {
        /// The binary.
        path: PathBuf,
        /// The reason.
        #[source]
        source: std::io::Error,
    },
    /// The archive could not be written, which is a matter of memory only.
    #[error("the image's archive could not be written")]
    Archive(#[source] std::io::Error),
    /// The engine refused.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl BuildError {
    /// A next step for the user.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotStatic { .. } => Some(
                "take the released binary, or build one: RUSTFLAGS=\"-C target-feature=+crt-static\" \
                 cargo build --release -p drawbridge-cli --target x86_64-unknown-linux-gnu \
                 --target-dir target-static; then: drawbridge sidecar build --binary \
                 target-static/x86_64-unknown-linux-gnu/release/drawbridge"
                    .to_owned(),
            ),
            Self::OtherArch { engine, .. } => {
                Some(format!("give the binary for {engine}: drawbridge sidecar build --binary PATH"))
            }
            Self::Engine(error) => error.hint().map(str::to_owned),
            Self::Read { .. } | Self::Archive(_) => None,
        }
    }
}

/// What goes into the image.
#[derive(Debug, Clone)]
pub struct Content<'a> {
    /// The binary that the user named.
    pub binary: Option<&'a Path>,
    /// The running program: taken when `binary` is `None` and no `drawbridge-linux-<arch>` lies
    /// beside it.
    pub running: &'a Path,
    /// Public certificate authorities, PEM.
    pub roots: &'a str,
}

/// Makes the image unless the engine already has one with the same content.
pub fn build(engine: &Engine, from: &Content<'_>) -> Result<Built, BuildError> {
    let versions = engine.check()?;
    let (path, bytes) = static_binary(from.binary, from.running, &versions.arch)?;
    let archive = archive::image(&bytes, from.roots.as_bytes()).map_err(BuildError::Archive)?;
    let content = format!("{:x}", Sha256::digest(&archive));
    let made = engine.image_label(IMAGE, LABEL_CONTENT)?.as_deref() != Some(content.as_str());
    if made {
        engine.import(archive, &changes(&content), IMAGE)?;
    }
    Ok(Built { image: IMAGE.to_owned(), binary: path, content, made })
}

/// The program as it runs in containers of `arch`, and where it is.
pub(crate) fn static_binary(
    binary: Option<&Path>,
    running: &Path,
    arch: &str,
) -> Result<(PathBuf, Vec<u8>), BuildError> {
    let path = choose(binary, running, arch);
    let bytes = read_binary(&path)?;
    let found =
        elf::require_static(&bytes).map_err(|why| BuildError::NotStatic { path: path.clone(), why })?;
    if found != arch {
        return Err(BuildError::OtherArch { path, binary: found, engine: arch.to_owned() });
    }
    Ok((path, bytes))
}

/// The name of the image that gates run from on this machine.
pub fn image() -> String {
    variables::config_home().and_then(|home| pinned::read(&home)).unwrap_or_else(|| IMAGE.to_owned())
}

/// Whether the engine has an image by that name, whatever is in it.
pub fn present(engine: &Engine) -> Result<bool, EngineError> {
    Ok(engine.image_label(&image(), LABEL_CONTENT)?.is_some_and(|label| !label.is_empty()))
}

fn changes(content: &str) -> Vec<String> {
    vec![
        r#"ENTRYPOINT ["/drawbridge"]"#.to_owned(),
        format!("USER {UID}:{UID}"),
        "WORKDIR /".to_owned(),
        format!("LABEL {LABEL_CONTENT}={content}"),
        "LABEL org.opencontainers.image.title=drawbridge".to_owned(),
        format!("LABEL {LABEL_VERSION}={}", env!("CARGO_PKG_VERSION")),
        "LABEL org.opencontainers.image.licenses=Apache-2.0".to_owned(),
    ]
}

fn choose(binary: Option<&Path>, running: &Path, arch: &str) -> PathBuf {
    if let Some(binary) = binary {
        return binary.to_owned();
    }
    let beside = running.with_file_name(format!("drawbridge-linux-{arch}"));
    if beside.is_file() { beside } else { running.to_owned() }
}

fn read_binary(path: &Path) -> Result<Vec<u8>, BuildError> {
    let failed = |source| BuildError::Read { path: path.to_owned(), source };
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > BINARY_CAP {
        return Err(BuildError::NotStatic { path: path.to_owned(), why: "it is far too large" });
    }
    std::fs::read(path).map_err(failed)
}
