//! Which certificates a command is about.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use drawbridge_trust::certificate::{self, Certificate};

use crate::certificates;
use crate::error::CliError;

/// Where certificates are that the container should trust: the gate's, and that of the Feature's option `ca`.
const PLACES: [&str; 2] = ["/run/drawbridge/share/trust/ca-extra.pem", "/usr/local/share/drawbridge/ca.pem"];

#[derive(Debug, clap::Args)]
pub(crate) struct Authorities {
    /// PEM file; may be repeated; default: what the gate and the Feature's option `ca` bring
    #[arg(long = "ca", value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Authorities {
    /// The certificates, each once; none when no file is named and nothing brings any.
    pub(super) fn read(&self) -> Result<Vec<Certificate>, CliError> {
        let mut found = Vec::new();
        for path in &self.files {
            found.extend(certificates::read(path)?);
        }
        if self.files.is_empty() {
            for path in PLACES {
                match std::fs::metadata(path) {
                    Ok(meta) if meta.len() > 0 => found.extend(certificates::read(Path::new(path))?),
                    Err(err) if err.kind() != ErrorKind::NotFound => return Err(err.into()),
                    _ => {}
                }
            }
        }
        Ok(certificate::distinct(found))
    }

    /// These arguments once more.
    pub(super) fn argv(&self) -> Vec<OsString> {
        self.files.iter().flat_map(|file| ["--ca".into(), file.clone().into_os_string()]).collect()
    }
}
