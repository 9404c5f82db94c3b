//! Signals as a descriptor, so that one loop waits for them and for calls.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// Signals that a user, a shell or an editor sends to a program; the rest has its default effect.
const TAKEN: &[libc::c_int] = &[
    libc::SIGCHLD,
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGTERM,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGALRM,
    libc::SIGTSTP,
    libc::SIGTTIN,
    libc::SIGTTOU,
    libc::SIGCONT,
    libc::SIGWINCH,
];

/// The taken signals, blocked and readable.
pub(crate) struct Signals {
    descriptor: OwnedFd,
    before: libc::sigset_t,
}

/// One signal.
pub(crate) struct Arrived {
    /// Its number.
    pub(crate) signal: libc::c_int,
    /// Whether a process sent it to this one; the terminal sends to the whole group.
    pub(crate) by_process: bool,
}

impl Signals {
    /// Blocks them.
    ///
    /// # Errors
    ///
    /// Without a descriptor for them.
    pub(crate) fn block() -> io::Result<Self> {
        let mut set = MaybeUninit::uninit();
        let mut before = MaybeUninit::uninit();
        // SAFETY: `sigemptyset` and `sigprocmask` fill the sets before they are read; the calls keep no pointer.
        unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            for signal in TAKEN {
                libc::sigaddset(set.as_mut_ptr(), *signal);
            }
            let flags = libc::SFD_CLOEXEC | libc::SFD_NONBLOCK;
            let descriptor = super::owned(libc::signalfd(-1, set.as_ptr(), flags))?;
            if libc::sigprocmask(libc::SIG_BLOCK, set.as_ptr(), before.as_mut_ptr()) < 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(Self { descriptor, before: before.assume_init() })
        }
    }

    /// The mask that was in force before, for the command.
    pub(crate) fn restore(&self) {
        // SAFETY: `before` was filled by `sigprocmask`.
        unsafe { libc::sigprocmask(libc::SIG_SETMASK, &raw const self.before, std::ptr::null_mut()) };
    }

    /// The next one, if any waits.
    ///
    /// # Errors
    ///
    /// When the descriptor cannot be read.
    pub(crate) fn next(&self) -> io::Result<Option<Arrived>> {
        let mut info = MaybeUninit::<libc::signalfd_siginfo>::zeroed();
        let size = size_of::<libc::signalfd_siginfo>();
        // SAFETY: the buffer has `size` bytes and every bit pattern is a valid value.
        let (read, info) = unsafe {
            let read = libc::read(self.descriptor.as_raw_fd(), info.as_mut_ptr().cast(), size);
            (read, info.assume_init())
        };
        if usize::try_from(read) == Ok(size) {
            let by_process = matches!(info.ssi_code, libc::SI_USER | libc::SI_QUEUE | libc::SI_TKILL);
            return Ok(Some(Arrived { signal: info.ssi_signo.cast_signed(), by_process }));
        }
        let error = io::Error::last_os_error();
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Ok(None),
            _ => Err(error),
        }
    }

    /// Ends this process by `signal`, without a second core file. Returns when the signal does not end it.
    pub(crate) fn end_by(&self, signal: libc::c_int) {
        let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
        let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
        // SAFETY: numbers only; the default action needs no handler.
        unsafe {
            libc::signal(signal, libc::SIG_DFL);
            libc::kill(libc::getpid(), signal);
        }
        self.restore();
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}
