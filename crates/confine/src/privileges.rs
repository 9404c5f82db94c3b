//! No new privileges, and of the old ones only those that ordinary work as root needs.
//!
//! Capabilities matter even under Landlock: a process with `CAP_PERFMON` or `CAP_SYS_ADMIN` reads the memory and
//! environment of others without asking the ptrace hooks (`may_access_mm`, Linux 6.13).

use std::io;

use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, capability_is_in_bounding_set, clear_ambient_capability_set,
    remove_capability_from_bounding_set, set_capabilities, set_no_new_privs,
};

/// The default set of container engines without `MKNOD` and `NET_RAW`.
const KEPT: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETUID)
    .union(CapabilitySet::SETFCAP)
    .union(CapabilitySet::SETPCAP)
    .union(CapabilitySet::NET_BIND_SERVICE)
    .union(CapabilitySet::SYS_CHROOT)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::AUDIT_WRITE);

/// Gives the rest up, for good.
///
/// # Errors
///
/// When this process has a capability that it may not take out of the bounding set.
pub(crate) fn give_up() -> io::Result<()> {
    set_no_new_privs(true)?;
    clear_ambient_capability_set()?;
    let sets = capabilities(None)?;
    let held = sets.permitted;
    for capability in CapabilitySet::all().iter() {
        // A number that this kernel does not know is neither held nor in the set.
        if KEPT.contains(capability) || !capability_is_in_bounding_set(capability).unwrap_or(false) {
            continue;
        }
        match remove_capability_from_bounding_set(capability) {
            // Without `SETPCAP` nothing can be removed; an ordinary user holds none that would survive.
            Err(error) if held.contains(capability) => return Err(error.into()),
            _ => {}
        }
    }
    // The bounding set counts from the next program on; this one may go on, to try the walls.
    set_capabilities(
        None,
        CapabilitySets {
            effective: sets.effective & KEPT,
            permitted: sets.permitted & KEPT,
            inheritable: sets.inheritable & KEPT,
        },
    )?;
    Ok(())
}
