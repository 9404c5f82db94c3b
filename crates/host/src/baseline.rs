//! The baseline of drift, on the host and outside of the workspace, one file a workspace.

use std::io::Write;
use std::path::{Path, PathBuf};

use drawbridge_core::drift::{Baseline, VERSION};
use sha2::{Digest, Sha256};

mod now;

pub use now::now;

/// A baseline above this is none of ours.
const MAX_BYTES: u64 = 64 << 20;

/// Why there is no baseline.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// It could not be read or written.
    #[error("`{}` could not be read or written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        #[source]
        source: std::io::Error,
    },
    /// Not one of ours.
    #[error("`{}` is not a baseline of this version: run `drawbridge baseline`", path.display())]
    Format {
        /// The file.
        path: PathBuf,
    },
}

/// Where the baseline of a workspace, by its real path, is kept below `state`.
pub fn path(state: &Path, workspace: &Path) -> PathBuf {
    let name = format!("{:x}", Sha256::digest(workspace.as_os_str().as_encoded_bytes()));
    state.join("baselines").join(format!("{name}.json"))
}

/// The baseline, or `None` when the developer made none.
pub fn read(state: &Path, workspace: &Path) -> Result<Option<Baseline>, BaselineError> {
    let path = path(state, workspace);
    let failed = |source| BaselineError::Io { path: path.clone(), source };
    match std::fs::metadata(&path) {
        Ok(meta) if meta.len() > MAX_BYTES => return Err(BaselineError::Format { path }),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    }
    let bytes = std::fs::read(&path).map_err(failed)?;
    match serde_json::from_slice::<Baseline>(&bytes) {
        Ok(baseline) if baseline.version == VERSION => Ok(Some(baseline)),
        _ => Err(BaselineError::Format { path }),
    }
}

/// Replaces the baseline. The file is the user's alone: it may hold what is in `.env`.
pub fn write(state: &Path, workspace: &Path, baseline: &Baseline) -> Result<(), BaselineError> {
    let path = path(state, workspace);
    let failed = |source| BaselineError::Io { path: path.clone(), source };
    let folder = path.parent().unwrap_or(state);
    std::fs::create_dir_all(folder).map_err(failed)?;
    let bytes = serde_json::to_vec(baseline).map_err(|error| failed(error.into()))?;
    let mut file = tempfile_in(folder).map_err(failed)?;
    file.1.write_all(&bytes).and_then(|()| file.1.sync_all()).map_err(failed)?;
    std::fs::rename(&file.0, &path).map_err(failed)
}

/// A new file with its final mode.
fn tempfile_in(folder: &Path) -> std::io::Result<(PathBuf, std::fs::File)> {
    let path = folder.join(format!(".{}.new", std::process::id()));
    drop(std::fs::remove_file(&path));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path)?;
    Ok((path, file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_workspace_has_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (Path::new("/w/one"), Path::new("/w/two"));
        assert_eq!(read(dir.path(), one).unwrap(), None);
        let baseline = Baseline { version: VERSION, ..Baseline::default() };
        write(dir.path(), one, &baseline).unwrap();
        assert_eq!(read(dir.path(), one).unwrap(), Some(baseline));
        assert_eq!(read(dir.path(), two).unwrap(), None);
        std::fs::write(path(dir.path(), two), "{}").unwrap();
        assert!(matches!(read(dir.path(), two), Err(BaselineError::Format { .. })));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(path(dir.path(), one)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
