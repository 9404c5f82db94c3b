//! `drawbridge proxy`: what runs in the sidecar's container.

mod ctl;
mod personal;
mod share;

use std::net::IpAddr;

use drawbridge_host::variables;
use drawbridge_proxy::{Config, Relay, paths::Paths};

use super::Error;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::session::Session;

/// The sidecar itself, and the words it understands
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Run(Run),
    Health(Health),
    Personal(personal::Args),
    #[command(subcommand)]
    Ctl(ctl::Command),
}

/// Run the gate until it is told to stop
#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// Relay a published port to a service behind the gate; may be repeated
    #[arg(long, value_name = "LISTEN=SERVICE:PORT")]
    publish: Vec<Relay>,

    /// Address on the internal network; default: found
    #[arg(long, value_name = "ADDRESS")]
    address: Option<IpAddr>,

    /// Threads that serve connections
    #[arg(long, default_value_t = 1, value_name = "N")]
    workers: usize,
}

/// Exit with 0 when the gate is ready
#[derive(Debug, clap::Args)]
pub(crate) struct Health {}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        match self {
            Self::Run(run) => run.run(),
            Self::Health(_) => {
                drawbridge_proxy::health(&Paths::default().ctl_socket()).map_err(Error::from)?;
                Ok(Outcome::Done)
            }
            Self::Personal(args) => args.run(session),
            Self::Ctl(command) => command.run(session),
        }
    }
}

impl Run {
    fn run(self) -> Result<Outcome, CliError> {
        let mut config = Config::default();
        config.relays = self.publish;
        config.address = self.address;
        config.workers = self.workers;
        config.inline_policy =
            std::env::var(variables::DRAWBRIDGE_POLICY).ok().filter(|text| !text.is_empty());
        config.roots = Some(Box::new(share::roots));
        config.prepare_share = Some(Box::new(share::prepare));
        drawbridge_proxy::run(config).map_err(Error::from)?;
        Ok(Outcome::Done)
    }
}
