//! `drawbridge trust`: certificates in the stores of the container that this runs in.

use std::path::{Path, PathBuf};

use drawbridge_host::variables;
use drawbridge_trust::engine::{self, Options};
use drawbridge_trust::{Outcome as Done, Report, Root, certificate};

use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::session::Session;

/// A certificate file is a few KiB.
const CAP: u64 = 4 << 20;

/// Put certificate authorities into every trust store of this container
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Add them; a second run changes nothing
    Install {
        /// PEM files
        #[arg(long, required = true, value_name = "FILE")]
        ca: Vec<PathBuf>,
        /// Say what would be done
        #[arg(long)]
        dry_run: bool,
    },
    /// Take them out again
    Undo {
        /// Say what would be done
        #[arg(long)]
        dry_run: bool,
    },
}

/// Variables that name a bundle of their own.
const BUNDLES: [&str; 6] = [
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "PIP_CERT",
    "NODE_EXTRA_CA_CERTS",
];

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let reports = match self {
            Self::Install { ca, dry_run } => {
                let mut certificates = Vec::new();
                for path in &ca {
                    certificates.extend(read(path)?);
                }
                let bundles = BUNDLES.iter().filter_map(std::env::var_os).map(PathBuf::from);
                let options = Options { dry_run, bundles: bundles.collect() };
                engine::install(&root()?, &certificates, &options)?
            }
            Self::Undo { dry_run } => engine::undo(&root()?, &Options { dry_run, bundles: Vec::new() })?,
        };
        if session.json {
            session.json(&reports)?;
        } else {
            for report in &reports {
                show(report, session)?;
            }
        }
        Ok(Outcome::Done)
    }
}

/// This container's own file system.
fn root() -> Result<Root, CliError> {
    let home = std::env::var_os(variables::HOME).map_or_else(|| PathBuf::from("/"), PathBuf::from);
    Ok(Root::live(&home, &std::env::var(variables::PATH).unwrap_or_default())?)
}

fn read(path: &Path) -> Result<Vec<certificate::Certificate>, CliError> {
    let none =
        || CliError::refused(format!("`{}` holds no certificate", path.display()), "give a file in PEM form");
    if std::fs::metadata(path)?.len() > CAP {
        return Err(none());
    }
    let found = certificate::parse_all(&std::fs::read(path)?);
    if found.is_empty() { Err(none()) } else { Ok(found) }
}

fn show(report: &Report, session: &mut Session<'_>) -> Result<(), CliError> {
    let words = match &report.outcome {
        Done::Added => "added".to_owned(),
        Done::WouldAdd => "would be added".to_owned(),
        Done::Present => "was there already".to_owned(),
        Done::Absent => "is gone already".to_owned(),
        Done::Restored => "restored".to_owned(),
        Done::WouldRemove => "would be restored".to_owned(),
        Done::TakenOut => "taken out".to_owned(),
        Done::Left { why, hint } => match hint {
            Some(hint) => format!("left as it is: {why}; {hint}"),
            None => format!("left as it is: {why}"),
        },
    };
    let path = report.path.display().to_string();
    writeln!(session.out, "{}: {}", escape::foreign(&path), escape::foreign(&words))?;
    Ok(())
}
