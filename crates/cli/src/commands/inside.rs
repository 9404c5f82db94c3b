//! Commands that run in the sidecar or in the dev container, so on Linux.

mod connect;
mod probe;
mod proxy;
pub(crate) mod run;
mod trust;

use clap::Subcommand;

use crate::error::CliError;
use crate::exit::Outcome;
use crate::session::Session;

/// Each a part of the program's own work in a container.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(run::Args),
    #[command(subcommand)]
    Trust(trust::Command),
    #[command(subcommand, hide = true)]
    Proxy(proxy::Command),
    #[command(hide = true)]
    Connect(connect::Args),
    #[command(subcommand, hide = true)]
    Probe(probe::Command),
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        match self {
            Self::Run(args) => args.run(session),
            Self::Trust(command) => command.run(session),
            Self::Proxy(command) => command.run(session),
            Self::Connect(args) => args.run(session),
            Self::Probe(command) => command.run(session),
        }
    }
}

/// Why one could not.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Proxy(#[from] drawbridge_proxy::Error),
    #[error(transparent)]
    Health(#[from] drawbridge_proxy::HealthError),
    #[error(transparent)]
    Socket(#[from] drawbridge_proxy::ctl::ClientError),
    #[error(transparent)]
    Connect(#[from] drawbridge_proxy::connect::ConnectError),
}

impl Error {
    /// The next step for the user.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Proxy(error) => error.hint().map(str::to_owned),
            Self::Connect(error) => error.hint(),
            Self::Health(_) | Self::Socket(_) => None,
        }
    }
}
