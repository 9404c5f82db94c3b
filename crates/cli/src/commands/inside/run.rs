//! `drawbridge run`: one command out of reach of the IDE's bridge.

mod prove;
mod show;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use drawbridge_confine::{
    ConfineError, Facts, Options, Profile, Report, Walls, profile, start, temporary_folder,
};

use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::render;
use crate::session::Session;

/// Run a command out of reach of the editor's bridge, in the container
///
/// No UNIX sockets, no other processes, no credentials, no editor's folders; the workspace and the
/// command's own state stay writable. The walls hold for every process that it starts and cannot be
/// taken down again. Without a way to raise one of them nothing is run.
///
/// Examples:
///   drawbridge run -- claude
///   drawbridge run --show -- mvn -q verify
///   drawbridge run --prove
///   drawbridge run --read /opt/data --port 443 -- ./agent
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// What is kept for the command; default: by its name
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,

    /// Print the walls; with no command nothing is run
    #[arg(long)]
    show: bool,

    /// Try the walls from inside and print PASS, FAIL or SKIP; a command starts only when none fails
    #[arg(long)]
    prove: bool,

    /// One more folder to read and write
    #[arg(long, value_name = "FOLDER")]
    write: Vec<PathBuf>,

    /// One more folder to read
    #[arg(long, value_name = "FOLDER")]
    read: Vec<PathBuf>,

    /// Only these TCP ports; `gate` is the gate's and those of the profile. Without it the gate decides
    #[arg(long = "port", value_name = "PORT|gate")]
    ports: Vec<Port>,

    /// One UNIX socket that the command may connect to, by exactly this path
    #[arg(long = "allow-unix", value_name = "PATH")]
    sockets: Vec<PathBuf>,

    /// Start with the walls that this kernel can raise, and say which are missing
    #[arg(long)]
    best_effort: bool,

    /// The command and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// One TCP port, or all that the gate has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Port {
    Number(u16),
    Gate,
}

impl Port {
    fn number(self) -> Option<u16> {
        match self {
            Self::Number(port) => Some(port),
            Self::Gate => None,
        }
    }
}

impl std::str::FromStr for Port {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            _ if text == "gate" => Ok(Self::Gate),
            Ok(port @ 1..) => Ok(Self::Number(port)),
            _ => Err("neither a port nor `gate`"),
        }
    }
}

impl Args {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        if self.command.is_empty() && !self.show && !self.prove {
            return Err(CliError::refused("no command", "drawbridge run -- COMMAND"));
        }
        let (facts, profile, options) = self.plan()?;
        let walls = match Walls::plan(&facts, &profile, &options) {
            Ok(walls) => walls,
            Err(error) => return Ok(refused(error, session)),
        };
        if self.show {
            show::show(&walls, session)?;
            if self.command.is_empty() && !self.prove {
                return Ok(Outcome::Done);
            }
        }
        if self.command.is_empty() {
            return prove::prove(&facts, &walls, self.best_effort, session);
        }
        if self.prove {
            prove::first(session)?;
        }
        for (socket, gives) in walls.sockets.iter().filter(|(_, gives)| !gives.is_empty()) {
            let socket = escape::foreign(&socket.display().to_string()).into_owned();
            writeln!(session.err, "warning: the command can reach {socket}: {gives}")?;
        }
        if !walls.unprotected.is_empty() {
            let paths: Vec<String> = walls
                .unprotected
                .iter()
                .map(|path| format!("`{}`", escape::foreign(&path.display().to_string())))
                .collect();
            let paths = paths.join(", ");
            writeln!(
                session.err,
                "warning: the command can change {paths}; `drawbridge protect` binds them read-only"
            )?;
        }
        session.out.flush()?;
        let told = |report: &Report| warn(report, session);
        let code = match start(&self.command, &walls, self.best_effort, told) {
            Ok(code) => code,
            Err(error) => return Ok(refused(error, session)),
        };
        Ok(Outcome::Code(code))
    }

    fn plan(&self) -> Result<(Facts, Profile, Options), CliError> {
        let command =
            self.command.first().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let profile = profile::choose(self.profile.as_deref(), &command).ok_or_else(|| {
            let known: Vec<String> = profile::agents().into_iter().map(|profile| profile.id).collect();
            CliError::refused("no such profile", format!("profiles: {}", known.join(", ")))
        })?;
        let home = std::env::home_dir().filter(|home| home.is_absolute()).ok_or_else(|| {
            CliError::refused("no home folder is known", "set HOME to the user's home folder")
        })?;
        let facts = Facts {
            home,
            workspace: workspace()?,
            // A name that is not UTF-8 cannot be one that the bridge uses; the command inherits it as it is.
            environment: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect::<BTreeMap<_, _>>(),
            temporary: temporary_folder(&std::env::temp_dir())?,
        };
        let options = Options {
            read_write: absolute(&self.write)?,
            read_only: absolute(&self.read)?,
            ports: (!self.ports.is_empty())
                .then(|| self.ports.iter().copied().filter_map(Port::number).collect()),
            gate_ports: self.ports.contains(&Port::Gate),
            sockets: absolute(&self.sockets)?,
        };
        Ok((facts, profile, options))
    }
}

/// Says why, and gives the code in the manner of shells.
fn refused(error: ConfineError, session: &mut Session<'_>) -> Outcome {
    let code = error.exit_code();
    render::report(&error.into(), session);
    Outcome::Code(code)
}

fn warn(report: &Report, session: &mut Session<'_>) {
    for missing in &report.missing {
        // Nobody is left to hear about a failure to warn.
        drop(writeln!(session.err, "warning: wall missing: {missing}"));
    }
}

/// The repository round the current folder, or that folder.
fn workspace() -> Result<PathBuf, CliError> {
    let here = std::env::current_dir()?;
    Ok(here.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&here).to_path_buf())
}

fn absolute(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    Ok(paths.iter().map(std::path::absolute).collect::<Result<_, _>>()?)
}

impl From<ConfineError> for CliError {
    fn from(error: ConfineError) -> Self {
        let source =
            std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
        Self::Refused {
            message: format!("{error}{source}"),
            places: Vec::new(),
            hint: error.hint().map(str::to_owned),
        }
    }
}
