//! Why the sidecar did not start.

use std::io;
use std::path::PathBuf;

/// The sidecar stops instead of running with less than it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The policy does not load; one line per problem, each with file, line and column.
    #[error("the policy cannot be used\n{}", .0.join("\n"))]
    Policy(Vec<String>),
    /// A socket could not be bound.
    #[error("cannot listen on {what}")]
    Listen {
        /// Address and protocol.
        what: String,
        /// What the kernel said.
        #[source]
        source: io::Error,
    },
    /// A file of the state volume or the share could not be read or written.
    #[error("cannot use `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the kernel said.
        #[source]
        source: io::Error,
    },
    /// The share could not be filled.
    #[error("cannot prepare the share")]
    Share(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The runtime or the resolver could not be set up.
    #[error("cannot set up {what}")]
    Setup {
        /// Which part.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// A next step for the person who reads the container's log.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Policy(_) => Some("correct the policy file on the host, then create the container anew"),
            Self::Listen { .. } => Some(
                "the overlay sets `net.ipv4.ip_unprivileged_port_start: 0`; \
                 check that it was not removed",
            ),
            Self::File { .. } => {
                Some("the volume must belong to uid 65532; `drawbridge down --volumes` makes it anew")
            }
            Self::Share(_) | Self::Setup { .. } => None,
        }
    }
}
