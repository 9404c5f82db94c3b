//! Raising the walls round this process and becoming the command.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;

use crate::environment::Change;
use crate::walls::Walls;
use crate::{files, privileges, syscalls, temporary};

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
            Self::OldKernel { .. } | Self::Files(_) => Some(
                "Linux 6.2 or newer with Landlock enabled is needed; --best-effort starts with the walls that stand",
            ),
            Self::Calls(_) => Some(
                "the container's own seccomp profile may forbid filters; --best-effort starts with the walls that stand",
            ),
            Self::Privileges(_) | Self::Folder { .. } | Self::Start { .. } => None,
        }
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

/// Which walls stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The kernel's Landlock interface.
    pub landlock: i32,
    /// Whether the system-call filter is in force.
    pub seccomp: bool,
    /// Walls that could not be raised, one sentence each.
    pub missing: Vec<String>,
}

/// A private temporary folder below `base`, for [`Facts::temporary`](crate::Facts).
///
/// # Errors
///
/// [`ConfineError::Folder`].
pub fn temporary_folder(base: &Path) -> Result<PathBuf, ConfineError> {
    temporary::create(base).map_err(|source| ConfineError::Folder { path: base.to_path_buf(), source })
}

/// Confines this thread and what it starts, for good. Call it from the only thread of the process.
///
/// # Errors
///
/// Every wall that cannot be raised, unless `best_effort`; then it is in [`Report::missing`].
pub fn raise(walls: &Walls, best_effort: bool) -> Result<Report, ConfineError> {
    for path in &walls.create {
        std::fs::create_dir_all(path)
            .map_err(|source| ConfineError::Folder { path: path.clone(), source })?;
    }
    keep_standard_streams_only();
    let mut report = Report { landlock: 0, seccomp: true, missing: Vec::new() };
    match privileges::give_up() {
        Ok(()) => {}
        Err(error) if !best_effort => return Err(ConfineError::Privileges(error)),
        Err(error) => report.missing.push(format!("privileges: {error}")),
    }
    match files::restrict(walls) {
        Ok(interface) => report.landlock = interface,
        Err(error) if !best_effort => return Err(ConfineError::Files(error)),
        Err(error) => report.missing.push(format!("file rules: {error}")),
    }
    if report.landlock < files::OLDEST {
        let error = ConfineError::OldKernel { found: report.landlock, needed: files::OLDEST };
        if !best_effort {
            return Err(error);
        }
        report.missing.push(error.to_string());
    } else if walls.ports.is_some() && report.landlock < files::WITH_PORTS {
        let error = ConfineError::OldKernel { found: report.landlock, needed: files::WITH_PORTS };
        if !best_effort {
            return Err(error);
        }
        report.missing.push(format!("TCP ports: {error}"));
    }
    if report.landlock < files::WITH_SCOPES {
        report.missing.push("signals to processes outside are not limited (Landlock interface 6)".to_owned());
    }
    match syscalls::install() {
        Ok(()) => {}
        Err(error) if !best_effort => return Err(ConfineError::Calls(error)),
        Err(error) => {
            report.seccomp = false;
            report.missing.push(format!("system calls: {error}"));
        }
    }
    Ok(report)
}

/// Inherited descriptors may be connected sockets of the bridge: they close when the command starts.
fn keep_standard_streams_only() {
    let Ok(entries) = std::fs::read_dir("/proc/self/fd") else { return };
    let open: Vec<i32> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|fd| *fd > 2)
        .collect();
    for descriptor in open {
        let _ = close_on_exec(descriptor);
    }
}

/// Marks one descriptor so that the command does not inherit it.
fn close_on_exec(descriptor: i32) -> io::Result<()> {
    // SAFETY: the number was just listed in /proc/self/fd of this single-threaded process, so it is open.
    let borrowed = unsafe { std::os::fd::BorrowedFd::borrow_raw(descriptor) };
    rustix::io::fcntl_setfd(borrowed, rustix::io::FdFlags::CLOEXEC)?;
    Ok(())
}

/// Becomes `command`. Returns only when it cannot be started.
pub fn exec(command: &[OsString], walls: &Walls) -> ConfineError {
    let Some((program, arguments)) = command.split_first() else {
        return ConfineError::Start { command: PathBuf::new(), source: io::ErrorKind::InvalidInput.into() };
    };
    let mut started = Command::new(program);
    started.args(arguments);
    for change in &walls.environment {
        match change {
            Change::Remove { name, .. } => started.env_remove(name),
            Change::Set { name, value } => started.env(name, value),
        };
    }
    ConfineError::Start { command: program.into(), source: started.exec() }
}
