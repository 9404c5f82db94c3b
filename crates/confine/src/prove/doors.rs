//! What is tried.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use drawbridge_bridge::places::{Access, PLACES};
use drawbridge_bridge::sockets::{SOCKETS, Socket};

use super::Door;
use crate::walls::{Facts, Walls, expand};

/// Sockets of one family that are tried; an IDE leaves dozens of dead ones behind.
const MOST: usize = 64;

/// Listeners that exist for the attempts alone, so that some prove something wherever they are made.
pub(super) struct Props {
    path: PathBuf,
    name: Vec<u8>,
    _listeners: [UnixListener; 2],
    stranger: Stranger,
}

/// A process that stays outside the walls until it is dropped.
struct Stranger {
    pid: i32,
    /// It ends when this is closed.
    _life: OwnedFd,
}

impl Stranger {
    /// Call it from the only thread.
    fn new() -> io::Result<Self> {
        let (end, life) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        // SAFETY: there is only this thread, and the child makes nothing but system calls.
        match unsafe { libc::fork() } {
            -1 => Err(io::Error::last_os_error()),
            0 => {
                drop(life);
                let _ = rustix::io::read(&end, &mut [0; 1]);
                // SAFETY: ends this process without running what the parent registered.
                unsafe { libc::_exit(0) }
            }
            pid => Ok(Self { pid, _life: life }),
        }
    }
}

impl Props {
    /// # Errors
    ///
    /// When they cannot be bound, as inside other walls.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        let path = folder.join("prove.sock");
        let name = format!("drawbridge-prove-{}", std::process::id()).into_bytes();
        let abstractly = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name)?)?;
        let listeners = [UnixListener::bind(&path)?, abstractly];
        Ok(Self { path, name, _listeners: listeners, stranger: Stranger::new()? })
    }
}

impl Drop for Props {
    fn drop(&mut self) {
        // The folder is swept with the next run in any case.
        let _ = fs::remove_file(&self.path);
    }
}

fn door(
    id: impl Into<String>,
    attempt: impl Into<String>,
    open: impl Fn() -> io::Result<()> + 'static,
) -> Door {
    Door { id: id.into(), attempt: attempt.into(), open: Box::new(open) }
}

/// Every door, in a fixed order.
pub(super) fn all(facts: &Facts, walls: &Walls, props: &Props) -> Vec<Door> {
    let mut doors = vec![connecting("unix-socket:own", props.path.clone()), abstract_socket(props)];
    for known in SOCKETS {
        for path in found(facts, known).into_iter().filter(|path| !walls.sockets.contains_key(path)) {
            doors.push(connecting(&format!("bridge-socket:{}", path.display()), path));
        }
    }
    doors.push(door("datagram-pair", "socketpair(AF_UNIX, SOCK_DGRAM)", || UnixDatagram::pair().map(drop)));
    doors.push(door("io-uring", "io_uring_setup", io_uring));
    let outside = props.stranger.pid;
    for file in ["environ", "mem"] {
        let path = PathBuf::from(format!("/proc/{outside}/{file}"));
        doors.push(reading(&format!("other-process:{file}"), path));
    }
    doors.push(door("other-process:signal", format!("kill -0 {outside}"), move || signal(outside)));
    doors
        .extend(walls.hidden.keys().map(|path| reading(&format!("hidden:{}", path.display()), path.clone())));
    let start_up = PLACES.iter().filter(|place| place.access == Access::ReadOnly);
    doors.extend(start_up.filter_map(|place| {
        let path = expand(&facts.home, place.path);
        path.is_file().then(|| writing(&format!("start-up:{}", path.display()), path))
    }));
    doors
}

fn connecting(id: &str, path: PathBuf) -> Door {
    door(id, format!("connect {}", path.display()), move || UnixStream::connect(&path).map(drop))
}

fn abstract_socket(props: &Props) -> Door {
    let name = props.name.clone();
    door("abstract-socket:own", "connect an abstract socket", move || {
        UnixStream::connect_addr(&SocketAddr::from_abstract_name(&name)?).map(drop)
    })
}

/// Files of a family that are there.
fn found(facts: &Facts, known: &Socket) -> Vec<PathBuf> {
    let runtime = || {
        let named = ["XDG_RUNTIME_DIR", "TMPDIR"].map(|name| facts.environment.get(name).map(PathBuf::from));
        named.into_iter().flatten().chain([PathBuf::from("/tmp")])
    };
    let folders: Vec<PathBuf> = match known.folder {
        "$RUNTIME" => runtime().collect(),
        folder => vec![expand(&facts.home, folder)],
    };
    let mut paths: Vec<PathBuf> = folders
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(known.prefix) && name.ends_with(known.suffix)
        })
        .collect();
    paths.sort();
    paths.dedup();
    paths.truncate(MOST);
    paths
}

fn reading(id: &str, path: PathBuf) -> Door {
    door(id, format!("read {}", path.display()), move || {
        // A folder opens as a file does; only listing it says whether it can be read.
        if path.is_dir() { fs::read_dir(&path).map(drop) } else { File::open(&path).map(drop) }
    })
}

fn writing(id: &str, path: PathBuf) -> Door {
    door(id, format!("open {} to append", path.display()), move || {
        OpenOptions::new().append(true).open(&path).map(drop)
    })
}

fn signal(process: i32) -> io::Result<()> {
    // SAFETY: numbers only; signal 0 is never delivered.
    if unsafe { libc::kill(process, 0) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Open when the kernel gets as far as looking at the arguments, which are none.
fn io_uring() -> io::Result<()> {
    // SAFETY: the kernel answers a null pointer with `EFAULT`, and zero entries with `EINVAL`.
    unsafe { libc::syscall(libc::SYS_io_uring_setup, 0, std::ptr::null_mut::<libc::c_void>()) };
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::EFAULT | libc::EINVAL) => Ok(()),
        _ => Err(error),
    }
}
