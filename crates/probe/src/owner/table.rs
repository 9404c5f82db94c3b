//! Reads `/proc/net/tcp` and `tcp6` (proc(5)): addresses in hexadecimal, words in host byte order.

use std::fs::File;
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

/// 32 MiB hold 200 000 connections.
const MAX_TABLE: u64 = 32 * 1024 * 1024;
/// The state of a listening socket; it is not a connection.
const LISTEN: &str = "0A";

/// The socket behind a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Socket {
    pub(super) inode: u64,
    pub(super) uid: u32,
}

/// The socket with `port` on the near side and `remote` on the far side.
///
/// Closed connections (`TIME_WAIT`) have inode 0 and no owner; they are passed over.
pub(super) fn find(proc: &Path, port: u16, remote: Option<SocketAddr>) -> Option<Socket> {
    ["net/tcp", "net/tcp6"].iter().find_map(|table| {
        let mut text = Vec::new();
        File::open(proc.join(table)).ok()?.take(MAX_TABLE).read_to_end(&mut text).ok()?;
        // A cut line at the end parses as nothing.
        String::from_utf8_lossy(&text).lines().skip(1).find_map(|line| matching(line, port, remote))
    })
}

/// Every listening socket, at most `most`.
pub(crate) fn listening(proc: &Path, most: usize) -> Vec<(SocketAddr, u64)> {
    let mut found = Vec::new();
    for table in ["net/tcp", "net/tcp6"] {
        let mut text = Vec::new();
        let Ok(file) = File::open(proc.join(table)) else { continue };
        if file.take(MAX_TABLE).read_to_end(&mut text).is_err() {
            continue;
        }
        let text = String::from_utf8_lossy(&text);
        let listener = |line: &str| {
            let fields: Vec<&str> = line.split_ascii_whitespace().take(10).collect();
            let [_, local, _, LISTEN, .., inode] = fields[..] else { return None };
            Some((address(local)?, inode.parse().ok()?))
        };
        found.extend(text.lines().skip(1).filter_map(listener).take(most.saturating_sub(found.len())));
    }
    found
}

fn matching(line: &str, port: u16, remote: Option<SocketAddr>) -> Option<Socket> {
    let mut fields = line.split_ascii_whitespace();
    let _slot = fields.next()?;
    let local = address(fields.next()?)?;
    let far = address(fields.next()?)?;
    let state = fields.next()?;
    if local.port() != port || state == LISTEN || remote.is_some_and(|remote| !same(far, remote)) {
        return None;
    }
    // After the state: queues, timer, retransmits, uid, timeout, inode.
    let uid = fields.nth(3)?.parse().ok()?;
    let inode = fields.nth(1)?.parse().ok().filter(|inode| *inode != 0)?;
    Some(Socket { inode, uid })
}

fn same(one: SocketAddr, other: SocketAddr) -> bool {
    one.port() == other.port() && one.ip().to_canonical() == other.ip().to_canonical()
}

fn address(field: &str) -> Option<SocketAddr> {
    let (ip, port) = field.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let ip = match ip.len() {
        8 => IpAddr::from(Ipv4Addr::from(word(ip)?)),
        32 => {
            let mut octets = [0; 16];
            for (index, chunk) in octets.chunks_exact_mut(4).enumerate() {
                chunk.copy_from_slice(&word(ip.get(index * 8..index * 8 + 8)?)?);
            }
            IpAddr::from(Ipv6Addr::from(octets))
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// Eight digits are one word, printed as a number; in memory it is in network order.
fn word(digits: &str) -> Option<[u8; 4]> {
    u32::from_str_radix(digits, 16).ok().map(u32::to_ne_bytes)
}
