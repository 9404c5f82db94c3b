//! The container's health check: a real request on the control socket.

use std::path::Path;

use crate::ctl::{self, Request};

/// Why the sidecar is not healthy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HealthError {
    /// The control socket did not answer.
    #[error(transparent)]
    Ctl(#[from] ctl::ClientError),
    /// It answered, but it does not serve yet.
    #[error("the sidecar is not ready")]
    NotReady,
}

/// Asks the sidecar behind `socket` for its status; returns within two seconds.
///
/// Healthy means: a policy is in force, every listener is bound and the share is complete.
///
/// # Errors
///
/// See [`HealthError`]; each one makes the check fail.
pub fn health(socket: &Path) -> Result<(), HealthError> {
    let reply = ctl::ask(socket, &Request::Status)?;
    if reply["ready"] == true { Ok(()) } else { Err(HealthError::NotReady) }
}
