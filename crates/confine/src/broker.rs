//! UNIX sockets on request: a supervisor outside the walls connects, and hands the connected socket over.
//!
//! The command never holds a UNIX socket that it could connect itself. `socket` gives it one end of a dead pair as a
//! stand-in, and `connect` never runs in the kernel with an address of its choice: the supervisor reads the address once,
//! compares it with the sockets that were opened before the command started, and puts a connected socket in the place of the
//! stand-in. So `connect` on anything else may go on as it is, whatever another thread writes over the address.

mod notify;
mod socket;

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;

use rustix::io::Errno;
use rustix::net::{self, AddressFamily, SocketFlags, SocketType};

use notify::{Call, Listener, Notice};
use socket::Allowed;

/// The sockets that may be reached, pinned before anything confined runs.
#[derive(Debug)]
pub(crate) struct Broker {
    allowed: Vec<Allowed>,
}

impl Broker {
    /// Opens `paths`, absolute. What lies in one of the `writable` folders stays the socket that it is now.
    ///
    /// # Errors
    ///
    /// The path, and why it is no socket that can be offered.
    pub(crate) fn open(paths: &[PathBuf], writable: &[PathBuf]) -> Result<Self, (PathBuf, io::Error)> {
        let open = |path: &PathBuf| Allowed::open(path, writable).map_err(|error| (path.clone(), error));
        Ok(Self { allowed: paths.iter().map(open).collect::<Result<_, _>>()? })
    }

    fn find(&self, path: &[u8]) -> Option<&Allowed> {
        self.allowed.iter().find(|allowed| allowed.is_named(path))
    }
}

/// The supervisor's end of the filter.
#[derive(Debug)]
pub(crate) struct Service {
    listener: Arc<Listener>,
    broker: Arc<Broker>,
}

impl Service {
    pub(crate) fn new(listener: OwnedFd, broker: Broker) -> Self {
        Self { listener: Arc::new(Listener::new(listener)), broker: Arc::new(broker) }
    }

    /// Readable when [`answer_one`](Self::answer_one) has something to do.
    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }

    /// Takes one call and answers it; a connection that may wait is answered by a thread.
    pub(crate) fn answer_one(&self) {
        // A caller that is gone by now needs no answer.
        let Ok(notice) = self.listener.receive() else { return };
        match notice.call {
            Call::Socket { kind } => self.stand_in(&notice, kind),
            Call::Connect { descriptor, address, length } => {
                self.connect(&notice, descriptor, address, length);
            }
        }
    }

    /// One end of a stream pair whose other end is closed: of the right family and type, and good for nothing.
    fn stand_in(&self, notice: &Notice, kind: u32) {
        let made = net::socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)
            .and_then(|(end, _)| {
                set_nonblocking(&end, kind & SocketFlags::NONBLOCK.bits() != 0).map(|()| end)
            });
        match made {
            Ok(end) => self.listener.give(notice, end.as_fd(), kind & SocketFlags::CLOEXEC.bits() != 0),
            Err(error) => self.listener.refuse(notice, error),
        }
    }

    fn connect(&self, notice: &Notice, descriptor: u32, address: u64, length: u64) {
        // What cannot be read is no UNIX address that could be served, and the kernel knows what to say about it.
        let Ok(address) = notice.read(address, length) else { return self.listener.proceed(notice) };
        if !self.listener.is_waiting(notice) {
            return;
        }
        let Some(path) = unix_path(&address) else { return self.listener.proceed(notice) };
        if self.broker.find(path).is_none() {
            return self.listener.refuse(notice, Errno::ACCESS);
        }
        let Ok(flags) = notice.flags_of(descriptor) else {
            return self.listener.refuse(notice, Errno::NOTSOCK);
        };
        let (service, notice, path) = (self.clone(), *notice, path.to_vec());
        let answer = move || {
            let nonblocking = flags & libc::O_NONBLOCK != 0;
            let connected = service.broker.find(&path).ok_or(Errno::ACCESS).and_then(|allowed| {
                let socket = allowed.connect(nonblocking)?;
                set_nonblocking(&socket, nonblocking)?;
                Ok(socket)
            });
            match connected {
                Ok(socket) => {
                    let close_on_exec = flags & libc::O_CLOEXEC != 0;
                    service.listener.replace(&notice, socket.as_fd(), descriptor, close_on_exec);
                }
                Err(error) => service.listener.refuse(&notice, error),
            }
        };
        // The caller waits in the kernel, so there are never more of these than it has threads.
        if std::thread::Builder::new().spawn(answer).is_err() {
            self.listener.refuse(&notice, Errno::AGAIN);
        }
    }
}

impl Clone for Service {
    fn clone(&self) -> Self {
        Self { listener: Arc::clone(&self.listener), broker: Arc::clone(&self.broker) }
    }
}

/// The path in a UNIX address, empty for one without (unnamed or abstract); `None` for other families.
fn unix_path(address: &[u8]) -> Option<&[u8]> {
    let (family, path) = address.split_first_chunk::<2>()?;
    (u16::from_ne_bytes(*family) == AddressFamily::UNIX.as_raw())
        .then(|| path.split(|byte| *byte == 0).next().unwrap_or_default())
}

fn set_nonblocking(descriptor: &impl AsFd, wanted: bool) -> rustix::io::Result<()> {
    rustix::io::ioctl_fionbio(descriptor, wanted)
}

/// Where a descriptor of this process can be named as a file.
fn own_path(descriptor: &impl AsRawFd) -> String {
    format!("/proc/self/fd/{}", descriptor.as_raw_fd())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_the_kernel_reads_them() {
        let unix = |rest: &[u8]| [&AddressFamily::UNIX.as_raw().to_ne_bytes()[..], rest].concat();
        assert_eq!(unix_path(&unix(b"/run/a\0garbage")), Some(&b"/run/a"[..]));
        assert_eq!(unix_path(&unix(b"/run/a")), Some(&b"/run/a"[..]));
        assert_eq!(unix_path(&unix(b"\0abstract")), Some(&b""[..]));
        assert_eq!(unix_path(&unix(b"")), Some(&b""[..]));
        assert_eq!(unix_path(&AddressFamily::INET.as_raw().to_ne_bytes()), None);
        assert_eq!(unix_path(&[1]), None);
    }
}
