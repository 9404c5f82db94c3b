//! What will be in force for one command: computed first, shown on request, then raised.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use drawbridge_bridge::ground::{self, Sort};
use drawbridge_bridge::places::{Access, PLACES, Place};
use drawbridge_bridge::sockets;
use rustix::fs::{AtFlags, CWD, accessat};
use serde::Serialize;

use crate::environment::{self, Change};
use crate::error::ConfineError;
use crate::profile::{GATE_PORTS, Profile, tools};
use crate::syscalls;

/// What the plan starts from; read once from the process by the caller.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Home of the user, absolute.
    pub home: PathBuf,
    /// The project, absolute: read and write.
    pub workspace: PathBuf,
    /// Environment that the command would have had.
    pub environment: BTreeMap<String, String>,
    /// Private folder made for this run, absolute.
    pub temporary: PathBuf,
}

/// What the user asked for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// More folders to read and write, absolute.
    pub read_write: Vec<PathBuf>,
    /// More folders to read, absolute.
    pub read_only: Vec<PathBuf>,
    /// TCP ports that the command may connect to; `None` leaves the choice to the gate.
    pub ports: Option<Vec<u16>>,
    /// Whether the ports of the gate and those of the profile are among them.
    pub gate_ports: bool,
    /// UNIX sockets that a supervisor connects the command to, absolute, by the name that the command uses.
    pub sockets: Vec<PathBuf>,
}

/// Everything that one confined command will find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Walls {
    /// Profile in force.
    pub profile: String,
    /// Read, write and execute.
    pub read_write: BTreeSet<PathBuf>,
    /// Read and execute.
    pub read_only: BTreeSet<PathBuf>,
    /// Out of reach, with the reason; only places that exist.
    pub hidden: BTreeMap<PathBuf, String>,
    /// State folders of profile and tools that are created when absent.
    pub create: Vec<PathBuf>,
    /// UNIX sockets in reach through a supervisor, with what they give when they are the bridge's, else empty.
    pub sockets: BTreeMap<PathBuf, String>,
    /// TCP ports that stay open; `None` means that the gate alone decides.
    pub ports: Option<Vec<u16>>,
    /// Variables taken away or set.
    pub environment: Vec<Change>,
    /// Private folder behind `TMPDIR` and `XDG_RUNTIME_DIR`.
    pub temporary: PathBuf,
    /// Paths of the workspace that start the container or run on the host, which nothing keeps from being changed:
    /// Landlock has no exceptions below the open workspace, a read-only mount is needed.
    pub unprotected: Vec<PathBuf>,
}

/// Where editors leave sockets and scripts: no workspace, though a folder in it may be one.
const SHARED_TEMPORARY: &str = "/tmp";
/// Folders of the home that every program may use.
const COMMON_STATE: &[&str] = &["~/.cache", "~/.local/share", "~/.local/state"];
/// Root folders that are no read-only system: decided elsewhere, or none of the command's business.
const NOT_SYSTEM: &[&str] = &["tmp", "home", "root", "workspaces", "dev", "proc", "mnt", "media"];
/// Root folders that are the system, for the case that the root cannot be listed.
const SYSTEM: &[&str] = &[
    "/bin", "/etc", "/lib", "/lib32", "/lib64", "/nix", "/opt", "/run", "/sbin", "/srv", "/sys", "/usr",
    "/var",
];

impl Walls {
    /// Computes the walls. Reads folder listings, changes nothing.
    ///
    /// # Errors
    ///
    /// [`ConfineError::TooWide`], because Landlock has no exceptions below a folder that is open.
    pub fn plan(facts: &Facts, profile: &Profile, options: &Options) -> Result<Self, ConfineError> {
        let asked = options.read_write.iter().chain(&options.read_only);
        let real = fs::canonicalize(&facts.workspace).unwrap_or_else(|_| facts.workspace.clone());
        if real == Path::new(SHARED_TEMPORARY) {
            return Err(ConfineError::TooWide { folder: real, place: PathBuf::from("/tmp/vscode-*") });
        }
        for folder in std::iter::once(&facts.workspace).chain(asked) {
            if let Some(place) = holds_a_place(facts, folder) {
                return Err(ConfineError::TooWide { folder: folder.clone(), place });
            }
        }
        let expand = |path: &str| expand(&facts.home, path);
        let hidden: BTreeMap<PathBuf, String> =
            places(Access::Hidden).map(|place| (expand(place.path), place.why.to_owned())).collect();
        let start: BTreeSet<PathBuf> = places(Access::ReadOnly).map(|place| expand(place.path)).collect();

        let mut state: BTreeSet<PathBuf> = COMMON_STATE.iter().map(|path| expand(path)).collect();
        state.extend(profile.state.iter().map(|path| expand(path)));
        let folders = search_path(facts.environment.get("PATH"));
        for tool in tools() {
            let wanted: Vec<PathBuf> = tool.state.iter().map(|path| expand(path)).collect();
            // Where the state is there already, the tool may as well be a wrapper in the workspace.
            if wanted.iter().all(|path| path.is_dir()) || on_path(&tool.command, &folders) {
                state.extend(wanted);
            }
        }
        let create = state.iter().filter(|path| !path.exists()).cloned().collect();

        let mut read_write = state;
        read_write.insert(facts.workspace.clone());
        read_write.insert(facts.temporary.clone());
        read_write.extend(options.read_write.iter().cloned());

        let mut read_only: BTreeSet<PathBuf> = system(&hidden);
        read_only.extend(home(&facts.home, &read_write, &hidden));
        read_only.extend(start.into_iter().filter(|path| path.exists()));
        read_only.extend(options.read_only.iter().cloned());
        read_only.retain(|path| !read_write.contains(path));

        Ok(Self {
            profile: profile.id.clone(),
            environment: environment::changes(facts, profile, &hidden, &options.sockets),
            read_write,
            read_only,
            hidden: hidden.into_iter().filter(|(path, _)| path.exists()).collect(),
            create,
            sockets: options.sockets.iter().map(|path| (path.clone(), gives(&facts.home, path))).collect(),
            ports: ports(profile, options),
            temporary: facts.temporary.clone(),
            unprotected: unprotected(&facts.workspace),
        })
    }
}

