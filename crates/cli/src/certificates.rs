//! Certificates that the user names by file.

use std::path::Path;

use drawbridge_trust::certificate::{self, Certificate};

use crate::error::CliError;

/// A certificate file is a few KiB.
const CAP: u64 = 4 << 20;

/// All certificates of a PEM file; one that holds none is refused.
pub(crate) fn read(path: &Path) -> Result<Vec<Certificate>, CliError> {
    let none =
        || CliError::refused(format!("`{}` holds no certificate", path.display()), "give a file in PEM form");
    if std::fs::metadata(path)?.len() > CAP {
        return Err(none());
    }
    let found = certificate::parse_all(&std::fs::read(path)?);
    if found.is_empty() { Err(none()) } else { Ok(found) }
}
