//! `drawbridge proxy ctl`: one word to the running sidecar, JSON lines back.

use std::io::{self, Read as _};

use drawbridge_proxy::ctl::{self, Request};
use drawbridge_proxy::paths::Paths;
use drawbridge_proxy::secrets::{Form, SecretValue};

use crate::commands::inside::Error;
use crate::error::CliError;
use crate::exit::Outcome;
use crate::session::Session;

/// The gate refuses a longer value.
const VALUE: u64 = 32 * 1024;

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
    /// Allow a host, or some of its requests
    Grant {
        /// The host, or a rule in the policy's form
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
    /// Let everything through for a while, and record it
    Observe {
        /// Seconds; 0 ends it
        #[arg(long = "for", value_name = "SECONDS")]
        seconds: u64,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// List what only passed because the policy observes
    Observed {
        /// Only the last so many seconds
        #[arg(long, value_name = "SECONDS")]
        since: Option<u64>,
    },
    /// The policy in force
    Policy,
    /// List secrets, without their values
    Secrets,
    /// Hold a secret; its value is read from standard input
    SecretSet {
        /// Its name
        name: String,
        /// A host it is for; may be repeated
        #[arg(long = "host", required = true, value_name = "HOST")]
        hosts: Vec<String>,
        /// The header that it stands in
        #[arg(long, required_unless_present = "basic", conflicts_with = "basic", value_name = "NAME")]
        header: Option<String>,
        /// In front of it in the header
        #[arg(long, requires = "header", default_value = "", hide_default_value = true)]
        prefix: String,
        /// The user of `Authorization: Basic`
        #[arg(long, value_name = "USER")]
        basic: Option<String>,
    },
    /// Forget a secret
    SecretRemove {
        /// Its name
        name: String,
    },
    /// The certificate of the project's CA
    Ca,
    /// Make a new CA for the project
    CaRotate,
    /// Events as they happen
    Watch,
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let socket = Paths::default().ctl_socket();
        let request = self.into_request(session)?;
        match ctl::client(&socket, &request, io::stdin(), session.out).map_err(Error::from)? {
            ctl::Outcome::Done => Ok(Outcome::Done),
            ctl::Outcome::Refused => Ok(Outcome::Findings),
        }
    }

    fn into_request(self, session: &mut Session<'_>) -> io::Result<Request> {
        Ok(match self {
            Self::Status => Request::Status,
            Self::Reload { accept, sha256 } => Request::Reload { accept, sha256 },
            Self::Grant { host, port, seconds, private, reason } => {
                Request::Grant { host, port, seconds, private, reason }
            }
            Self::Revoke { host } => Request::Revoke { host },
            Self::Grants => Request::Grants,
            Self::Denied { since } => Request::Denied { since },
            Self::Observe { seconds, reason } => Request::Observe { seconds, reason },
            Self::Observed { since } => Request::Observed { since },
            Self::Policy => Request::Policy,
            Self::Secrets => Request::Secrets,
            Self::SecretSet { name, hosts, header, prefix, basic } => {
                let form = match (basic, header) {
                    (Some(user), _) => Form::Basic { user },
                    (None, header) => Form::Header { name: header.unwrap_or_default(), prefix },
                };
                let mut value = String::new();
                session.stdin.take(VALUE).read_to_string(&mut value)?;
                Request::SecretSet { name, hosts, form, value: SecretValue::new(value) }
            }
            Self::SecretRemove { name } => Request::SecretRemove { name },
            Self::Ca => Request::Ca,
            Self::CaRotate => Request::CaRotate,
            Self::Watch => Request::Watch,
        })
    }
}