/// A place above which `folder` lies. Naming the place itself is a decision; opening it along with others is an accident.
fn holds_a_place(facts: &Facts, folder: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
    let real_home = fs::canonicalize(&facts.home).unwrap_or_else(|_| facts.home.clone());
    PLACES
        .iter()
        .flat_map(|place| [expand(&facts.home, place.path), expand(&real_home, place.path)])
        .find(|place| place.starts_with(&real) && *place != real)
}

fn places(access: Access) -> impl Iterator<Item = &'static Place> {
    PLACES.iter().filter(move |place| place.access == access)
}

/// A leading `~/` becomes `home`.
pub(crate) fn expand(home: &Path, path: &str) -> PathBuf {
    path.strip_prefix("~/").map_or_else(|| PathBuf::from(path), |rest| home.join(rest))
}

/// What `drawbridge protect` mounts read-only at its default level, where it is there and can be written.
fn unprotected(workspace: &Path) -> Vec<PathBuf> {
    let hooks = ground::paths(Sort::Git).filter(|path| path.ends_with("hooks"));
    let paths = ground::paths(Sort::Configuration).chain(hooks).map(|path| workspace.join(path));
    let writable =
        |path: &PathBuf| accessat(CWD, path, rustix::fs::Access::WRITE_OK, AtFlags::EACCESS).is_ok();
    paths.filter(writable).collect()
}

/// The limit that was asked for, sorted.
fn ports(profile: &Profile, options: &Options) -> Option<Vec<u16>> {
    let named = options.ports.iter().flatten();
    let limited = options.gate_ports || options.ports.is_some();
    let gate = if options.gate_ports { [GATE_PORTS, &profile.ports].concat() } else { Vec::new() };
    limited.then(|| named.copied().chain(gate).collect::<BTreeSet<_>>().into_iter().collect())
}

/// What a process gains by this socket, when its name is one of the bridge's.
fn gives(home: &Path, socket: &Path) -> String {
    let name = socket.file_name().unwrap_or_default().to_string_lossy();
    let known = sockets::SOCKETS.iter().find(|known| {
        let here = known.folder == "$RUNTIME" || socket.parent() == Some(&expand(home, known.folder));
        here && name.starts_with(known.prefix) && name.ends_with(known.suffix)
    });
    known.map(|known| known.gives.to_owned()).unwrap_or_default()
}

/// Children of the root that hold the system, plus the one place that the gate shares.
fn system(hidden: &BTreeMap<PathBuf, String>) -> BTreeSet<PathBuf> {
    let mut found = children(Path::new("/"));
    if found.is_empty() {
        found = SYSTEM.iter().map(PathBuf::from).collect();
    }
    let stays = |path: &Path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        !NOT_SYSTEM.contains(&name) && !hidden.contains_key(path)
    };
    found.retain(|path| stays(path));
    let open: BTreeSet<PathBuf> = found.iter().cloned().collect();
    // `/bin` and the like are mostly links into `/usr`, which needs no second rule for them.
    let covered = |path: &Path| {
        let target = fs::read_link(path).map(|target| Path::new("/").join(target));
        target.is_ok_and(|target| target.ancestors().any(|above| above != path && open.contains(above)))
    };
    found.retain(|path| !covered(path));
    found.into_iter().collect()
}

