//! `drawbridge trust`: certificates in the stores of the container that this runs in.

mod authorities;
mod check;
mod owner;
mod show;
mod watch;

use std::path::PathBuf;

use drawbridge_host::variables;
use drawbridge_trust::engine::{self, Options};
use drawbridge_trust::{Report, Root, User, group};

use crate::error::CliError;
use crate::exit::Outcome;
use crate::session::Session;

/// Certificate authorities in every trust store of this container
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Add them; a second run changes nothing
    Install {
        #[command(flatten)]
        authorities: authorities::Authorities,
        /// Say what would be done
        #[arg(long)]
        dry_run: bool,
        /// Extend bundles in place instead of running the distribution's program, which takes seconds
        #[arg(long)]
        direct: bool,
    },
    Check(check::Args),
    Watch(watch::Args),
    /// Take them out again
    Undo {
        /// Say what would be done
        #[arg(long)]
        dry_run: bool,
    },
    /// While an image is built: let a user change the stores, so that a start needs no root
    #[command(hide = true)]
    HandOver {
        /// Name or number
        #[arg(long, value_name = "USER")]
        to: String,
    },
}

/// Variables that name a bundle of their own.
const BUNDLES: [&str; 10] = [
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "PIP_CERT",
    "CARGO_HTTP_CAINFO",
    "AWS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "DENO_CERT",
    "CODEX_CA_CERTIFICATE",
];

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let reports = match self {
            Self::Install { authorities, dry_run, direct } => {
                let certificates = authorities.read()?;
                if certificates.is_empty() {
                    return nothing(session);
                }
                let options = Options { dry_run, direct, bundles: bundles() };
                let own = engine::install(&root()?, &certificates, &options)?;
                let mut argv = vec!["install".into()];
                argv.extend(authorities.argv());
                argv.extend(dry_run.then(|| "--dry-run".into()));
                argv.extend(direct.then(|| "--direct".into()));
                owner::with_owner(own, &argv)
            }
            Self::Undo { dry_run } => {
                let own = engine::undo(&root()?, &Options { dry_run, ..Options::default() })?;
                let mut argv = vec!["undo".into()];
                argv.extend(dry_run.then(|| "--dry-run".into()));
                owner::with_owner(own, &argv)
            }
            Self::HandOver { to } => hand_over(&to)?,
            Self::Check(args) => return args.run(session),
            Self::Watch(args) => return args.run(session),
        };
        show::reports(&reports, session)?;
        Ok(Outcome::Done)
    }
}

/// This container's own file system.
fn root() -> Result<Root, CliError> {
    let home = std::env::var_os(variables::HOME).map_or_else(|| PathBuf::from("/"), PathBuf::from);
    Ok(Root::live(&home, &std::env::var(variables::PATH).unwrap_or_default())?)
}

fn bundles() -> Vec<PathBuf> {
    let named = BUNDLES.iter().filter_map(std::env::var_os).filter(|value| !value.is_empty());
    let mut bundles: Vec<PathBuf> = named.map(PathBuf::from).collect();
    bundles.sort();
    bundles.dedup();
    bundles
}

/// No authority is nothing to complain about: most containers need none.
fn nothing(session: &mut Session<'_>) -> Result<Outcome, CliError> {
    if session.json {
        session.json(&Vec::<Report>::new())?;
    } else {
        writeln!(session.err, "No certificate authority to add")?;
    }
    Ok(Outcome::Done)
}

fn hand_over(to: &str) -> Result<Vec<Report>, CliError> {
    let user = User::find(to)
        .ok_or_else(|| CliError::refused(format!("there is no user `{to}`"), "see /etc/passwd"))?;
    if user.uid == 0 {
        return Ok(Vec::new());
    }
    let reports = engine::hand_over(&root()?, group::admit(&user.name)?)?;
    owner::remember(&user)?;
    Ok(reports)
}
