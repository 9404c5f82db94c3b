//! One socket that the supervisor may connect to.
//!
//! The supervisor stands outside the walls, so the command must not be able to turn a name into another socket: no
//! symbolic link is followed after the start, and what the command could replace is pinned.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, open, openat, statat};
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

use super::own_path;

/// A socket by the name that the command uses for it.
#[derive(Debug)]
pub(crate) struct Allowed {
    name: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// The socket itself, because the command can write to its folder.
    Pinned(OwnedFd),
    /// Its folder: a service that starts anew makes a new socket of the same name there.
    Named { folder: OwnedFd, file: OsString },
}

impl Allowed {
    /// Opens the socket called `path`, absolute.
    pub(crate) fn open(path: &Path, writable: &[PathBuf]) -> io::Result<Self> {
        let invalid = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, why);
        let (Some(parent), Some(file)) = (path.parent(), path.file_name()) else {
            return Err(invalid("not the path of a socket"));
        };
        let folder = fs::canonicalize(parent)?;
        let real = |folder: &PathBuf| fs::canonicalize(folder).ok();
        let inside = |path: &Path| writable.iter().filter_map(real).any(|open| path.starts_with(open));
        // A link in a writable folder may have been planted by an earlier command.
        if writable.iter().any(|open| path.starts_with(open)) && !inside(&folder) {
            return Err(invalid("a symbolic link in a writable folder leads to it"));
        }
        let kind =
            FileType::from_raw_mode(statat(CWD, folder.join(file), AtFlags::SYMLINK_NOFOLLOW)?.st_mode);
        match kind {
            FileType::Socket => {}
            FileType::Symlink => return Err(invalid("a symbolic link, name the socket itself")),
            _ => return Err(invalid("not a socket")),
        }
        let descriptor = open(&folder, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        let place = if inside(&folder) {
            Place::Pinned(socket_in(&descriptor, Path::new(file))?)
        } else {
            Place::Named { folder: descriptor, file: file.to_owned() }
        };
        Ok(Self { name: path.to_owned(), place })
    }

    /// Whether `path`, byte for byte, is the name of this socket.
    pub(crate) fn is_named(&self, path: &[u8]) -> bool {
        self.name.as_os_str().as_bytes() == path
    }

    /// A fresh connection.
    pub(crate) fn connect(&self, nonblocking: bool) -> Result<OwnedFd, Errno> {
        let opened;
        let target = match &self.place {
            Place::Pinned(socket) => socket,
            Place::Named { folder, file } => {
                opened = socket_in(folder, Path::new(file))?;
                &opened
            }
        };
        let flags = if nonblocking { SocketFlags::NONBLOCK } else { SocketFlags::empty() };
        let socket =
            net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags | SocketFlags::CLOEXEC, None)?;
        net::connect(&socket, &SocketAddrUnix::new(own_path(target))?)?;
        Ok(socket)
    }
}

/// The socket `file` in `folder`, as a descriptor that names it; never what a link points to.
fn socket_in(folder: &OwnedFd, file: &Path) -> Result<OwnedFd, Errno> {
    let found = openat(folder, file, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
    let kind = FileType::from_raw_mode(rustix::fs::fstat(&found)?.st_mode);
    if kind == FileType::Socket { Ok(found) } else { Err(Errno::CONNREFUSED) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn scene() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let (work, outside) = (folder.path().join("work"), folder.path().join("outside"));
        fs::create_dir(&work).unwrap();
        fs::create_dir(&outside).unwrap();
        (folder, work, outside)
    }

    #[test]
    fn a_name_in_a_writable_folder_stays_the_socket_that_it_was() {
        let (_folder, work, outside) = scene();
        let own = UnixListener::bind(work.join("db")).unwrap();
        let _other = UnixListener::bind(outside.join("agent")).unwrap();
        let allowed = Allowed::open(&work.join("db"), std::slice::from_ref(&work)).unwrap();
        fs::remove_file(work.join("db")).unwrap();
        symlink(outside.join("agent"), work.join("db")).unwrap();
        allowed.connect(false).unwrap();
        own.accept().unwrap();
        drop(own);
        assert_eq!(allowed.connect(false).unwrap_err(), Errno::CONNREFUSED);
    }

    #[test]
    fn a_service_may_start_anew_where_the_command_cannot_write_but_no_link_is_followed() {
        let (_folder, work, outside) = scene();
        let path = outside.join("db");
        drop(UnixListener::bind(&path).unwrap());
        let allowed = Allowed::open(&path, &[work]).unwrap();
        assert_eq!(allowed.connect(false).unwrap_err(), Errno::CONNREFUSED);
        fs::remove_file(&path).unwrap();
        let _again = UnixListener::bind(&path).unwrap();
        allowed.connect(false).unwrap();
        fs::rename(&path, outside.join("moved")).unwrap();
        symlink(outside.join("moved"), &path).unwrap();
        assert_eq!(allowed.connect(false).unwrap_err(), Errno::CONNREFUSED);
    }

    #[test]
    fn links_and_files_are_refused_at_the_start() {
        let (_folder, work, outside) = scene();
        let _agent = UnixListener::bind(outside.join("agent")).unwrap();
        symlink(outside.join("agent"), work.join("link")).unwrap();
        symlink(&outside, work.join("folder")).unwrap();
        fs::write(work.join("file"), "").unwrap();
        let refused = |path: &str| {
            Allowed::open(&work.join(path), std::slice::from_ref(&work)).map(drop).unwrap_err().to_string()
        };
        assert_eq!(refused("link"), "a symbolic link, name the socket itself");
        assert_eq!(refused("folder/agent"), "a symbolic link in a writable folder leads to it");
        assert_eq!(refused("file"), "not a socket");
        assert!(refused("nothing").contains("No such file"));
    }
}
