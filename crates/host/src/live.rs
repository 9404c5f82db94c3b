//! Looks inside a running container with a program that is copied in, run, and removed again.
//!
//! Works for containers that know nothing of us. A program that lies in the container already is not
//! believed: whoever is root there may have changed it. In a container with a read-only root file
//! system nothing can be copied; there the program on the gate's read-only volume looks, if it is there.
//! What comes back was written among hostile processes: it is bounded and read as data.

use std::path::Path;
use std::time::Duration;

use drawbridge_bridge::facts::{Facts, VERSION};

use crate::engine::{Container, Engine, EngineError};
use crate::prove;
use crate::sidecar::{self, BuildError, archive};

/// How the name of a copied program begins.
pub const COPY: &str = ".drawbridge-probe-";
/// The search ends by itself before that.
const LONGEST: Duration = Duration::from_secs(30);
/// Copying some MiB through the engine.
const LONGEST_COPY: Duration = Duration::from_mins(1);
/// An answer above this is none.
const MAX_ANSWER: usize = 16 << 20;

/// What to look at.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// The running program; one for Linux may lie beside it.
    pub running: &'a Path,
    /// The opened folder in the container.
    pub workspace: Option<&'a str>,
    /// Ask ssh agents for their identities.
    pub active: bool,
    /// Take digests of the extensions.
    pub digests: bool,
}

/// What was seen, as each user apart: root in the container reaches more than the agent does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// As the user that the editor and the agent run as.
    pub user: Facts,
    /// As root; `None` when the user is root, or when root could not look.
    pub root: Option<Facts>,
}

/// Why nothing was seen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// There is no program for this container.
    #[error(transparent)]
    Program(#[from] BuildError),
    /// It could not be copied in.
    #[error("the program that looks cannot be copied into `{container}`: {detail}")]
    Copy {
        /// The container's name.
        container: String,
        /// The engine's words.
        detail: String,
    },
    /// It gave no answer that can be read.
    #[error("the program that looks gave no answer in `{container}`: {detail}")]
    Answer {
        /// The container's name.
        container: String,
        /// What came instead.
        detail: String,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Looks as the container's user and once more as root.
pub fn look(engine: &Engine, container: &Container, look: Look<'_>) -> Result<Seen, LiveError> {
    let program = match copy(engine, container, look.running) {
        Ok(path) => Program { path, copied: true },
        Err(LiveError::Copy { .. }) if has_share(container) => {
            Program { path: prove::BINARY.to_owned(), copied: false }
        }
        Err(error) => return Err(error),
    };
    let user = prove::remote_user(container);
    let seen = run(engine, container, &program, user.as_deref(), look);
    let root = match &seen {
        Ok(facts) if facts.uid != 0 => run(engine, container, &program, Some("0"), look).ok(),
        _ => None,
    };
    if program.copied {
        remove(engine, container, &program)?;
    }
    Ok(Seen { user: seen?, root })
}

struct Program {
    path: String,
    copied: bool,
}

/// Whether the gate's read-only volume is there, on which only the sidecar writes.
fn has_share(container: &Container) -> bool {
    let share = Path::new(prove::BINARY);
    container.mounts.iter().any(|mount| !mount.writable && share.starts_with(&mount.target))
}

fn copy(engine: &Engine, container: &Container, running: &Path) -> Result<String, LiveError> {
    let arch = engine.versions()?.arch;
    let (_, bytes) = sidecar::static_binary(None, running, &arch)?;
    let name = format!("{COPY}{}", std::process::id());
    let archive = archive::program(&name, &bytes).map_err(BuildError::Archive)?;
    let to = format!("{}:/", container.id);
    let program = engine.docker().args(["cp", "-", &to]).stdin(archive).deadline(LONGEST_COPY);
    match engine.answer(program, "cp") {
        Ok(_) => Ok(format!("/{name}")),
        Err(EngineError::Refused { detail, .. }) => {
            Err(LiveError::Copy { container: container.name.clone(), detail })
        }
        Err(error) => Err(error.into()),
    }
}

fn run(
    engine: &Engine,
    container: &Container,
    program: &Program,
    user: Option<&str>,
    look: Look<'_>,
) -> Result<Facts, LiveError> {
    let mut argv = vec![program.path.as_str(), "--json", "probe", "facts"];
    if let Some(workspace) = look.workspace {
        argv.extend(["--workspace", workspace]);
    }
    if look.active {
        argv.push("--active");
    }
    if look.digests {
        argv.push("--digests");
    }
    let output = engine.exec(&container.id, user, &argv, b"", LONGEST)?;
    let none = |detail: String| LiveError::Answer { container: container.name.clone(), detail };
    if !output.ok() || output.stdout.len() > MAX_ANSWER {
        return Err(none(output.complaint()));
    }
    let facts: Facts = serde_json::from_slice(&output.stdout).map_err(|error| none(error.to_string()))?;
    if facts.version != VERSION {
        return Err(none(format!("its facts have version {}, and {VERSION} is understood", facts.version)));
    }
    Ok(facts)
}

/// The program removes itself: the container need not have another one that can.
fn remove(engine: &Engine, container: &Container, program: &Program) -> Result<(), LiveError> {
    let argv = [program.path.as_str(), "probe", "remove-itself"];
    let output = engine.exec(&container.id, Some("0"), &argv, b"", LONGEST)?;
    if output.ok() {
        return Ok(());
    }
    let detail = format!("{} was left behind: {}", program.path, output.complaint());
    Err(LiveError::Answer { container: container.name.clone(), detail })
}
