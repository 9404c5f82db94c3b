//! Landlock: the files, ports, signals and abstract sockets that stay in reach.

use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, LandlockStatus, NetPort,
    PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, Scope,
};

use rustix::fs::{FileType, fstat};

use crate::walls::Walls;

/// Oldest interface that keeps the promise about files: from 3 on a file that may not be written cannot be
/// truncated or moved away either.
pub(crate) const OLDEST: i32 = 3;
/// From here on signals and abstract sockets of processes outside are out of reach.
pub(crate) const WITH_SCOPES: i32 = 6;
/// From here on TCP ports can be limited.
pub(crate) const WITH_PORTS: i32 = 4;

/// The kernel's Landlock interface (`landlock_create_ruleset(2)`), 0 when it has none.
pub(crate) fn interface() -> i32 {
    const VERSION: libc::c_ulong = 1;
    let none = std::ptr::null::<libc::c_void>();
    // SAFETY: asking for the version takes no ruleset.
    let found = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, none, 0, VERSION) };
    i32::try_from(found).unwrap_or_default().max(0)
}

/// Restricts this thread for good, sets `no_new_privs`, and returns the kernel's Landlock interface, 0 when it has
/// none.
///
/// # Errors
///
/// When the kernel refuses the ruleset. A path of `walls` that does not exist is left out: there is nothing to open.
pub(crate) fn restrict(walls: &Walls) -> Result<i32, landlock::RulesetError> {
    let newest = ABI::V6;
    let everything = AccessFs::from_all(newest);
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(everything)?
        .scope(Scope::from_all(newest))?;
    if walls.ports.is_some() {
        ruleset = ruleset.handle_access(AccessNet::ConnectTcp)?;
    }
    let mut created = ruleset.create()?;
    for port in walls.ports.iter().flatten() {
        created = created.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
    }
    let read = AccessFs::from_read(newest);
    let devices = read | AccessFs::WriteFile | AccessFs::IoctlDev;
    for path in &walls.read_only {
        created = allow(created, path, read)?;
    }
    for path in &walls.read_write {
        created = allow(created, path, everything)?;
    }
    created = allow(created, Path::new("/dev"), devices)?;
    created = allow(created, Path::new("/dev/shm"), everything)?;
    created = allow(created, Path::new("/proc"), read | AccessFs::WriteFile)?;
    let status = created.restrict_self()?;
    Ok(match status.landlock {
        LandlockStatus::Available { effective_abi, kernel_abi } => kernel_abi.unwrap_or(effective_abi as i32),
        LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => 0,
    })
}

fn allow(
    ruleset: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, landlock::RulesetError> {
    let Ok(descriptor) = PathFd::new(path) else { return Ok(ruleset) };
    let kind = fstat(&descriptor).map(|found| FileType::from_raw_mode(found.st_mode));
    let access = if kind == Ok(FileType::Directory) { access } else { access & AccessFs::from_file(ABI::V6) };
    ruleset.add_rule(PathBeneath::new(descriptor, access))
}
