//! `drawbridge connect`: ssh's `ProxyCommand` in the dev container.

use std::io;

use drawbridge_proxy::connect;

use super::Error;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::session::Session;

/// Bridge standard input and output to a host through the gate
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The host to reach
    host: String,
    /// Its port
    port: u16,
    /// Address of the gate's proxy
    #[arg(long, env = "https_proxy", value_name = "URL")]
    proxy: String,
}

impl Args {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let (host, port) = connect::proxy_address(&self.proxy).map_err(Error::from)?;
        connect::run((&host, port), &self.host, self.port, io::stdin(), session.out).map_err(Error::from)?;
        Ok(Outcome::Done)
    }
}
