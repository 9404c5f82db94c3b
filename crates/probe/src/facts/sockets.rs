//! Sockets of the bridge, by the names that their makers give them, and whether this user can connect.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use drawbridge_bridge::facts::SocketFact;
use drawbridge_bridge::sockets;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

use super::processes::Process;
use super::{Search, text};

/// Names of one folder that are looked at, and sockets that are kept.
const MAX_NAMES: usize = 20_000;
const MAX_SOCKETS: usize = 1024;
/// How long an agent may take for its list.
const PATIENCE: Duration = Duration::from_millis(300);
/// An agent's answer is a few KiB; its own limit is 256 KiB.
const MAX_ANSWER: usize = 256 << 10;

/// Every socket of the catalogue that is there.
pub(super) fn find(search: &mut Search<'_>, processes: &[Process], active: bool) -> Vec<SocketFact> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (written, folder) in folders(search, processes) {
        for entry in search.entries(&folder).take(MAX_NAMES) {
            let name = entry.file_name();
            let Some(socket) = name.to_str().and_then(|name| sockets::find(written, name)) else { continue };
            add(search, &mut found, &mut seen, socket.id, &entry.path(), active);
        }
    }
    let agents = processes.iter().flat_map(|process| process.values("SSH_AUTH_SOCK"));
    for path in agents.filter(|path| path.starts_with('/')) {
        add(search, &mut found, &mut seen, "ssh-agent", Path::new(path), active);
    }
    found
}

/// Folders that hold sockets, as the catalogue writes them and as they are here.
fn folders(search: &Search<'_>, processes: &[Process]) -> Vec<(&'static str, PathBuf)> {
    let mut folders: Vec<(&'static str, PathBuf)> = Vec::new();
    let written: BTreeSet<&'static str> = sockets::SOCKETS.iter().map(|socket| socket.folder).collect();
    for folder in written {
        if folder == "$RUNTIME" {
            let mut places: BTreeSet<PathBuf> = processes
                .iter()
                .flat_map(Process::folders)
                .filter(|path| path.starts_with('/'))
                .map(PathBuf::from)
                .collect();
            places.extend([search.at("/tmp"), search.at(&format!("/tmp/user/{}", search.uid))]);
            places.insert(search.at(&format!("/run/user/{}", search.uid)));
            folders.extend(places.into_iter().map(|place| (folder, place)));
        } else {
            folders.push((folder, search.at(folder)));
        }
    }
    folders
}

fn add(
    search: &mut Search<'_>,
    found: &mut Vec<SocketFact>,
    seen: &mut BTreeSet<PathBuf>,
    family: &str,
    path: &Path,
    active: bool,
) {
    // A link to a socket is one; the link's target decides whether it was seen before.
    let Ok(real) = path.canonicalize() else { return };
    let is_socket = fs::metadata(&real).is_ok_and(|meta| meta.file_type().is_socket());
    if !is_socket || !seen.insert(real) {
        return;
    }
    if found.len() >= MAX_SOCKETS || search.late() {
        search.notes.push(format!(
            "{} was not looked at: too many sockets, or no time",
            text(&path.to_string_lossy())
        ));
        return;
    }
    let reached = connect(path);
    let identities = (active && family == "ssh-agent" && reached.is_ok()).then(|| identities(path)).flatten();
    found.push(SocketFact {
        family: family.to_owned(),
        path: text(&path.to_string_lossy()),
        connectable: reached.is_ok(),
        why: reached.err().unwrap_or_default(),
        identities,
    });
}

/// Connects and closes again without a byte. Never waits: a listener whose queue is full is reached.
fn connect(path: &Path) -> Result<(), String> {
    let address = SocketAddrUnix::new(path).map_err(|error| error.to_string())?;
    let mut last = Errno::INVAL;
    for kind in [SocketType::STREAM, SocketType::DGRAM, SocketType::SEQPACKET] {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = rustix::net::socket_with(AddressFamily::UNIX, kind, flags, None)
            .map_err(|error| format!("sockets are closed to this process: {error}"))?;
        match rustix::net::connect(&socket, &address) {
            Ok(()) | Err(Errno::AGAIN) => return Ok(()),
            Err(Errno::PROTOTYPE) => last = Errno::PROTOTYPE,
            Err(error) => return Err(error.to_string()),
        }
    }
    Err(last.to_string())
}

/// How many identities an ssh agent offers (`SSH_AGENTC_REQUEST_IDENTITIES`, draft-miller-ssh-agent §4.4);
/// the request uses no key and asks nobody.
fn identities(path: &Path) -> Option<u32> {
    const REQUEST: [u8; 5] = [0, 0, 0, 1, 11];
    const ANSWER: u8 = 12;
    let mut stream = UnixStream::connect(path).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(&REQUEST).ok()?;
    let mut head = [0; 9];
    stream.read_exact(&mut head).ok()?;
    let word = |at: usize| Some(u32::from_be_bytes(head.get(at..at + 4)?.try_into().ok()?));
    let length = usize::try_from(word(0)?).ok()?;
    (head[4] == ANSWER && (5..=MAX_ANSWER).contains(&length)).then(|| word(5)).flatten()
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::{UnixDatagram, UnixListener};

    use super::*;

    #[test]
    fn a_socket_counts_only_when_somebody_listens() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let _stream = UnixListener::bind(at("stream")).unwrap();
        let _datagram = UnixDatagram::bind(at("datagram")).unwrap();
        drop(UnixListener::bind(at("dead")).unwrap());
        assert_eq!(connect(&at("stream")), Ok(()));
        assert_eq!(connect(&at("datagram")), Ok(()));
        assert!(connect(&at("dead")).unwrap_err().contains("refused"));
        assert!(connect(&at("absent")).is_err());
    }

    #[test]
    fn a_full_queue_does_not_hold_the_search_up() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("busy");
        let address = SocketAddrUnix::new(&path).unwrap();
        let listener = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
        rustix::net::bind(&listener, &address).unwrap();
        rustix::net::listen(&listener, 0).unwrap();
        let _first = UnixStream::connect(&path).unwrap();
        assert_eq!(connect(&path), Ok(()));
        assert_eq!(connect(&path), Ok(()));
    }

    #[test]
    fn an_agents_list_is_counted_and_nonsense_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let answers = |name: &str, answer: Vec<u8>| {
            let path = dir.path().join(name);
            let listener = UnixListener::bind(&path).unwrap();
            let served = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 5];
                stream.read_exact(&mut request).unwrap();
                assert_eq!(request, [0, 0, 0, 1, 11]);
                stream.write_all(&answer).unwrap();
            });
            let counted = identities(&path);
            served.join().unwrap();
            counted
        };
        assert_eq!(answers("two", vec![0, 0, 0, 5, 12, 0, 0, 0, 2]), Some(2));
        assert_eq!(answers("none", vec![0, 0, 0, 5, 12, 0, 0, 0, 0]), Some(0));
        assert_eq!(answers("failure", vec![0, 0, 0, 1, 5]), None);
        assert_eq!(answers("huge", vec![0xff, 0, 0, 5, 12, 0, 0, 0, 2]), None);
    }
}
