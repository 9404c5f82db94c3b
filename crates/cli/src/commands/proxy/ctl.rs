//! `drawbridge proxy ctl`: one word to the running sidecar, JSON lines back.

use std::io;

use drawbridge_proxy::ctl::{self, Request};
use drawbridge_proxy::paths::Paths;

use crate::error::CliError;
use crate::exit::Outcome;
use crate::session::Session;

/// Talk to the running sidecar; answers are JSON lines
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// What runs, which policy is in force, what waits
    Status,
    /// Read the policy folder now
    Reload {
        /// Apply it even where it allows more than before
        #[arg(long)]
        accept: bool,
        /// With `--accept`: only if the file still has this SHA-256
        #[arg(long, requires = "accept", value_name = "HEX")]
        sha256: Option<String>,
    },
    /// Allow a host
    Grant {
        /// The host
        host: String,
        /// The only port
        #[arg(long)]
        port: Option<u16>,
        /// Lifetime in seconds
        #[arg(long = "for", value_name = "SECONDS")]
        seconds: Option<u64>,
        /// Even where it leads to private addresses
        #[arg(long)]
        private: bool,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Take back the grants of a host
    Revoke {
        /// As it was granted
        host: String,
    },
    /// List grants
    Grants,
    /// List denials
    Denied {
        /// Only the last so many seconds
        #[arg(long, value_name = "SECONDS")]
        since: Option<u64>,
    },
    /// The policy in force
    Policy,
    /// The certificate of the project's CA
    Ca,
    /// Events as they happen
    Watch,
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let socket = Paths::default().ctl_socket();
        match ctl::client(&socket, &self.into_request(), io::stdin(), session.out)? {
            ctl::Outcome::Done => Ok(Outcome::Done),
            ctl::Outcome::Refused => Ok(Outcome::Findings),
        }
    }

    fn into_request(self) -> Request {
        match self {
            Self::Status => Request::Status,
            Self::Reload { accept, sha256 } => Request::Reload { accept, sha256 },
            Self::Grant { host, port, seconds, private, reason } => {
                Request::Grant { host, port, seconds, private, reason }
            }
            Self::Revoke { host } => Request::Revoke { host },
            Self::Grants => Request::Grants,
            Self::Denied { since } => Request::Denied { since },
            Self::Policy => Request::Policy,
            Self::Ca => Request::Ca,
            Self::Watch => Request::Watch,
        }
    }
}
