use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use drawbridge_bridge::signatures::SIGNATURES;

use super::*;

mod hostile;

/// A container's file system in a folder, seen as the user who runs the tests.
struct World(tempfile::TempDir);

impl World {
    fn new() -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(world.0.path().join("home/dev")).unwrap();
        fs::create_dir_all(world.0.path().join("proc/net")).unwrap();
        fs::create_dir_all(world.0.path().join("tmp")).unwrap();
        world
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn search<'a>(&'a self, proc: &'a Path) -> Search<'a> {
        Search {
            proc,
            root: self.0.path(),
            home: self.0.path().join("home/dev"),
            uid: 1000,
            deadline: Instant::now() + Duration::from_mins(1),
            notes: Vec::new(),
        }
    }
}

fn kinds(found: &[drawbridge_bridge::facts::FileFact]) -> Vec<&str> {
    found.iter().map(|file| file.kind.as_str()).collect()
}

#[test]
fn credentials_are_named_and_never_taken() {
    let world = World::new();
    world.write("home/dev/.gitconfig", "[user]\n\tname = A\n[credential]\n\thelper = \"!f() { node /tmp/vscode-remote-containers-1.js git-credential-helper $*; }; f\"\n[alias]\n\tx = !sh\n");
    world.write(
        "home/dev/.docker/config.json",
        r#"{"credsStore": "dev-containers-1", "auths": {"r.example": {"auth": "c2VjcmV0"}}}"#,
    );
    world.write("home/dev/.config/gh/hosts.yml", "github.example:\n    oauth_token: hidden\n");
    world.write("home/dev/.ssh/id_test", "-----BEGIN OPENSSH PRIVATE KEY-----\nhidden\n");
    world.write("home/dev/.ssh/id_test.pub", "ssh-ed25519 hidden\n");
    world.write("home/dev/.ssh/known_hosts", "a\nb\n");
    world.write("home/dev/.netrc", "machine a password hidden\n");
    world.write("ws/.git/config", "");
    let proc = world.0.path().join("proc");
    let found = files::find(&mut world.search(&proc), Some(&world.0.path().join("ws")));
    assert_eq!(
        kinds(&found),
        [
            "ground",
            "netrc",
            "git-identity",
            "git-credential-helper",
            "git-shell-alias",
            "docker-credential-helper",
            "docker-credentials",
            "gh-token",
            "ssh-key",
            "known-hosts",
        ]
    );
    let all = format!("{found:?}");
    assert!(!all.contains("hidden") && !all.contains("c2VjcmV0"), "{all}");
}

#[test]
fn a_home_comes_from_the_table_of_users() {
    let world = World::new();
    world.write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nbroken\nodd:x:7:7::relative:/bin/sh\ndev:x:1000:1000::/home/dev:/bin/sh\n");
    assert_eq!(files::home(world.0.path(), 1000), world.0.path().join("home/dev"));
    assert_eq!(files::home(world.0.path(), 7), world.0.path().join("nonexistent"));
    assert_eq!(files::home(world.0.path(), 8), world.0.path().join("nonexistent"));
}

#[test]
fn sockets_are_found_by_name_and_through_variables() {
    let world = World::new();
    let at = |path: &str| world.0.path().join(path);
    let _ipc = UnixListener::bind(at("tmp/vscode-ipc-1.sock")).unwrap();
    let _other = UnixListener::bind(at("tmp/mysql.sock")).unwrap();
    drop(UnixListener::bind(at("tmp/vscode-ssh-auth-2.sock")).unwrap());
    let _agent = UnixListener::bind(at("agent")).unwrap();
    symlink(at("loop"), at("loop")).unwrap();
    let environ = format!("SSH_AUTH_SOCK={}\0", at("agent").display());
    world.write("proc/41/environ", &environ);
    world.write("proc/41/comm", "claude\n");
    world.write("proc/42/environ", "SSH_AUTH_SOCK=relative\0");
    let proc = at("proc");
    let mut search = world.search(&proc);
    let processes = processes::read(&mut search);
    let mut found = sockets::find(&mut search, &processes, false);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    let shown: Vec<(&str, bool)> = found.iter().map(|one| (one.family.as_str(), one.connectable)).collect();
    assert_eq!(shown, [("ssh-agent", true), ("cli-ipc", true), ("ssh-agent", false)]);
    assert_eq!(processes::variables(processes)[0].process, "claude");
}

