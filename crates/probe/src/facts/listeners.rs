//! Listening TCP ports and who holds them.

use drawbridge_bridge::facts::ListenerFact;

use super::{Search, head, text};
use crate::owner::{holders, table};

const MAX_LISTENERS: usize = 1024;

pub(super) fn find(search: &Search<'_>) -> Vec<ListenerFact> {
    let listening = table::listening(search.proc, MAX_LISTENERS);
    let inodes: Vec<u64> = listening.iter().map(|(_, inode)| *inode).collect();
    let holders = holders::of_all(search.proc, &inodes, search.deadline);
    let name = |inode: &u64| {
        let pid = holders.get(inode)?;
        let name = head(&search.proc.join(pid.to_string()).join("comm"), 64)?;
        Some(text(String::from_utf8_lossy(&name).trim_end_matches('\n')))
    };
    let fact = |(address, inode): &(std::net::SocketAddr, u64)| ListenerFact {
        address: address.ip().to_canonical().to_string(),
        port: address.port(),
        process: name(inode),
    };
    listening.iter().map(fact).collect()
}
