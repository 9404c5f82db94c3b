//! What hostile processes can leave for the search: it ends, keeps little, and says what it left out.

use std::os::unix::fs::PermissionsExt;

use super::*;

/// What a small search needs at most on a busy machine.
const SOON: Duration = Duration::from_secs(20);

#[test]
fn the_largest_bundle_is_read_in_part_and_in_blocks() {
    let world = World::new();
    let at = "home/dev/.vscode-server/extensions/a.b-1";
    world.write(&format!("{at}/package.json"), r#"{"publisher": "a", "name": "b"}"#);
    // 500 MB without a block on the disk.
    let bundle = fs::File::create(world.0.path().join(at).join("main.js")).unwrap();
    bundle.set_len(500_000_000).unwrap();
    let proc = world.0.path().join("proc");
    let mut search = world.search(&proc);
    search.deadline = Instant::now() + Duration::from_millis(200);
    let started = Instant::now();
    let found = extensions::find(&mut search);
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    assert_eq!((found[0].id.as_str(), &found[0].digest), ("a.b", &None));
    let notes = search.notes.join("\n");
    assert!(notes.contains("a.b-1") && notes.contains("too much of it, or no time"), "{notes}");
}

#[test]
fn nested_settings_of_the_largest_size_are_taken_as_text() {
    let world = World::new();
    let nested = "{\"a\":".repeat((1 << 20) / 5);
    world.write("home/dev/.vscode-server/data/Machine/settings.json", &nested);
    let proc = world.0.path().join("proc");
    let mut search = world.search(&proc);
    assert_eq!(settings::find(&mut search)[0].text.len(), nested.len());
    assert_eq!(search.notes, Vec::<String>::new());
}

#[test]
fn names_that_steer_a_terminal_are_kept_as_text() {
    let world = World::new();
    let name = "vscode-ipc-\u{1b}]0;owned\u{7}\u{1b}[2J\n.sock";
    let _listener = UnixListener::bind(world.0.path().join("tmp").join(name)).unwrap();
    world.write("proc/41/environ", "VSCODE_IPC_HOOK_CLI=/tmp/\u{1b}[2J\0");
    world.write("proc/41/comm", "no\u{1b}[31mde\n");
    let proc = world.0.path().join("proc");
    let mut search = world.search(&proc);
    let processes = processes::read(&mut search);
    let found = sockets::find(&mut search, &processes, false);
    assert_eq!(found.len(), 1);
    assert!(found[0].connectable && found[0].path.ends_with(name), "{found:?}");
    let variables = processes::variables(processes);
    assert_eq!(variables[0].process, "no\u{1b}[31mde");
    // The reports escape it; between the two it travels as JSON, which has no raw control characters.
    let json = serde_json::to_string(&(found, variables)).unwrap();
    assert!(!json.contains(char::is_control), "{json}");
}

#[test]
fn loops_of_links_end_and_are_said() {
    let world = World::new();
    let server = world.0.path().join("home/dev/.vscode-server");
    fs::create_dir_all(server.join("data/Machine")).unwrap();
    let around = |at: std::path::PathBuf| symlink(&at, &at).unwrap();
    around(server.join("extensions"));
    around(server.join("data/Machine/settings.json"));
    around(world.0.path().join("home/dev/.ssh"));
    around(world.0.path().join("home/dev/.gitconfig"));
    symlink("b", world.0.path().join("tmp/vscode-ipc-a.sock")).unwrap();
    symlink("vscode-ipc-a.sock", world.0.path().join("tmp/b")).unwrap();
    let proc = world.0.path().join("proc");
    let mut search = world.search(&proc);
    assert_eq!(extensions::find(&mut search), []);
    assert_eq!(settings::find(&mut search), []);
    assert_eq!(kinds(&files::find(&mut search, None)), ["editor-server"]);
    assert_eq!(sockets::find(&mut search, &[], false), []);
    let notes = search.notes.join("\n");
    for folder in ["extensions was not looked into", ".ssh was not looked into"] {
        assert!(notes.contains(folder), "{notes}");
    }
}

#[test]
fn a_closed_folder_is_a_note() {
    if rustix::process::geteuid().is_root() {
        println!("skipped: no folder is closed to root");
        return;
    }
    let world = World::new();
    let tmp = world.0.path().join("tmp");
    fs::set_permissions(&tmp, fs::Permissions::from_mode(0)).unwrap();
    let proc = world.0.path().join("proc");
    let mut search = world.search(&proc);
    assert_eq!(sockets::find(&mut search, &[], false), []);
    fs::set_permissions(&tmp, fs::Permissions::from_mode(0o700)).unwrap();
    assert!(search.notes.iter().any(|note| note.contains("tmp was not looked into")), "{:?}", search.notes);
}
