//! Bounded reads and atomic writes.

#[cfg(target_os = "linux")]
mod atomic;

use std::fs;
use std::io::{self, Read};
use std::path::Path;

#[cfg(all(test, target_os = "linux"))]
pub(crate) use atomic::interruption;
#[cfg(target_os = "linux")]
pub(crate) use atomic::{replace, replace_with};

/// The largest bundle or keystore that is read; real ones stay under 2 MiB.
pub(crate) const MAX_STORE: u64 = 16 * 1024 * 1024;

/// Reads a regular file of at most [`MAX_STORE`] bytes.
///
/// A FIFO or device is refused before it is opened, so nothing here can hang.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAX_STORE + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_STORE) {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 16 MiB"));
    }
    Ok(bytes)
}
