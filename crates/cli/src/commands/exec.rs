//! `drawbridge exec` and `drawbridge shell`

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use drawbridge_host::blocked::{Denial, Seen, Watch, merged};
use drawbridge_host::containers;
use drawbridge_host::devcontainer;

use super::blocked::show;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::protected::{ConfigArg, Protected};
use crate::session::Session;

/// Denials kept while a command runs; more say nothing new.
const KEPT: usize = 1_000;
/// How long the last events may take after the command has ended.
const LINGER: Duration = Duration::from_millis(200);

/// Run a command in the dev container
///
/// While it runs, what the gate blocks is watched, and printed afterwards on standard error with
/// the command that would allow it. The exit code is the command's.
///
/// Example: drawbridge exec -- mvn -q verify
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigArg,

    /// Do not watch for what is blocked
    #[arg(long)]
    no_watch: bool,

    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Open a shell in the dev container
#[derive(Debug, clap::Args)]
pub(crate) struct Shell {
    #[command(flatten)]
    config: ConfigArg,
}

impl Args {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        exec(&self.config, &self.command, !self.no_watch, session)
    }
}

impl Shell {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let login = "if command -v bash >/dev/null 2>&1; then exec bash -l; else exec sh -l; fi";
        let command = ["sh", "-c", login].map(str::to_owned);
        exec(&self.config, &command, false, session)
    }
}

fn exec(
    config: &ConfigArg,
    command: &[String],
    watch: bool,
    session: &mut Session<'_>,
) -> Result<Outcome, CliError> {
    let protected = Protected::open(session, config)?;
    let found = protected.containers()?;
    let Some(dev) = found.running_dev() else {
        return Err(CliError::refused("the dev container does not run", "drawbridge up"));
    };
    if !containers::is_gated(&protected.engine, dev, &protected.plan)? {
        let warning = session.paint_err.red("UNPROTECTED:");
        writeln!(session.err, "{warning} this container is not behind the gate; drawbridge up --rebuild")?;
    }
    let watcher = match protected.sidecar(&found) {
        // A gate that cannot be watched is no reason not to run the command.
        Ok(sidecar) if watch => Watch::open(&protected.engine, &sidecar, Some(dev)).ok().map(Watcher::start),
        _ => None,
    };
    let tools = protected.engine.tools();
    let code = devcontainer::exec(tools, protected.workspace.path(), &protected.config(), command)?;
    if let Some(watcher) = watcher {
        let denials = merged(watcher.stop());
        if !denials.is_empty() {
            show::text(&denials, protected.workspace.root(), session.paint_err, session.err)?;
        }
    }
    Ok(Outcome::Code(u8::try_from(code).unwrap_or(1)))
}

/// Collects denials beside the command.
struct Watcher {
    stop: Arc<AtomicBool>,
    thread: thread::JoinHandle<Vec<Denial>>,
}

impl Watcher {
    fn start(mut watch: Watch) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let seen = stop.clone();
        let thread = thread::spawn(move || {
            let mut denials = Vec::new();
            loop {
                match watch.next(LINGER) {
                    Seen::Denied(denial) if denials.len() < KEPT => denials.push(*denial),
                    Seen::Nothing if seen.load(Ordering::Relaxed) => return denials,
                    Seen::Denied(_) | Seen::Changed(_) | Seen::Nothing => {}
                    Seen::Ended => return denials,
                }
            }
        });
        Self { stop, thread }
    }

    fn stop(self) -> Vec<Denial> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}
