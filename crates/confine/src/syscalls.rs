//! The system calls that a confined command does not get.
//!
//! Three stacked filters: foreign system-call tables are killed, sockets of the bridge answer `EACCES`, reaching
//! into other processes answers `EPERM`. Numbers are those of the kernel's tables
//! `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, sock_filter,
};

const EPERM: u32 = 1;
const EACCES: u32 = 13;
const ENOSYS: u32 = 38;

const AF_UNIX: u64 = 1;
const AF_NETLINK: u64 = 16;
const AF_PACKET: u64 = 17;
const AF_VSOCK: u64 = 40;
/// Interface addresses and routes: `getaddrinfo` and every JVM ask for them.
const NETLINK_ROUTE: u64 = 0;

/// System-call numbers of one architecture.
struct Table {
    arch: TargetArch,
    /// `AUDIT_ARCH_*` of `linux/audit.h`.
    audit: u32,
    socket: i64,
    reach: &'static [i64],
    rings: &'static [i64],
}

/// `ptrace, process_vm_readv, process_vm_writev, pidfd_getfd, kcmp, process_madvise, perf_event_open, bpf`.
#[cfg(target_arch = "x86_64")]
const TABLE: Table = Table {
    arch: TargetArch::x86_64,
    audit: 0xC000_003E,
    socket: 41,
    reach: &[101, 310, 311, 438, 312, 440, 298, 321],
    rings: &[425, 426, 427],
};

/// As for x86_64, numbers of `asm-generic/unistd.h`.
#[cfg(target_arch = "aarch64")]
const TABLE: Table = Table {
    arch: TargetArch::aarch64,
    audit: 0xC000_00B7,
    socket: 198,
    reach: &[117, 270, 271, 438, 272, 440, 241, 280],
    rings: &[425, 426, 427],
};

/// Whether UNIX sockets are already denied to this process, by walls like these.
pub(crate) fn are_filtered() -> bool {
    use rustix::net::{AddressFamily, SocketType, socket};
    matches!(socket(AddressFamily::UNIX, SocketType::STREAM, None), Err(rustix::io::Errno::ACCESS))
}

/// Installs the filters on this thread for good. Needs `no_new_privs`.
///
/// # Errors
///
/// When the kernel refuses: too old, built without seccomp, or a filter of the container forbids it.
pub(crate) fn install() -> Result<(), seccompiler::Error> {
    for program in [own_table_only(), sockets()?, reach()?, rings()?] {
        seccompiler::apply_filter(&program)?;
    }
    Ok(())
}

/// Kills calls through another system-call table (32-bit, x32): the other filters do not see those numbers.
fn own_table_only() -> BpfProgram {
    const LOAD: u16 = 0x20;
    const JUMP_EQUAL: u16 = 0x15;
    const JUMP_AT_LEAST: u16 = 0x35;
    const RETURN: u16 = 0x06;
    const KILL_PROCESS: u32 = 0x8000_0000;
    const ALLOW: u32 = 0x7FFF_0000;
    const X32_BIT: u32 = 0x4000_0000;
    let line = |code, jt, jf, k| sock_filter { code, jt, jf, k };
    vec![
        line(LOAD, 0, 0, 4), // seccomp_data.arch
        line(JUMP_EQUAL, 0, 2, TABLE.audit),
        line(LOAD, 0, 0, 0), // seccomp_data.nr
        line(JUMP_AT_LEAST, 0, 1, X32_BIT),
        line(RETURN, 0, 0, KILL_PROCESS),
        line(RETURN, 0, 0, ALLOW),
    ]
}

fn sockets() -> Result<BpfProgram, seccompiler::Error> {
    let family = |value| SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value);
    let mut rules = Vec::new();
    for denied in [AF_UNIX, AF_PACKET, AF_VSOCK] {
        rules.push(SeccompRule::new(vec![family(denied)?])?);
    }
    let other_protocol = SeccompCondition::new(2, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, NETLINK_ROUTE)?;
    rules.push(SeccompRule::new(vec![family(AF_NETLINK)?, other_protocol])?);
    compile(BTreeMap::from([(TABLE.socket, rules)]), EACCES)
}

fn reach() -> Result<BpfProgram, seccompiler::Error> {
    compile(TABLE.reach.iter().map(|number| (*number, Vec::new())).collect(), EPERM)
}

/// `io_uring` opens sockets without the `socket` call; `ENOSYS` is what its users fall back on.
fn rings() -> Result<BpfProgram, seccompiler::Error> {
    compile(TABLE.rings.iter().map(|number| (*number, Vec::new())).collect(), ENOSYS)
}

fn compile(rules: BTreeMap<i64, Vec<SeccompRule>>, errno: u32) -> Result<BpfProgram, seccompiler::Error> {
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(errno), TABLE.arch)?;
    Ok(filter.try_into()?)
}
