//! The kernel's side of the supervisor: `seccomp_unotify(2)`.

use std::fs;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt;

use rustix::io::Errno;

/// Longest address that is read; a UNIX address has 110 bytes (`unix(7)`).
const LONGEST: usize = 110;

/// The descriptor that the filter was installed with.
#[derive(Debug)]
pub(crate) struct Listener(OwnedFd);

/// One call that waits for an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Notice {
    id: u64,
    /// Thread that called.
    thread: u32,
    /// What it called.
    pub(crate) call: Call,
}

/// The calls that the filter hands over.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Call {
    /// `socket(AF_UNIX, kind, …)`, of type stream.
    Socket {
        /// Type and flags.
        kind: u32,
    },
    /// `connect(descriptor, address, length)`.
    Connect {
        /// Number in the caller's table.
        descriptor: u32,
        /// In the caller's memory.
        address: u64,
        /// As the caller says.
        length: u64,
    },
}

impl Listener {
    pub(crate) fn new(descriptor: OwnedFd) -> Self {
        Self(descriptor)
    }

    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// Waits for the next call.
    ///
    /// # Errors
    ///
    /// When the caller is gone already, or nobody is left under the filter.
    #[expect(clippy::cast_possible_truncation, reason = "the kernel takes the lower half of these arguments")]
    pub(crate) fn receive(&self) -> io::Result<Notice> {
        // SAFETY: plain integers; the kernel wants them zero.
        let mut raw: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        self.ioctl(libc::SECCOMP_IOCTL_NOTIF_RECV, &raw mut raw)?;
        let arguments = raw.data.args;
        let call = if libc::c_long::from(raw.data.nr) == libc::SYS_socket {
            Call::Socket { kind: arguments[1] as u32 }
        } else {
            Call::Connect {
                descriptor: arguments[0] as u32,
                address: arguments[1],
                length: arguments[2] & u64::from(u32::MAX),
            }
        };
        Ok(Notice { id: raw.id, thread: raw.pid, call })
    }

    /// Whether the caller still waits, so that what was read under its number was its own.
    pub(crate) fn is_waiting(&self, notice: &Notice) -> bool {
        let mut id = notice.id;
        self.ioctl(libc::SECCOMP_IOCTL_NOTIF_ID_VALID, &raw mut id).is_ok()
    }

    /// Lets the kernel carry the call out.
    pub(crate) fn proceed(&self, notice: &Notice) {
        let flags = u32::try_from(libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE).unwrap_or_default();
        self.answer(libc::seccomp_notif_resp { id: notice.id, val: 0, error: 0, flags });
    }

    /// Fails the call.
    pub(crate) fn refuse(&self, notice: &Notice, error: Errno) {
        let error = -error.raw_os_error();
        self.answer(libc::seccomp_notif_resp { id: notice.id, val: 0, error, flags: 0 });
    }

    /// The caller gets a copy of `descriptor`, and its number as the call's result.
    pub(crate) fn give(&self, notice: &Notice, descriptor: BorrowedFd<'_>, close_on_exec: bool) {
        if let Err(error) = self.add(notice, descriptor, libc::SECCOMP_ADDFD_FLAG_SEND, 0, close_on_exec) {
            self.refuse(notice, error);
        }
    }

    /// The caller gets a copy of `descriptor` in the place of its `number`, and 0 as the call's result.
    pub(crate) fn replace(
        &self,
        notice: &Notice,
        descriptor: BorrowedFd<'_>,
        number: u32,
        close_on_exec: bool,
    ) {
        match self.add(notice, descriptor, libc::SECCOMP_ADDFD_FLAG_SETFD, number, close_on_exec) {
            Ok(()) => self.answer(libc::seccomp_notif_resp { id: notice.id, val: 0, error: 0, flags: 0 }),
            Err(error) => self.refuse(notice, error),
        }
    }

    fn add(
        &self,
        notice: &Notice,
        descriptor: BorrowedFd<'_>,
        flags: libc::c_ulong,
        newfd: u32,
        close_on_exec: bool,
    ) -> Result<(), Errno> {
        let mut request = libc::seccomp_notif_addfd {
            id: notice.id,
            flags: u32::try_from(flags).unwrap_or_default(),
            srcfd: descriptor.as_raw_fd().cast_unsigned(),
            newfd,
            newfd_flags: if close_on_exec { libc::O_CLOEXEC.cast_unsigned() } else { 0 },
        };
        self.ioctl(libc::SECCOMP_IOCTL_NOTIF_ADDFD, &raw mut request)
    }

    fn answer(&self, mut response: libc::seccomp_notif_resp) {
        // It fails when the caller is gone, and then there is nobody to tell.
        let _ = self.ioctl(libc::SECCOMP_IOCTL_NOTIF_SEND, &raw mut response);
    }

    fn ioctl<T>(&self, request: libc::Ioctl, argument: *mut T) -> Result<(), Errno> {
        // SAFETY: every caller passes the struct that belongs to `request`, alive for the call.
        let result = unsafe { libc::ioctl(self.0.as_raw_fd(), request, argument) };
        if result < 0 {
            let code = io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO);
            return Err(Errno::from_raw_os_error(code));
        }
        Ok(())
    }
}

impl Notice {
    /// A copy of the caller's memory, cut to the longest UNIX address.
    ///
    /// # Errors
    ///
    /// When the kernel does not let us read it, or there is nothing.
    pub(crate) fn read(&self, address: u64, length: u64) -> io::Result<Vec<u8>> {
        let length = usize::try_from(length).unwrap_or(LONGEST).min(LONGEST);
        let mut bytes = vec![0; length];
        let memory = fs::File::open(format!("/proc/{}/mem", self.thread))?;
        memory.read_exact_at(&mut bytes, address)?;
        Ok(bytes)
    }

    /// Status flags and `O_CLOEXEC` of a descriptor of the caller (`proc_pid_fdinfo(5)`).
    ///
    /// # Errors
    ///
    /// When it is not open, or no socket.
    pub(crate) fn flags_of(&self, descriptor: u32) -> io::Result<libc::c_int> {
        let target = fs::read_link(format!("/proc/{}/fd/{descriptor}", self.thread))?;
        if !target.as_os_str().as_encoded_bytes().starts_with(b"socket:") {
            return Err(Errno::NOTSOCK.into());
        }
        let text = fs::read_to_string(format!("/proc/{}/fdinfo/{descriptor}", self.thread))?;
        let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
        flags
            .and_then(|flags| libc::c_int::from_str_radix(flags.trim(), 8).ok())
            .ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}