/// Children of the home that are not hidden and hold nothing hidden: read only unless they are state.
fn home(
    home: &Path,
    read_write: &BTreeSet<PathBuf>,
    hidden: &BTreeMap<PathBuf, String>,
) -> BTreeSet<PathBuf> {
    let mut open = BTreeSet::new();
    let mut folders = vec![home.to_path_buf()];
    if syscalls::are_filtered() {
        // Inside other walls the home cannot be listed; they hide what is to be hidden, and stay in force.
        return BTreeSet::from([home.to_path_buf()]);
    }
    while let Some(folder) = folders.pop() {
        for child in children(&folder) {
            if hidden.contains_key(&child) || read_write.contains(&child) {
                continue;
            }
            // Landlock has no exceptions below a rule, so a folder with a hidden child is opened child by child.
            if hidden.keys().any(|path| path.starts_with(&child)) {
                folders.push(child);
            } else {
                open.insert(child);
            }
        }
    }
    open
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.filter_map(Result::ok).map(|entry| entry.path()).collect()
}

/// The folders of `PATH` that exist, each once.
fn search_path(path: Option<&String>) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    for folder in path.into_iter().flat_map(|path| path.split(':')).map(PathBuf::from) {
        if !folders.contains(&folder) && folder.is_dir() {
            folders.push(folder);
        }
    }
    folders
}

fn on_path(command: &str, folders: &[PathBuf]) -> bool {
    folders.iter().any(|folder| folder.join(command).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::choose;

    #[test]
    fn a_workspace_that_holds_what_is_hidden_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join("home");
        fs::create_dir_all(home.join("app")).unwrap();
        std::os::unix::fs::symlink(&home, root.path().join("link")).unwrap();
        let profile = choose(None, "sh").unwrap();
        let plan = |workspace: PathBuf, options: &Options| {
            let facts = Facts {
                home: home.clone(),
                workspace,
                environment: BTreeMap::new(),
                temporary: root.path().join("tmp"),
            };
            Walls::plan(&facts, &profile, options).map(drop).map_err(|error| error.exit_code())
        };
        let none = Options::default();
        for wide in [home.clone(), root.path().to_owned(), PathBuf::from("/"), root.path().join("link")] {
            assert_eq!(plan(wide, &none), Err(125));
        }
        assert_eq!(plan(home.join("app"), &none), Ok(()));
        let home_too = Options { read_only: vec![home.clone()], ..Options::default() };
        assert_eq!(plan(home.join("app"), &home_too), Err(125));
        assert_eq!(plan(PathBuf::from("/tmp"), &none), Err(125));
        let named = Options { read_only: vec![home.join(".ssh")], ..Options::default() };
        assert_eq!(plan(home.join("app"), &named), Ok(()));
    }

    #[test]
    fn configuration_that_the_command_can_change_is_named() {
        let root = tempfile::tempdir().unwrap();
        for path in [".devcontainer", ".git/hooks", ".vscode"] {
            fs::create_dir_all(root.path().join(path)).unwrap();
        }
        let expected = vec![root.path().join(".devcontainer"), root.path().join(".git/hooks")];
        assert_eq!(unprotected(root.path()), expected);
    }

    #[test]
    fn ports_are_those_of_the_gate_and_of_the_profile_or_the_named_ones() {
        let profile = choose(Some("goose"), "").unwrap();
        let asked = |ports: Option<Vec<u16>>, gate_ports| {
            super::ports(&profile, &Options { ports, gate_ports, ..Options::default() })
        };
        assert_eq!(asked(None, false), None);
        assert_eq!(asked(Some(vec![5432]), false), Some(vec![5432]));
        assert_eq!(asked(Some(vec![5432]), true), Some(vec![53, 80, 443, 3128, 5432, 11434]));
    }

    #[test]
    fn credentials_and_servers_are_out_of_reach_and_the_rest_is_read_only() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join("home");
        for folder in [".ssh", ".vscode-server/bin", ".config/gcloud", ".config/other", ".m2", "notes"] {
            fs::create_dir_all(home.join(folder)).unwrap();
        }
        let facts = Facts {
            home: home.clone(),
            workspace: root.path().join("work"),
            environment: BTreeMap::new(),
            temporary: root.path().join("tmp"),
        };
        let profile = choose(Some("claude-code"), "").unwrap();
        let walls = Walls::plan(&facts, &profile, &Options::default()).unwrap();

        assert!(walls.hidden.contains_key(&home.join(".ssh")));
        assert!(walls.read_only.contains(&home.join(".config/other")));
        assert!(walls.read_only.contains(&home.join("notes")));
        assert!(walls.read_write.contains(&home.join(".claude")));
        assert!(walls.create.contains(&home.join(".claude")));
        for reachable in walls.read_only.iter().chain(&walls.read_write) {
            for hidden in walls.hidden.keys() {
                assert!(!hidden.starts_with(reachable), "{} opens {}", reachable.display(), hidden.display());
            }
        }
    }
}
