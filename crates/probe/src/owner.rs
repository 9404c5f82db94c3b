//! Which process owns a TCP connection: `/proc/net/tcp` names the socket's inode, `/proc/PID/fd` who holds it.

use std::io::{self, BufRead, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

pub(crate) mod holders;
pub(crate) mod table;

/// When the search is given up. It takes a few milliseconds; on a machine that is out of breath the
/// sidecar holds a connection for 500 ms.
const BUDGET: Duration = Duration::from_millis(250);
/// The longest line of standard input that is read.
const MAX_LINE: u64 = 256;

/// The process that holds a socket. All text is as the process wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its number in the container.
    pub pid: u32,
    /// The target of `/proc/PID/exe`, when it can be read.
    pub exe: Option<String>,
    /// The first word of its command line, which it can set to anything.
    pub cmdline0: Option<String>,
}

/// What one line of [`owners`] says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The local port that was asked for.
    pub port: u16,
    /// The user id that opened the socket; known even when no process can be named.
    pub uid: Option<u32>,
    /// The owner.
    #[serde(flatten)]
    pub process: Option<Process>,
}

/// Where to look; `/proc` outside of tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proc(PathBuf);

impl Default for Proc {
    fn default() -> Self {
        Self(PathBuf::from("/proc"))
    }
}

impl Proc {
    /// A `/proc` at another place.
    pub fn at(root: &Path) -> Self {
        Self(root.to_owned())
    }

    pub(crate) fn root(&self) -> &Path {
        &self.0
    }

    /// Listening TCP sockets, at most `most`, each with the oldest process that holds it.
    ///
    /// A socket whose holder cannot be named, in time or at all, is left out.
    pub fn listeners(&self, most: usize, budget: Duration) -> Vec<(SocketAddr, u32)> {
        let listening = table::listening(&self.0, most);
        let inodes: Vec<u64> = listening.iter().map(|(_, inode)| *inode).collect();
        let holders = holders::of_all(&self.0, &inodes, Instant::now() + budget);
        listening.into_iter().filter_map(|(at, inode)| Some((at, *holders.get(&inode)?))).collect()
    }

    /// See [`of_tcp`]. The uid of the socket comes with it.
    ///
    /// Gives up after 250 ms, because a connection is held while this runs.
    pub fn owner(&self, local_port: u16, remote: Option<SocketAddr>) -> Answer {
        let deadline = Instant::now() + BUDGET;
        let socket = table::find(&self.0, local_port, remote);
        let process = socket
            .and_then(|socket| holders::first(&self.0, socket.inode, deadline))
            .map(|pid| holders::describe(&self.0, pid));
        Answer { port: local_port, uid: socket.map(|socket| socket.uid), process }
    }
}

/// Finds the process that holds the TCP connection from `local_port`, to `remote` when that is given.
///
/// Of several holders (a parent and its children) the oldest is named: it opened the connection.
/// `None` when there is no such connection, or its holder belongs to a user whose files cannot be read.
pub fn of_tcp(local_port: u16, remote: Option<SocketAddr>) -> Option<Process> {
    Proc::default().owner(local_port, remote).process
}

/// Answers every line `PORT` or `PORT REMOTE` of `input` (`49152 198.18.0.2:443`) with one line of JSON, until `input` ends.
///
/// A line that is no port is answered with `{"error":…}`, so that questions and answers stay in step.
///
/// # Errors
///
/// Those of the two streams; a reader that went away is not one.
pub fn owners(proc: &Proc, input: &mut dyn BufRead, output: &mut dyn Write) -> io::Result<()> {
    loop {
        let mut line = Vec::new();
        let read = io::Read::take(&mut *input, MAX_LINE).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(());
        }
        let question = String::from_utf8_lossy(&line);
        let mut answer = match parse(question.trim()) {
            Some((port, remote)) => serde_json::to_vec(&proc.owner(port, remote))?,
            None => br#"{"error":"expected `PORT` or `PORT REMOTE`"}"#.to_vec(),
        };
        answer.push(b'\n');
        match output.write_all(&answer).and_then(|()| output.flush()) {
            Err(err) if err.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            other => other?,
        }
    }
}

fn parse(line: &str) -> Option<(u16, Option<SocketAddr>)> {
    match line.split_once(' ') {
        None => Some((line.parse().ok()?, None)),
        Some((port, remote)) => Some((port.parse().ok()?, Some(remote.trim().parse().ok()?))),
    }
}

#[cfg(test)]
mod tests;
