//! One file per command.

mod completions;
mod connect;
mod history;
mod probe;
mod protect;
mod proxy;
mod sidecar;
mod undo;

use clap::Subcommand;

use crate::error::CliError;
use crate::exit::Outcome;
use crate::session::Session;

/// Every command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Protect(protect::Args),
    Undo(undo::Args),
    History(history::Args),
    #[command(subcommand)]
    Sidecar(sidecar::Command),
    Completions(completions::Args),
    #[command(subcommand, hide = true)]
    Proxy(proxy::Command),
    #[command(subcommand, hide = true)]
    Probe(probe::Command),
    #[command(hide = true)]
    Connect(connect::Args),
}

/// Runs a command; without one, the summary.
pub(crate) fn run(
    command: Option<Command>,
    session: &mut Session<'_>,
) -> Result<Outcome, CliError> {
    match command {
        None => Ok(Outcome::Done),
        Some(Command::Protect(args)) => args.run(session),
        Some(Command::Undo(args)) => args.run(session),
        Some(Command::History(args)) => args.run(session),
        Some(Command::Probe(command)) => command.run(session),
        Some(Command::Sidecar(command)) => command.run(session),
        Some(Command::Completions(args)) => args.run(session),
        Some(Command::Proxy(command)) => command.run(session),
        Some(Command::Connect(args)) => args.run(session),
    }
}
