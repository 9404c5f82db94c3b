//! Why a command was not started.

use std::io;
use std::path::PathBuf;

/// Why the command was not started. Nothing runs unconfined in any of these cases.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfineError {
    /// A state folder or the temporary folder cannot be made.
    #[error("cannot make `{}`", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Privileges cannot be given up.
    #[error("cannot give up privileges")]
    Privileges(#[source] io::Error),
    /// Landlock refused the rules.
    #[error("the kernel refuses the file rules (Landlock)")]
    Files(#[source] landlock::RulesetError),
    /// Landlock is missing or too old.
    #[error("this kernel has Landlock interface {found}, and {needed} is needed")]
    OldKernel {
        /// Interface found; 0 is none.
        found: i32,
        /// Interface needed.
        needed: i32,
    },
    /// Seccomp refused the filter.
    #[error("the kernel refuses the system-call filter (seccomp)")]
    Calls(#[source] seccompiler::Error),
    /// A folder that would be open holds a place that must not be.
    #[error("`{}` cannot be opened to the command: `{}` lies in it", folder.display(), place.display())]
    TooWide {
        /// Which folder.
        folder: PathBuf,
        /// What lies in it.
        place: PathBuf,
    },
    /// A socket that was asked for cannot be offered.
    #[error("cannot offer the socket `{}`", path.display())]
    Socket {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Sockets were asked for inside other walls, which stay.
    #[error("already out of reach of the bridge, so no socket can be offered")]
    Nested,
    /// There can be no process that stays outside the walls.
    #[error("cannot start the supervisor of the sockets")]
    Supervisor(#[source] io::Error),
    /// The walls stand, but the command cannot be started.
    #[error("cannot run `{}`", command.display())]
    Start {
        /// Which.
        command: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl ConfineError {
    /// A next step for the user.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Files(_) if self.is_full() => {
                Some("16 walls stand inside each other already; start the command without `drawbridge run`")
            }
            Self::OldKernel { .. } | Self::Files(_) => Some(
                "Linux 6.2 or newer with Landlock enabled is needed; --best-effort starts with the walls that stand",
            ),
            Self::Calls(_) => Some(
                "the container's own seccomp profile may forbid filters; --best-effort starts with the walls that stand",
            ),
            Self::TooWide { .. } => Some("start it in the project's folder, or name a narrower one"),
            Self::Nested => Some("name the socket where the outer `drawbridge run` is started"),
            Self::Start { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                Some("if it may be run outside the walls, its folder is out of reach: --read FOLDER")
            }
            Self::Privileges(_)
            | Self::Folder { .. }
            | Self::Start { .. }
            | Self::Socket { .. }
            | Self::Supervisor(_) => None,
        }
    }

    /// Whether the kernel stacks no more rulesets (`landlock_restrict_self(2)`, `E2BIG`).
    fn is_full(&self) -> bool {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(self);
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<io::Error>() {
                return error.kind() == io::ErrorKind::ArgumentListTooLong;
            }
            cause = error.source();
        }
        false
    }

    /// Exit code in the manner of shells and container engines: 125 not started because of us, 126 not
    /// executable, 127 not found.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Start { source, .. } if source.kind() == io::ErrorKind::NotFound => 127,
            Self::Start { .. } => 126,
            _ => 125,
        }
    }
}
