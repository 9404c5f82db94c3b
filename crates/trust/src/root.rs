//! The file system that the trust engine works on: a container's own, or a constructed one in tests.
//!
//! Links are resolved below the root, so an absolute link in a constructed root cannot lead out of it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

/// As many links as Linux follows.
const MAX_LINKS: usize = 40;
/// `/etc/passwd` is smaller.
const MAX_PASSWD: u64 = 1024 * 1024;

/// What the engine may touch, and as whom. Paths are as programs inside see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Where the file system starts; `/` outside of tests.
    pub root: PathBuf,
    /// The effective user id.
    pub uid: u32,
    /// The home folders whose stores are looked at.
    pub homes: Vec<PathBuf>,
    /// The folders of programs, in the order of `PATH`.
    pub path: Vec<PathBuf>,
    /// Where the journal and the original files are kept; see [`Root::live`].
    pub state: PathBuf,
}

impl Root {
    /// The running system, with the values of `HOME` and `PATH`.
    ///
    /// Root looks at the homes of all users and keeps its journal in `/var/lib/drawbridge/trust`,
    /// anybody else at the own home and in `~/.local/state/drawbridge/trust`.
    ///
    /// # Errors
    ///
    /// `/proc` is not mounted, so the user id is unknown.
    pub fn live(home: &Path, path: &str) -> io::Result<Self> {
        let uid = fs::metadata("/proc/self")?.uid();
        let mut homes = vec![home.to_owned()];
        if uid == 0 {
            homes.extend(homes_of_people(&fs::read("/etc/passwd").unwrap_or_default()));
        }
        homes.sort();
        homes.dedup();
        let state = if uid == 0 {
            PathBuf::from("/var/lib/drawbridge/trust")
        } else {
            home.join(".local/state/drawbridge/trust")
        };
        let path = std::env::split_paths(path).filter(|folder| folder.is_absolute()).collect();
        Ok(Self { root: PathBuf::from("/"), uid, homes, path, state })
    }

    /// Where `inside` really is, links followed. The last part need not exist.
    ///
    /// # Errors
    ///
    /// Too many links, or a part before the last that is missing or no folder.
    pub(crate) fn resolve(&self, inside: &Path) -> io::Result<PathBuf> {
        let mut pending: VecDeque<OsString> = parts(inside);
        let mut done = PathBuf::new();
        let mut links = 0;
        while let Some(part) = pending.pop_front() {
            if part == ".." {
                done.pop();
                continue;
            }
            let candidate = self.root.join(&done).join(&part);
            match fs::symlink_metadata(&candidate) {
                Ok(metadata) if metadata.is_symlink() => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(io::Error::new(io::ErrorKind::InvalidInput, "too many links"));
                    }
                    let target = fs::read_link(&candidate)?;
                    if target.is_absolute() {
                        done = PathBuf::new();
                    }
                    for part in parts(&target).into_iter().rev() {
                        pending.push_front(part);
                    }
                }
                Ok(_) => done.push(part),
                Err(err) if err.kind() == io::ErrorKind::NotFound && pending.is_empty() => {
                    done.push(part);
                }
                Err(err) => return Err(err),
            }
        }
        Ok(self.root.join(done))
    }

    /// A real path below the root as programs inside see it.
    pub(crate) fn inside(&self, real: &Path) -> PathBuf {
        real.strip_prefix(&self.root).map_or_else(|_| real.to_owned(), |below| Path::new("/").join(below))
    }

    /// Whether there is something at `inside`, links followed.
    pub(crate) fn exists(&self, inside: &Path) -> bool {
        self.resolve(inside).is_ok_and(|real| real.exists())
    }

    /// The names in the folder `inside`, sorted, at most `most`.
    pub(crate) fn names(&self, inside: &Path, most: usize) -> Vec<OsString> {
        let entries = self.resolve(inside).and_then(fs::read_dir);
        let mut names: Vec<OsString> =
            entries.into_iter().flatten().flatten().take(most).map(|entry| entry.file_name()).collect();
        names.sort();
        names
    }

    /// Whether somebody else than root and this user owns the file `real` or a folder above it, and so could
    /// put a link there while it is changed.
    pub(crate) fn is_foreign(&self, real: &Path) -> bool {
        real.ancestors().take_while(|path| path.starts_with(&self.root)).any(|path| {
            fs::symlink_metadata(path).is_ok_and(|metadata| metadata.uid() != 0 && metadata.uid() != self.uid)
        })
    }

    /// The program `name` on the path that is safe to run: its file belongs to root or to this user, and nobody else may write it.
    pub(crate) fn program(&self, name: &str) -> Option<PathBuf> {
        let system = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
        // Root does not run what a user put on the path.
        let own: &[PathBuf] = if self.uid == 0 { &[] } else { &self.path };
        own.iter().map(PathBuf::as_path).chain(system.iter().map(Path::new)).find_map(|folder| {
            let real = self.resolve(&folder.join(name)).ok()?;
            let metadata = fs::metadata(&real).ok()?;
            let mode = metadata.permissions().mode();
            let owner = metadata.uid();
            let safe = metadata.is_file()
                && mode & 0o111 != 0
                && mode & 0o022 == 0
                && (owner == 0 || owner == self.uid);
            safe.then_some(real)
        })
    }
}

