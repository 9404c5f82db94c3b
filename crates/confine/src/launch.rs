//! Raising the walls round this process and becoming the command.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;

use crate::broker::Broker;
use crate::environment::Change;
use crate::error::ConfineError;
use crate::supervise::{self, Side};
use crate::syscalls::{self, Openings};
use crate::walls::Walls;
use crate::{files, privileges, temporary};

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

impl Report {
    /// Carries on without a wall when that is wanted.
    fn lack(&mut self, error: ConfineError, best_effort: bool) -> Result<(), ConfineError> {
        if !best_effort {
            return Err(error);
        }
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        self.missing.push(format!("{error}{cause}"));
        Ok(())
    }
}

/// What this kernel can raise of `walls`, without raising anything.
pub fn foresee(walls: &Walls) -> Report {
    let interface = files::interface();
    let mut report = Report { landlock: interface, seccomp: syscalls::are_available(), missing: Vec::new() };
    // With best effort nothing is refused, only named.
    drop(judge(walls, interface, true, &mut report));
    if !report.seccomp {
        report.missing.push("this kernel has no system-call filters (seccomp)".to_owned());
    }
    report
}

/// A private temporary folder below `base`, for [`Facts::temporary`](crate::Facts).
///
/// # Errors
///
/// [`ConfineError::Folder`].
pub fn temporary_folder(base: &Path) -> Result<PathBuf, ConfineError> {
    temporary::create(base).map_err(|source| ConfineError::Folder { path: base.to_path_buf(), source })
}

/// Raises `walls` and becomes `command`; `told` hears which walls stand first. Call it from the only thread of the
/// process, with nothing left in the buffers of its streams.
///
/// With [`Walls::sockets`] this process stays outside, serves them, and returns the command's exit code; otherwise it
/// does not return but for an error.
///
/// # Errors
///
/// Every wall that cannot be raised, unless `best_effort`, and a command that cannot be started. With sockets it may be
/// the process made for the command that returns it, which has to end with [`ConfineError::exit_code`].
pub fn start(
    command: &[OsString],
    walls: &Walls,
    best_effort: bool,
    told: impl FnOnce(&Report),
) -> Result<u8, ConfineError> {
    if walls.sockets.is_empty() {
        told(&raise(walls, best_effort)?);
        return Err(exec(command, walls));
    }
    if syscalls::are_filtered() {
        return Err(ConfineError::Nested);
    }
    let paths: Vec<PathBuf> = walls.sockets.keys().cloned().collect();
    let writable: Vec<PathBuf> = walls.read_write.iter().cloned().collect();
    let broker =
        Broker::open(&paths, &writable).map_err(|(path, source)| ConfineError::Socket { path, source })?;
    match supervise::split(broker).map_err(ConfineError::Supervisor)? {
        Side::Supervisor(code) => Ok(code),
        Side::Command(handover) => {
            let (report, listener) = raise_all(walls, best_effort)?;
            if let Some(listener) = listener {
                handover.send(&listener).map_err(ConfineError::Supervisor)?;
            }
            told(&report);
            Err(exec(command, walls))
        }
    }
}

/// Confines this thread and what it starts, for good. Nobody serves [`Walls::sockets`]: they stay out of reach.
///
/// # Errors
///
/// Every wall that cannot be raised, unless `best_effort`; then it is in [`Report::missing`].
pub fn raise(walls: &Walls, best_effort: bool) -> Result<Report, ConfineError> {
    let alone = Walls { sockets: std::collections::BTreeMap::new(), ..walls.clone() };
    raise_all(&alone, best_effort).map(|(report, _)| report)
}

fn raise_all(walls: &Walls, best_effort: bool) -> Result<(Report, Option<OwnedFd>), ConfineError> {
    for path in &walls.create {
        std::fs::create_dir_all(path)
            .map_err(|source| ConfineError::Folder { path: path.clone(), source })?;
    }
    keep_standard_streams_only();
    let mut report = Report { landlock: 0, seccomp: true, missing: Vec::new() };
    if let Err(error) = privileges::give_up() {
        report.lack(ConfineError::Privileges(error), best_effort)?;
    }
    match files::restrict(walls) {
        Ok(interface) => {
            report.landlock = interface;
            judge(walls, interface, best_effort, &mut report)?;
        }
        Err(error) => report.lack(ConfineError::Files(error), best_effort)?,
    }
    let openings = Openings { broker: !walls.sockets.is_empty(), ports: walls.ports.is_some() };
    let listener = match syscalls::install(openings) {
        Ok(listener) => listener,
        Err(error) => {
            report.seccomp = false;
            report.lack(ConfineError::Calls(error), best_effort)?;
            None
        }
    };
    Ok((report, listener))
}

/// What a kernel with this Landlock interface cannot do of `walls`.
fn judge(walls: &Walls, interface: i32, best_effort: bool, report: &mut Report) -> Result<(), ConfineError> {
    let needed = if walls.ports.is_some() { files::WITH_PORTS } else { files::OLDEST };
    if interface < needed {
        report.lack(ConfineError::OldKernel { found: interface, needed }, best_effort)?;
    }
    if interface < files::WITH_SCOPES {
        report.missing.push("signals to processes outside are not limited (Landlock interface 6)".to_owned());
    }
    Ok(())
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
fn exec(command: &[OsString], walls: &Walls) -> ConfineError {
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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn walls(ports: Option<Vec<u16>>) -> Walls {
        Walls {
            profile: "default".to_owned(),
            read_write: BTreeSet::new(),
            read_only: BTreeSet::new(),
            hidden: BTreeMap::new(),
            create: Vec::new(),
            sockets: BTreeMap::new(),
            ports,
            environment: Vec::new(),
            temporary: PathBuf::new(),
            unprotected: Vec::new(),
        }
    }

    fn judged(ports: Option<Vec<u16>>, interface: i32, best_effort: bool) -> Result<usize, String> {
        let mut report = Report { landlock: interface, seccomp: true, missing: Vec::new() };
        judge(&walls(ports), interface, best_effort, &mut report).map_err(|error| error.to_string())?;
        Ok(report.missing.len())
    }

    #[test]
    fn an_old_kernel_is_refused_or_reported() {
        let old = |found, needed| {
            Err(format!("this kernel has Landlock interface {found}, and {needed} is needed"))
        };
        assert_eq!(judged(None, 0, false), old(0, 3));
        assert_eq!(judged(None, 2, false), old(2, 3));
        assert_eq!(judged(Some(vec![443]), 3, false), old(3, 4));
        assert_eq!(judged(None, 2, true), Ok(2));
        assert_eq!(judged(None, 3, false), Ok(1));
        assert_eq!(judged(Some(vec![443]), 6, false), Ok(0));
    }
}
