//! Stores that were handed to the container's user, and the way round the distribution's program.

use super::*;

const BUNDLE: &str = "etc/ssl/certs/ca-certificates.crt";
const STORE: &str = "usr/lib/jvm/jdk/lib/security/cacerts";

fn container() -> Container {
    Container::new()
        .with(BUNDLE, ACME)
        .with("usr/local/share/ca-certificates/.keep", "")
        .with_program("usr/sbin/update-ca-certificates", "exit 3")
        .with(STORE, jks())
}

fn group(container: &Container) -> u32 {
    fs::metadata(container.folder.path()).unwrap().gid()
}

/// From here on as an ordinary user; root leaves to the user what was handed over.
fn as_user(container: &mut Container) {
    if container.root.uid == 0 {
        container.root.uid = 4321;
        container.root.state = PathBuf::from("/home/me/state");
        fs::create_dir_all(container.at("home/me/state")).unwrap();
        std::os::unix::fs::chown(container.at("home/me/state"), Some(4321), None).unwrap();
    }
}

#[test]
fn stores_move_and_links_take_their_place() {
    let mut container = container();
    let reports = outcomes(hand_over(&container.root, group(&container)).unwrap());
    assert!(reports.values().all(|outcome| *outcome == Outcome::HandedOver), "{reports:?}");
    assert_eq!(reports.len(), 2);
    for path in [BUNDLE, STORE] {
        let link = fs::read_link(container.at(path)).unwrap();
        assert_eq!(link, Path::new(HANDED_OVER).join(path.replace('/', "_")));
    }
    let before = container.tree();
    assert!(hand_over(&container.root, group(&container)).unwrap().is_empty());
    assert_eq!(container.tree(), before);

    if container.root.uid == 0 {
        let left = container.install();
        assert!(left.values().all(|outcome| matches!(outcome, Outcome::Left { .. })), "{left:?}");
        container.undo();
    }
    as_user(&mut container);
    let before = container.tree();
    // The distribution's program would fail here, and would replace the link elsewhere.
    let added = container.install();
    assert!(added.values().all(|outcome| *outcome == Outcome::Added), "{added:?}");
    let place = HANDED_OVER.trim_start_matches('/');
    assert!(trusts(&container.read(&format!("{place}/{}", STORE.replace('/', "_")))));
    let bundle = container.read(&format!("{place}/{}", BUNDLE.replace('/', "_")));
    assert_eq!(bundle, [ACME, BETA].concat().as_bytes());
    container.undo();
    let after: BTreeMap<_, _> = container.tree();
    let files = |tree: &BTreeMap<PathBuf, (u32, Vec<u8>)>| {
        tree.iter()
            .filter(|(path, _)| !path.ends_with("state"))
            .map(|(path, file)| (path.clone(), file.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(files(&after), files(&before));
}

#[test]
fn direct_leaves_the_program_out_and_undo_restores_every_byte() {
    let container = container();
    let before = container.tree();
    let options = Options { direct: true, ..Options::default() };
    let added = outcomes(install(&container.root, &beta(), &options).unwrap());
    assert_eq!(added[&format!("/{BUNDLE}")], Outcome::Added);
    let anchors = fs::read_dir(container.at("usr/local/share/ca-certificates")).unwrap().count();
    assert_eq!(anchors, 2, "its next run keeps the certificate");
    let installed = container.tree();
    let again = outcomes(install(&container.root, &beta(), &options).unwrap());
    assert!(again.values().all(|outcome| *outcome == Outcome::Present), "{again:?}");
    assert_eq!(container.tree(), installed);
    container.undo();
    assert_eq!(container.tree(), before);
}