/// The parts of a path below the root; `.` is left out.
fn parts(path: &Path) -> VecDeque<OsString> {
    path.components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some("..".into()),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        })
        .collect()
}

/// A user of `/etc/passwd`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Name.
    pub name: String,
    /// User id.
    pub uid: u32,
    /// The home folder.
    pub home: PathBuf,
}

impl User {
    /// The user with this name, or with this number for a name.
    pub fn find(name: &str) -> Option<Self> {
        let number = name.parse::<u32>().ok();
        user(&fs::read("/etc/passwd").ok()?, |known, id| known == name || Some(id) == number)
    }
}

fn user(passwd: &[u8], is_it: impl Fn(&str, u32) -> bool) -> Option<User> {
    if u64::try_from(passwd.len()).is_ok_and(|length| length > MAX_PASSWD) {
        return None;
    }
    String::from_utf8_lossy(passwd).lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let (name, uid) = ((*fields.first()?).to_owned(), fields.get(2)?.parse().ok()?);
        let home = PathBuf::from(fields.get(5)?);
        (is_it(&name, uid) && home.is_absolute()).then_some(User { name, uid, home })
    })
}

/// The homes of root and of ordinary users (uid 1000 and above, not `nobody`).
fn homes_of_people(passwd: &[u8]) -> Vec<PathBuf> {
    const NOBODY: u32 = 65534;
    if u64::try_from(passwd.len()).is_ok_and(|length| length > MAX_PASSWD) {
        return Vec::new();
    }
    String::from_utf8_lossy(passwd)
        .lines()
        .filter_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let (uid, home) = (fields.get(2)?.parse::<u32>().ok()?, Path::new(fields.get(5)?));
            let person = uid == 0 || (uid >= 1000 && uid != NOBODY);
            (person && home.is_absolute() && home.parent().is_some()).then(|| home.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn constructed(folder: &Path) -> Root {
        Root {
            root: folder.to_owned(),
            uid: 0,
            homes: Vec::new(),
            path: Vec::new(),
            state: PathBuf::from("/state"),
        }
    }

    #[test]
    fn links_stay_below_the_root() {
        let folder = tempfile::tempdir().unwrap();
        let root = constructed(folder.path());
        fs::create_dir_all(folder.path().join("etc/ssl")).unwrap();
        fs::create_dir_all(folder.path().join("lib")).unwrap();
        fs::write(folder.path().join("etc/ssl/store"), "").unwrap();
        symlink("/etc/ssl/store", folder.path().join("lib/absolute")).unwrap();
        symlink("../../../../etc/ssl/store", folder.path().join("lib/upwards")).unwrap();
        symlink("loop", folder.path().join("lib/loop")).unwrap();
        symlink("/missing/store", folder.path().join("lib/dangling")).unwrap();
        let real = folder.path().join("etc/ssl/store");
        assert_eq!(root.resolve(Path::new("/lib/absolute")).unwrap(), real);
        assert_eq!(root.resolve(Path::new("/lib/upwards")).unwrap(), real);
        assert_eq!(root.resolve(Path::new("/lib/new")).unwrap(), folder.path().join("lib/new"));
        assert!(root.resolve(Path::new("/lib/loop")).is_err());
        assert!(root.resolve(Path::new("/lib/dangling")).is_err());
        assert_eq!(root.inside(&real), Path::new("/etc/ssl/store"));
    }

    #[test]
    fn only_safe_programs_are_run() {
        let folder = tempfile::tempdir().unwrap();
        let mut root = constructed(folder.path());
        root.uid = fs::metadata(folder.path()).unwrap().uid();
        let put = |path: &str, mode| {
            let real = folder.path().join(path);
            fs::create_dir_all(real.parent().unwrap()).unwrap();
            fs::write(&real, "").unwrap();
            fs::set_permissions(&real, fs::Permissions::from_mode(mode)).unwrap();
        };
        put("usr/sbin/good", 0o755);
        put("usr/sbin/open", 0o777);
        put("usr/sbin/data", 0o644);
        assert_eq!(root.program("good"), Some(folder.path().join("usr/sbin/good")));
        assert_eq!(root.program("open"), None);
        assert_eq!(root.program("data"), None);

        put("home/me/bin/own", 0o755);
        root.path = vec![PathBuf::from("/home/me/bin")];
        root.uid = 0;
        assert_eq!(root.program("own"), None);
    }

    #[test]
    fn homes_are_those_of_people() {
        let passwd = b"root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/bin/false\n\
            vscode:x:1000:1000::/home/vscode:/bin/bash\nnobody:x:65534:65534::/nonexistent:/x\n\
            odd:x:1001:1001::relative:/x\nroot2:x:1002:1002::/:/x\n\xff\n";
        assert_eq!(homes_of_people(passwd), [Path::new("/root"), Path::new("/home/vscode")]);
        let found = user(passwd, |name, _| name == "vscode").unwrap();
        assert_eq!((found.uid, found.home), (1000, PathBuf::from("/home/vscode")));
        assert_eq!(user(passwd, |name, _| name == "odd"), None);
    }
}
