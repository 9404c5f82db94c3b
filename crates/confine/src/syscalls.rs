//! The system calls that a confined command does not get.
//!
//! Stacked filters: foreign system-call tables are killed, sockets of the bridge answer `EACCES`, reaching
//! into other processes or the terminal's input answers `EPERM`. Numbers are those of the kernel's tables
//! `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{FromRawFd, OwnedFd};

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, sock_filter,
};

const EPERM: u32 = 1;
const EACCES: u32 = 13;
const ENOSYS: u32 = 38;

const AF_UNIX: u64 = 1;
const AF_INET: u64 = 2;
const AF_INET6: u64 = 10;
const AF_NETLINK: u64 = 16;
/// The part of a socket's type that is no flag.
const TYPE_MASK: u64 = 0xf;
const SOCK_STREAM: u32 = 1;
const SOCK_DGRAM: u64 = 2;
/// Becomes `SOCK_DGRAM` in the family `AF_UNIX` (`unix_create`).
const SOCK_RAW: u64 = 3;
const IPPROTO_SCTP: u64 = 132;
const IPPROTO_MPTCP: u64 = 262;
/// Type into the terminal's input (`ioctl_tty(2)`), as if the user had.
const TERMINAL_INPUT: &[u64] = &[0x5412, 0x541c];
/// Interface addresses and routes: `getaddrinfo` and every JVM ask for them.
const NETLINK_ROUTE: u64 = 0;

/// System-call numbers of one architecture.
struct Table {
    arch: TargetArch,
    /// `AUDIT_ARCH_*` of `linux/audit.h`.
    audit: u32,
    socket: i64,
    connect: i64,
    socketpair: i64,
    ioctl: i64,
    reach: &'static [i64],
    rings: &'static [i64],
}

/// `ptrace, process_vm_readv, process_vm_writev, pidfd_getfd, kcmp, process_madvise, perf_event_open, bpf`.
#[cfg(target_arch = "x86_64")]
const TABLE: Table = Table {
    arch: TargetArch::x86_64,
    audit: 0xC000_003E,
    socket: 41,
    connect: 42,
    socketpair: 53,
    ioctl: 16,
    reach: &[101, 310, 311, 438, 312, 440, 298, 321],
    rings: &[425, 426, 427],
};

/// As for x86_64, numbers of `asm-generic/unistd.h`.
#[cfg(target_arch = "aarch64")]
const TABLE: Table = Table {
    arch: TargetArch::aarch64,
    audit: 0xC000_00B7,
    socket: 198,
    connect: 203,
    socketpair: 199,
    ioctl: 29,
    reach: &[117, 270, 271, 438, 272, 440, 241, 280],
    rings: &[425, 426, 427],
};

/// Whether this kernel has filters (`PR_GET_SECCOMP(2const)`).
pub(crate) fn are_available() -> bool {
    // SAFETY: no memory is passed.
    unsafe { libc::prctl(libc::PR_GET_SECCOMP) >= 0 }
}

/// Whether UNIX sockets are already denied to this process, by walls like these.
pub(crate) fn are_filtered() -> bool {
    use rustix::net::{AddressFamily, SocketType, socket};
    matches!(socket(AddressFamily::UNIX, SocketType::STREAM, None), Err(rustix::io::Errno::ACCESS))
}

/// What the filters leave open beyond the common set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Openings {
    /// Whether a supervisor answers for UNIX sockets; it gets the listener.
    pub(crate) broker: bool,
    /// Whether TCP ports are limited: then so are the protocols that Landlock does not take for TCP.
    pub(crate) ports: bool,
}

/// Installs the filters on this thread for good, and returns the supervisor's listener when there is to be one.
/// Needs `no_new_privs`.
///
/// # Errors
///
/// When the kernel refuses: too old, built without seccomp, or a filter of the container forbids it.
pub(crate) fn install(openings: Openings) -> Result<Option<OwnedFd>, seccompiler::Error> {
    for program in [own_table_only(), sockets(openings)?, reach()?, rings()?] {
        seccompiler::apply_filter(&program)?;
    }
    openings.broker.then(|| listen(&brokered()).map_err(seccompiler::Error::Seccomp)).transpose()
}

/// As `seccompiler::apply_filter`, which knows no listeners.
fn listen(program: &[sock_filter]) -> io::Result<OwnedFd> {
    let program = libc::sock_fprog {
        len: u16::try_from(program.len()).map_err(io::Error::other)?,
        // Same layout: both mirror the kernel's struct; the kernel only reads it.
        filter: program.as_ptr().cast_mut().cast(),
    };
    // Without the second flag a signal, such as those of Go's scheduler, starts the call anew and the answer gets lost.
    let flags = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    // SAFETY: `program` and what it points to outlive the call.
    let descriptor =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program) };
    match i32::try_from(descriptor) {
        // SAFETY: the kernel just made this descriptor for us.
        Ok(descriptor) if descriptor >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(descriptor) }),
        _ => Err(io::Error::last_os_error()),
    }
}

