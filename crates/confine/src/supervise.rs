//! A parent that stays outside the walls for as long as the command runs, and is not noticed otherwise.
//!
//! The command is in the same process group and session, so the terminal's own signals reach it without help. What is
//! sent to the parent alone is passed on, a stopped command stops the parent too (otherwise the shell would wait for
//! ever), and the parent ends as the command ended.

mod signals;

use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, SocketFlags, SocketType};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus};

use crate::broker::{Broker, Service};
use signals::Signals;

/// Which side of the fork this is.
pub(crate) enum Side {
    /// Raise the walls, hand the listener over, become the command.
    Command(Handover),
    /// The command has ended with this exit code.
    Supervisor(u8),
}

/// The way to the supervisor.
pub(crate) struct Handover(OwnedFd);

impl Handover {
    /// Sends the filter's listener.
    ///
    /// # Errors
    ///
    /// When the supervisor is gone.
    pub(crate) fn send(self, listener: &OwnedFd) -> io::Result<()> {
        let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = net::SendAncillaryBuffer::new(&mut space);
        let descriptors = [listener.as_fd()];
        control.push(net::SendAncillaryMessage::ScmRights(&descriptors));
        net::sendmsg(&self.0, &[io::IoSlice::new(b"l")], &mut control, net::SendFlags::NOSIGNAL)?;
        Ok(())
    }
}

/// Splits this process in two. Call it from the only thread.
///
/// # Errors
///
/// When the kernel has no process, descriptor or signal mask for us. Nothing was started then.
pub(crate) fn split(broker: Broker) -> io::Result<Side> {
    let (theirs, ours) =
        net::socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    // Double forks end up here, and are still descendants to a kernel that lets only ancestors read memory (Yama).
    let own = rustix::process::getpid();
    rustix::process::set_child_subreaper(Some(own))?;
    let signals = Signals::block()?;
    // SAFETY: there is only this thread, so the child finds every lock free.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            signals.restore();
            rustix::process::set_child_subreaper(None)?;
            drop(ours);
            Ok(Side::Command(Handover(theirs)))
        }
        child => {
            drop(theirs);
            let child = Pid::from_raw(child).ok_or_else(|| io::Error::other("no process id"))?;
            let listener = receive(&ours);
            let service = listener.map(|listener| Service::new(listener, broker));
            Ok(Side::Supervisor(attend(child, &signals, service)?))
        }
    }
}

/// The listener; `None` when the command's side could not raise its walls, which it reports itself.
fn receive(from: &OwnedFd) -> Option<OwnedFd> {
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = net::RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let flags = net::RecvFlags::CMSG_CLOEXEC;
    loop {
        match net::recvmsg(from, &mut [io::IoSliceMut::new(&mut byte)], &mut control, flags) {
            Err(Errno::INTR) => {}
            Err(_) => return None,
            Ok(_) => break,
        }
    }
    control.drain().find_map(|message| match message {
        net::RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    })
}

/// Answers and passes on until the command has ended.
fn attend(child: Pid, signals: &Signals, mut service: Option<Service>) -> io::Result<u8> {
    loop {
        let (mut calls, mut told) = (false, false);
        {
            let mut watched = vec![PollFd::new(signals, PollFlags::IN)];
            let listener = service.as_ref().map(Service::as_fd);
            watched.extend(listener.as_ref().map(|listener| PollFd::new(listener, PollFlags::IN)));
            match poll(&mut watched, None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            told |= watched[0].revents().contains(PollFlags::IN);
            if let Some(listener) = watched.get(1) {
                calls |= listener.revents().contains(PollFlags::IN);
                if listener.revents().intersects(PollFlags::HUP | PollFlags::ERR) && !calls {
                    drop(watched);
                    service = None; // Nobody is left under the filter.
                }
            }
        }
        if calls && let Some(service) = &service {
            service.answer_one();
        }
        if told && let Some(code) = on_signal(child, signals)? {
            return Ok(code);
        }
    }
}

/// Deals with one signal; the exit code when the command has ended.
fn on_signal(child: Pid, signals: &Signals) -> io::Result<Option<u8>> {
    let Some(arrived) = signals.next()? else { return Ok(None) };
    if arrived.signal != libc::SIGCHLD {
        // The terminal has told the command itself; what a process sent was meant for it as well.
        if arrived.by_process || arrived.signal == libc::SIGCONT {
            forward(child, arrived.signal);
        }
        return Ok(None);
    }
    let options = WaitOptions::NOHANG | WaitOptions::UNTRACED;
    // Every child, as orphans of the command come here too.
    while let Ok(Some((pid, status))) = rustix::process::wait(options) {
        if pid == child {
            if status.stopped() {
                // Goes on when the shell continues the job.
                rustix::process::kill_process(rustix::process::getpid(), Signal::STOP)?;
                forward(child, libc::SIGCONT);
            } else {
                return Ok(Some(ended(status, signals)));
            }
        }
    }
    Ok(None)
}

fn forward(child: Pid, signal: libc::c_int) {
    // SAFETY: a number and a process id, no memory.
    unsafe { libc::kill(child.as_raw_nonzero().get(), signal) };
}

/// The exit code; after a signal this process ends by the same one, as shells tell the difference.
fn ended(status: WaitStatus, signals: &Signals) -> u8 {
    if let Some(signal) = status.terminating_signal() {
        signals.end_by(signal);
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status.exit_status().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

/// Takes over a descriptor that the kernel just made, or its error.
fn owned(descriptor: libc::c_int) -> io::Result<OwnedFd> {
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the caller passes the direct result of a call that makes a descriptor.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

impl std::fmt::Debug for Handover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Handover").field(&self.0.as_raw_fd()).finish()
    }
}
