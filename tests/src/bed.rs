//! The components that `scripts/testbed` provides, and the ordinary user of the host.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::{Inet, Run};

/// The test bed, prepared once per test program.
#[derive(Debug)]
pub struct Bed {
    /// Folder that every user can enter.
    pub directory: PathBuf,
    /// The user the tests play; `None` when the tests do not run as root and play their own user.
    pub user: Option<HostUser>,
    drawbridge: OnceLock<PathBuf>,
    docker_host: String,
    socket_group: u32,
    /// Absolute, because a test may take the programs of the host away.
    setpriv: String,
}

/// An ordinary user of the host.
#[derive(Debug, Clone)]
pub struct HostUser {
    /// Name.
    pub name: String,
    /// User id, which is also the id of his group.
    pub uid: u32,
    /// Home folder.
    pub home: PathBuf,
}

static BED: OnceLock<Result<Bed, String>> = OnceLock::new();

impl Bed {
    /// The prepared test bed, or `None` after a message that says why the test is skipped.
    pub fn get() -> Option<&'static Self> {
        if std::env::var_os("DRAWBRIDGE_TESTBED").is_none() {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "no test bed, and CI must have it: ./scripts/test"
            );
            eprintln!(
                "SKIPPED: no test bed; run ./scripts/test e2e, or eval \"$(./scripts/testbed env)\" first"
            );
            return None;
        }
        match BED.get_or_init(Self::prepare) {
            Ok(bed) => Some(bed),
            Err(error) => panic!("the test bed does not work: {error}"),
        }
    }

    /// The prepared test bed when its tests play an ordinary user; several need one.
    pub fn with_ordinary_user() -> Option<&'static Self> {
        let bed = Self::get()?;
        if bed.user.is_none() && std::env::var("USER").as_deref() == Ok("root") {
            eprintln!("SKIPPED: no ordinary user on this test bed");
            return None;
        }
        Some(bed)
    }

    fn prepare() -> Result<Self, String> {
        let variable = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
        let directory = PathBuf::from(variable("DRAWBRIDGE_TESTBED")?);
        let docker_host = variable("DOCKER_HOST")?;
        let socket = docker_host.strip_prefix("unix://").ok_or("the engine has no Unix socket")?;
        let socket_group = std::fs::metadata(socket).map_err(|error| format!("{socket}: {error}"))?.gid();
        let user =
            std::env::var("DRAWBRIDGE_TEST_USER").ok().map(|name| HostUser::find(&name)).transpose()?;
        let bed = Self {
            directory,
            user,
            drawbridge: OnceLock::new(),
            docker_host,
            socket_group,
            setpriv: find("setpriv")?,
        };
        Inet::start(&bed);
        Ok(bed)
    }

    /// The `drawbridge` under test, where every user can run it; its sidecar image is built from it.
    pub fn drawbridge(&self) -> &Path {
        self.drawbridge.get_or_init(|| {
            let program = publish_binary(&self.directory).unwrap_or_else(|error| panic!("{error}"));
            // The version in the tag says nothing about the state of a working tree: always from this binary.
            self.host(&[&program.display().to_string(), "sidecar", "build"], &self.directory).ok();
            program
        })
    }

    /// A program as the user of the tests, in his environment.
    pub fn host<A: AsRef<str>>(&self, argv: &[A], directory: &Path) -> Run {
        let Some(user) = &self.user else { return self.as_me(argv, directory) };
        let (uid, group) = (user.uid.to_string(), self.socket_group.to_string());
        let switch = [self.setpriv.as_str(), "--reuid", &uid, "--regid", &uid, "--groups", &group, "--"];
        let argv = switch.iter().copied().chain(argv.iter().map(AsRef::as_ref));
        Run::new(argv, self.environment(&user.name, &user.home), directory)
    }

    /// A program as whoever runs the tests (root on a test machine), with the same clean environment.
    pub fn as_me<A: AsRef<str>>(&self, argv: &[A], directory: &Path) -> Run {
        let home = std::env::var("HOME").unwrap_or_else(|_| "/".to_owned());
        let name = std::env::var("USER").unwrap_or_else(|_| "root".to_owned());
        let mut environment = self.environment(&name, Path::new(&home));
        environment
            .insert("DOCKER_CONFIG".to_owned(), self.directory.join("docker-config").display().to_string());
        // Journals and settings of the tests do not belong into a real home.
        let state = self.directory.join("state").display().to_string();
        environment.insert("XDG_STATE_HOME".to_owned(), state.clone());
        environment.insert("XDG_CONFIG_HOME".to_owned(), state);
        Run::new(argv.iter().map(AsRef::as_ref), environment, directory)
    }

    /// The `docker` client, as whoever runs the tests.
    pub fn docker(&self, arguments: &[&str]) -> Run {
        let argv: Vec<&str> = std::iter::once("docker").chain(arguments.iter().copied()).collect();
        self.as_me(&argv, &self.directory)
    }

    fn environment(&self, name: &str, home: &Path) -> BTreeMap<String, String> {
        let path = format!(
            "{}:{}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            self.directory.join("tools").display(),
            self.directory.join("bin").display(),
        );
        [
            ("PATH", path),
            ("HOME", home.display().to_string()),
            ("USER", name.to_owned()),
            ("LOGNAME", name.to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("DOCKER_HOST", self.docker_host.clone()),
            ("GIT_CONFIG_NOSYSTEM", "1".to_owned()),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
    }

    /// Where the user of the tests keeps his clones.
    pub fn clones(&self) -> PathBuf {
        self.user.as_ref().map_or_else(|| self.directory.join("clones"), |user| user.home.clone())
    }

    /// Gives a folder and all in it to the user of the tests.
    pub fn give(&self, path: &Path) {
        if let Some(user) = &self.user {
            let owner = format!("{0}:{0}", user.uid);
            self.as_me(&["chown", "-R", &owner, &path.display().to_string()], &self.directory).ok();
        }
    }
}

impl HostUser {
    fn find(name: &str) -> Result<Self, String> {
        let table =
            std::fs::read_to_string("/etc/passwd").map_err(|error| format!("/etc/passwd: {error}"))?;
        let fields: Vec<&str> = table
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>())
            .find(|fields| fields.first() == Some(&name))
            .ok_or_else(|| format!("no user {name}"))?;
        let uid = fields.get(2).and_then(|uid| uid.parse().ok()).ok_or("no uid in /etc/passwd")?;
        let home = fields.get(5).map(PathBuf::from).ok_or("no home in /etc/passwd")?;
        Ok(Self { name: name.to_owned(), uid, home })
    }
}

/// The absolute path of a program of the host.
fn find(program: &str) -> Result<String, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file());
    found.map(|file| file.display().to_string()).ok_or_else(|| format!("no {program} on this host"))
}

/// Copies the static binary to a place that every user can enter.
fn publish_binary(directory: &Path) -> Result<PathBuf, String> {
    let built = std::env::var_os("DRAWBRIDGE_BIN").map_or_else(
        || {
            let triple =
                format!("target/static/{}-unknown-linux-gnu/release/drawbridge", std::env::consts::ARCH);
            Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(triple)
        },
        PathBuf::from,
    );
    let bin = directory.join("bin");
    let target = bin.join("drawbridge");
    let fail = |error: std::io::Error| format!("{}: {error} (./scripts/test e2e builds it)", built.display());
    std::fs::create_dir_all(&bin).map_err(fail)?;
    let staged = bin.join(format!("drawbridge.{}", std::process::id()));
    std::fs::copy(&built, &staged).map_err(fail)?;
    std::fs::set_permissions(&staged, std::fs::Permissions::from_mode(0o755)).map_err(fail)?;
    std::fs::rename(&staged, &target).map_err(fail)?;
    Ok(target)
}