const LOAD: u16 = 0x20;
const AND: u16 = 0x54;
const JUMP_EQUAL: u16 = 0x15;
const JUMP_AT_LEAST: u16 = 0x35;
const RETURN: u16 = 0x06;
const ALLOW: u32 = 0x7FFF_0000;
const KILL_PROCESS: u32 = 0x8000_0000;
/// Offsets in `seccomp_data`; of arguments the lower half, on both architectures the first.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const ARGUMENT_0: u32 = 16;
const ARGUMENT_1: u32 = 24;

const fn line(code: u16, jt: u8, jf: u8, k: u32) -> sock_filter {
    sock_filter { code, jt, jf, k }
}

/// Kills calls through another system-call table (32-bit, x32): the other filters do not see those numbers.
fn own_table_only() -> BpfProgram {
    const X32_BIT: u32 = 0x4000_0000;
    vec![
        line(LOAD, 0, 0, ARCHITECTURE),
        line(JUMP_EQUAL, 0, 2, TABLE.audit),
        line(LOAD, 0, 0, NUMBER),
        line(JUMP_AT_LEAST, 0, 1, X32_BIT),
        line(RETURN, 0, 0, KILL_PROCESS),
        line(RETURN, 0, 0, ALLOW),
    ]
}

/// Hands `connect` and the making of UNIX stream sockets to the supervisor; UNIX sockets of other types are denied.
fn brokered() -> BpfProgram {
    let number = |number: i64| u32::try_from(number).expect("system-call numbers are small");
    let lower = |value: u64| u32::try_from(value).expect("a small constant");
    vec![
        line(LOAD, 0, 0, NUMBER),
        line(JUMP_EQUAL, 7, 0, number(TABLE.connect)),
        line(JUMP_EQUAL, 0, 7, number(TABLE.socket)),
        line(LOAD, 0, 0, ARGUMENT_0),
        line(JUMP_EQUAL, 0, 5, lower(AF_UNIX)),
        line(LOAD, 0, 0, ARGUMENT_1),
        line(AND, 0, 0, lower(TYPE_MASK)),
        line(JUMP_EQUAL, 1, 0, SOCK_STREAM),
        line(RETURN, 0, 0, libc::SECCOMP_RET_ERRNO | EACCES),
        line(RETURN, 0, 0, libc::SECCOMP_RET_USER_NOTIF),
        line(RETURN, 0, 0, ALLOW),
    ]
}

/// No socket of a family or type that reaches the bridge. A pair is connected and stays so, except one of datagrams,
/// which takes another address at any time.
fn sockets(openings: Openings) -> Result<BpfProgram, seccompiler::Error> {
    use SeccompCmpOp::{Eq, MaskedEq, Ne};
    let compare = |argument, operation, value| {
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operation, value)
    };
    let mut other_family =
        vec![compare(0, Ne, AF_INET)?, compare(0, Ne, AF_INET6)?, compare(0, Ne, AF_NETLINK)?];
    if openings.broker {
        other_family.push(compare(0, Ne, AF_UNIX)?);
    }
    let mut socket = vec![
        SeccompRule::new(other_family)?,
        SeccompRule::new(vec![compare(0, Eq, AF_NETLINK)?, compare(2, Ne, NETLINK_ROUTE)?])?,
    ];
    if openings.ports {
        for protocol in [IPPROTO_MPTCP, IPPROTO_SCTP] {
            let family = compare(0, Ne, AF_NETLINK)?;
            socket.push(SeccompRule::new(vec![family, compare(2, Eq, protocol)?])?);
        }
    }
    let mut pair = Vec::new();
    for kind in [SOCK_DGRAM, SOCK_RAW] {
        pair.push(SeccompRule::new(vec![compare(1, MaskedEq(TYPE_MASK), kind)?])?);
    }
    compile(BTreeMap::from([(TABLE.socket, socket), (TABLE.socketpair, pair)]), EACCES)
}

fn reach() -> Result<BpfProgram, seccompiler::Error> {
    let mut rules: BTreeMap<_, _> = TABLE.reach.iter().map(|number| (*number, Vec::new())).collect();
    let mut input = Vec::new();
    for request in TERMINAL_INPUT {
        // The kernel looks at the lower half alone.
        let request = SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, *request)?;
        input.push(SeccompRule::new(vec![request])?);
    }
    rules.insert(TABLE.ioctl, input);
    compile(rules, EPERM)
}

/// `io_uring` opens sockets without the `socket` call; `ENOSYS` is what its users fall back on.
fn rings() -> Result<BpfProgram, seccompiler::Error> {
    compile(TABLE.rings.iter().map(|number| (*number, Vec::new())).collect(), ENOSYS)
}

fn compile(rules: BTreeMap<i64, Vec<SeccompRule>>, errno: u32) -> Result<BpfProgram, seccompiler::Error> {
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(errno), TABLE.arch)?;
    Ok(filter.try_into()?)
}