#[test]
fn words_are_found_across_blocks_and_in_code_only() {
    let world = World::new();
    let wanted = SIGNATURES[1].text;
    let at = "home/dev/.vscode-server/extensions/a.b-1";
    world.write(&format!("{at}/package.json"), r#"{"publisher": "a", "name": "b", "extensionKind": ["ui"]}"#);
    // The word lies over the end of the first block.
    let longest = SIGNATURES.iter().map(|known| known.text.len()).max().unwrap();
    let text = format!("{}{wanted}", "x".repeat(longest - 1 + (256 << 10) - 3));
    world.write(&format!("{at}/dist/deep/main.js"), &text);
    world.write(&format!("{at}/readme.md"), SIGNATURES[0].text);
    symlink(world.0.path().join(at), world.0.path().join(at).join("loop")).unwrap();
    world.write("home/dev/.vscode-server/extensions/broken/package.json", "{");
    let proc = world.0.path().join("proc");
    let found = extensions::find(&mut world.search(&proc));
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].id.as_str(), found[0].kinds.as_slice()), ("a.b", ["ui".to_owned()].as_slice()));
    assert_eq!(found[0].signatures, [wanted]);
}

#[test]
fn a_digest_tells_any_change_of_code_and_names() {
    let world = World::new();
    let at = "home/dev/.vscode-server/extensions/a.b-1";
    world.write(&format!("{at}/package.json"), r#"{"publisher": "a", "name": "b"}"#);
    world.write(&format!("{at}/dist/main.js"), "one");
    world.write(&format!("{at}/readme.md"), "text");
    let proc = world.0.path().join("proc");
    let digest = || extensions::find(&mut world.search(&proc))[0].digest.clone().expect("all of it was read");
    let mut seen = vec![digest()];
    assert_eq!(digest(), seen[0]);
    world.write(&format!("{at}/dist/main.js"), "two");
    seen.push(digest());
    world.write(&format!("{at}/package.json"), r#"{"publisher": "a", "name": "b", "main": "x"}"#);
    seen.push(digest());
    world.write(&format!("{at}/extra.bin"), "x");
    seen.push(digest());
    symlink("/tmp", world.0.path().join(at).join("link")).unwrap();
    seen.push(digest());
    let different: std::collections::BTreeSet<&String> = seen.iter().collect();
    assert_eq!(different.len(), seen.len());
}

#[test]
fn machine_settings_are_bounded() {
    let world = World::new();
    world.write("home/dev/.vscode-server/data/Machine/settings.json", "{}");
    world.write("home/dev/.cursor-server/data/Machine/settings.json", &"[".repeat((1 << 20) + 1));
    let proc = world.0.path().join("proc");
    let mut search = world.search(&proc);
    let found = settings::find(&mut search);
    let texts: Vec<&str> = found.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts, ["{}", ""]);
    assert_eq!(search.notes.len(), 1);
}

#[test]
fn what_is_no_plain_file_does_not_hold_the_search_up() {
    let world = World::new();
    let path = world.0.path().join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR).unwrap();
    assert!(head(&path, 10).is_none());
    assert!(head(world.0.path(), 10).is_none());
}

#[test]
fn this_machine_is_looked_at_in_time_and_without_a_change() {
    let started = Instant::now();
    let facts = collect(&Options { budget: Duration::from_secs(5), ..Options::default() });
    assert_eq!(facts.version, VERSION);
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    assert!(facts.mounts.iter().all(|mount| mount.target.starts_with('/')));
}
