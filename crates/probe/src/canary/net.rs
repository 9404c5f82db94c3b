//! One TCP connection attempt, and what its outcome says about the door.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};

use super::Verdict;
use super::schedule::Deadline;

// errno(3) on Linux, for which `ErrorKind` has no name or a coarser one.
const EPERM: i32 = 1;
const EACCES: i32 = 13;
const EINVAL: i32 = 22;
const EAFNOSUPPORT: i32 = 97;
const EADDRNOTAVAIL: i32 = 99;

/// How a packet to an address fared.
#[derive(Debug)]
pub(super) enum Reach {
    /// A connection stands.
    Connected(TcpStream),
    /// A refusal came back: the host was reached, or something between answered in its name.
    Refused,
    /// The kernel found no way to send.
    NoWay(io::Error),
    /// Nothing came back in time.
    Silent,
    /// The attempt itself went wrong.
    Broken(io::Error),
}

/// Tries a TCP connection.
pub(super) fn connect(address: SocketAddr, deadline: Deadline) -> Reach {
    match TcpStream::connect_timeout(&address, deadline.left()) {
        Ok(stream) => Reach::Connected(stream),
        Err(err) => classify(err, address.ip()),
    }
}

/// Whether the kernel would send to `ip`; asking sends nothing.
pub(super) fn route(ip: IpAddr) -> io::Result<IpAddr> {
    let socket = UdpSocket::bind(unspecified(ip))?;
    socket.connect(SocketAddr::new(ip, 9))?;
    Ok(socket.local_addr()?.ip())
}

/// The address to bind for sending to `ip`.
pub(super) fn unspecified(ip: IpAddr) -> SocketAddr {
    if ip.is_ipv4() { ([0; 4], 0).into() } else { ([0_u16; 8], 0).into() }
}

/// Sorts an error of a connection or datagram to `ip`.
pub(super) fn classify(err: io::Error, ip: IpAddr) -> Reach {
    match err.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => Reach::Refused,
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Reach::Silent,
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::NetworkDown => {
            Reach::NoWay(err)
        }
        _ => match err.raw_os_error() {
            // A `prohibit` or `blackhole` route, a packet filter, or no IPv6 in this kernel.
            Some(EPERM | EACCES | EINVAL | EAFNOSUPPORT) => Reach::NoWay(err),
            // No address to send from. With IPv4 it can also mean that the ports are used up.
            Some(EADDRNOTAVAIL) if ip.is_ipv6() => Reach::NoWay(err),
            _ => Reach::Broken(err),
        },
    }
}

/// The verdict on an address that must not be reachable.
///
/// `alive` says that it answers outside of the container; without that, silence proves nothing.
pub(super) fn judge(reach: &Reach, alive: bool) -> Verdict {
    match reach {
        Reach::Connected(_) => Verdict::fail("a connection was made"),
        Reach::Refused => Verdict::fail("refused: the packet reached a host that answered"),
        Reach::NoWay(err) => Verdict::pass(format!("no way out: {err}")),
        Reach::Silent if alive => Verdict::pass("no answer, although it answers outside of the container"),
        Reach::Silent => {
            Verdict::skip("no answer, but nothing is known to answer there, so silence proves nothing")
        }
        Reach::Broken(err) => Verdict::skip(format!("could not be tried: {err}")),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

    use super::*;
    use crate::canary::{DEADLINE, Status};

    const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
    const ENETUNREACH: i32 = 101;
    const ETIMEDOUT: i32 = 110;
    const ECONNREFUSED: i32 = 111;
    const EHOSTUNREACH: i32 = 113;
    const EMFILE: i32 = 24;

    fn status(errno: i32, ip: IpAddr, alive: bool) -> Status {
        judge(&classify(io::Error::from_raw_os_error(errno), ip), alive).status
    }

    #[test]
    fn only_proof_of_a_closed_door_passes() {
        for errno in [ENETUNREACH, EHOSTUNREACH, EPERM, EACCES, EINVAL, EAFNOSUPPORT] {
            assert_eq!(status(errno, V4, false), Status::Pass, "errno {errno}");
        }
        assert_eq!(status(ECONNREFUSED, V4, true), Status::Fail);
        assert_eq!(status(ETIMEDOUT, V4, true), Status::Pass);
        assert_eq!(status(ETIMEDOUT, V4, false), Status::Skip);
        assert_eq!(status(EMFILE, V4, true), Status::Skip);
    }

    #[test]
    fn ports_used_up_are_no_proof() {
        assert_eq!(status(EADDRNOTAVAIL, V4, true), Status::Skip);
        assert_eq!(status(EADDRNOTAVAIL, V6, true), Status::Pass);
    }

    #[test]
    fn an_open_door_and_a_host_behind_a_closed_port_both_fail() {
        let listener = TcpListener::bind("127.0.0.2:0").unwrap();
        let open = listener.local_addr().unwrap();
        let verdict = judge(&connect(open, Deadline::after(DEADLINE)), false);
        assert_eq!(verdict, Verdict::fail("a connection was made"));

        drop(listener);
        let verdict = judge(&connect(open, Deadline::after(DEADLINE)), false);
        assert_eq!(verdict.status, Status::Fail);
    }
}
