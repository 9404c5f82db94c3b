//! `drawbridge sidecar`

use std::path::{Path, PathBuf};

use drawbridge_host::engine::Engine;
use drawbridge_host::sidecar::{self, BuildError, Content, pinned};
use drawbridge_host::variables;
use drawbridge_trust::host_cas;

use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::session::Session;

/// The gate's image
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Build(Build),
    Pull(Pull),
}

/// Make the gate's image from this program, without a registry
///
/// Nothing happens when the engine already has it. The image holds the program and the public
/// certificate authorities of this machine, without those that an administrator added.
///
/// Example: drawbridge sidecar build
#[derive(Debug, clap::Args)]
pub(crate) struct Build {
    /// A static Linux binary of drawbridge; default: this program
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
}

/// Take the gate's image from a registry, by digest, for all your projects
///
/// The name is kept with its digest in your own configuration folder; `drawbridge protect` writes it, and
/// engines that do not have the image get it by themselves. `drawbridge sidecar build` takes the choice back.
///
/// Example: drawbridge sidecar pull registry.example/drawbridge/sidecar:1.0.0
#[derive(Debug, clap::Args)]
pub(crate) struct Pull {
    /// The image; with a digest, nothing else is taken
    #[arg(value_name = "IMAGE")]
    image: String,
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        match self {
            Self::Build(build) => build.run(session),
            Self::Pull(pull) => pull.run(session),
        }
    }
}

impl Pull {
    fn run(&self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let pinned = pinned::choose(&Engine::default(), &self.image, &home()?)?;
        if session.json {
            session.json(&serde_json::json!({"image": pinned}))?;
            return Ok(Outcome::Done);
        }
        writeln!(session.out, "Gates run from {}", escape::foreign(&pinned))?;
        writeln!(session.err, "Next, in each project: drawbridge protect, drawbridge up --rebuild")?;
        Ok(Outcome::Done)
    }
}

fn home() -> Result<PathBuf, CliError> {
    variables::config_home()
        .ok_or_else(|| CliError::refused("no home folder is known", "set HOME or XDG_CONFIG_HOME"))
}

impl Build {
    fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let built = build(&Engine::default(), self.binary.as_deref())?;
        if let Some(home) = variables::config_home()
            && pinned::forget(&home).map_err(pinned::PinError::from)?
        {
            writeln!(session.err, "Gates no longer run from a registry's image; next: drawbridge protect")?;
        }
        if session.json {
            session.json(&serde_json::json!({
                "image": built.image, "made": built.made, "binary": built.binary,
                "content": built.content,
            }))?;
            return Ok(Outcome::Done);
        }
        let how = if built.made { "made from" } else { "is up to date with" };
        let binary = built.binary.display().to_string();
        writeln!(session.out, "{} {how} {}", built.image, escape::foreign(&binary))?;
        Ok(Outcome::Done)
    }
}

/// Makes the image from `binary` or the running program.
pub(crate) fn build(engine: &Engine, binary: Option<&Path>) -> Result<sidecar::Built, CliError> {
    let running = std::env::current_exe()?;
    let roots = host_cas::public_bundle();
    let content = Content { binary, running: &running, roots: &roots };
    Ok(sidecar::build(engine, &content)?)
}

/// Makes sure that the engine has the image, made from this program where that is possible.
///
/// A program that cannot be in an image takes the image that is there, whoever made it. One that was chosen from a
/// registry is pulled.
pub(crate) fn ensure(engine: &Engine, session: &mut Session<'_>) -> Result<(), CliError> {
    if let Some(pinned) = variables::config_home().and_then(|home| pinned::read(&home)) {
        if !sidecar::present(engine)? {
            writeln!(session.err, "Pulling the gate's image {}", escape::foreign(&pinned))?;
            pinned::pull(engine, &pinned)?;
        }
        return Ok(());
    }
    match build(engine, None) {
        Ok(built) if built.made => {
            writeln!(session.err, "Made the gate's image {}", built.image)?;
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(CliError::Build(BuildError::NotStatic { .. } | BuildError::OtherArch { .. }))
            if sidecar::present(engine)? =>
        {
            Ok(())
        }
        Err(error) => Err(error),
    }
}
