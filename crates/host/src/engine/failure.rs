//! What went wrong with the engine, told apart by what the user does next.

use super::Version;
use crate::process::{Output, ProcessError};

/// Why the engine gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// No `docker` command.
    #[error("no container engine: `docker` is not installed")]
    NotInstalled,
    /// The command is there and nothing answers it.
    #[error("the container engine does not answer: {detail}")]
    Unreachable {
        /// The command's words.
        detail: String,
    },
    /// It answered and then stopped.
    #[error("the container engine stopped during `docker {command}`")]
    Lost {
        /// What was running.
        command: String,
    },
    /// No Compose plugin.
    #[error("`docker compose` is not installed")]
    NoCompose,
    /// A version on which the gate has holes.
    #[error("{what} {found} is too old, {wanted} is needed: {why}")]
    TooOld {
        /// Which program.
        what: &'static str,
        /// Its version.
        found: Version,
        /// The oldest that will do.
        wanted: Version,
        /// What the older ones get wrong.
        why: &'static str,
    },
    /// It answered no.
    #[error("`docker {command}` failed: {detail}")]
    Refused {
        /// What was asked.
        command: String,
        /// The engine's words.
        detail: String,
    },
    /// It answered something else.
    #[error("`docker {command}` printed something unexpected: {detail}")]
    Garbled {
        /// What was asked.
        command: String,
        /// The output.
        detail: String,
    },
    /// The command itself could not be run.
    #[error(transparent)]
    Process(#[from] ProcessError),
}

impl EngineError {
    /// A next step for the user.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotInstalled => Some("install Docker Engine 26.1 or newer, or Docker Desktop"),
            Self::Unreachable { .. } => Some("start it, or choose the right one with `docker context use`"),
            Self::Lost { .. } => Some("start it again, then run the same command once more"),
            Self::NoCompose => Some("install the Compose plugin, 2.24.4 or newer"),
            Self::TooOld { .. } => Some("update it, then run the same command once more"),
            Self::Process(ProcessError::Deadline { .. }) => Some("the engine may hang; `docker info` tells"),
            Self::Refused { .. } | Self::Garbled { .. } | Self::Process(_) => None,
        }
    }
}

pub(super) fn of(error: ProcessError) -> EngineError {
    match error {
        ProcessError::Missing { .. } => EngineError::NotInstalled,
        other => EngineError::Process(other),
    }
}

/// Reads the words of the docker command; it has one exit code for everything.
pub(super) fn classify(command: &str, output: &Output) -> EngineError {
    let detail = output.complaint();
    let low = detail.to_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| low.contains(word));
    if is(&["'compose' is not a docker command", "unknown docker command: \"compose"]) {
        return EngineError::NoCompose;
    }
    if is(&[
        "cannot connect to the docker daemon",
        "error during connect",
        "permission denied while trying to connect",
    ]) {
        return EngineError::Unreachable { detail: first_line(&detail) };
    }
    if is(&["unexpected eof", "connection reset by peer", "broken pipe", "shutting down"]) {
        return EngineError::Lost { command: command.to_owned() };
    }
    EngineError::Refused { command: command.to_owned(), detail: first_lines(&detail) }
}

/// Whether the engine, not the program in the container, is what failed.
pub(super) fn is_engines(output: &Output) -> bool {
    let low = output.complaint().to_lowercase();
    let starts = |word: &str| low.lines().any(|line| line.starts_with(word));
    starts("error response from daemon")
        || starts("cannot connect to the docker daemon")
        || starts("error during connect")
        || starts("permission denied while trying to connect")
        || starts("error: no such container")
        || starts("oci runtime exec failed")
}

pub(super) fn is_no_such(output: &Output) -> bool {
    let low = output.complaint().to_lowercase();
    low.contains("no such image") || low.contains("no such container") || low.contains("no such object")
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn first_lines(text: &str) -> String {
    text.lines().take(4).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(stderr: &str) -> String {
        let output = Output { code: Some(1), stdout: Vec::new(), stderr: stderr.into() };
        let error = classify("ps", &output);
        format!("{error}\nhint: {}", error.hint().unwrap_or("none"))
    }

    #[test]
    fn each_failure_has_its_next_step() {
        insta::assert_snapshot!(failed("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n"), @"
        the container engine does not answer: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?
        hint: start it, or choose the right one with `docker context use`
        ");
        insta::assert_snapshot!(failed("unexpected EOF"), @"
        the container engine stopped during `docker ps`
        hint: start it again, then run the same command once more
        ");
        insta::assert_snapshot!(failed("docker: 'compose' is not a docker command."), @"
        `docker compose` is not installed
        hint: install the Compose plugin, 2.24.4 or newer
        ");
        insta::assert_snapshot!(failed("Error response from daemon: Pool overlaps with other one on this address space"), @"
        `docker ps` failed: Error response from daemon: Pool overlaps with other one on this address space
        hint: none
        ");
    }
}
