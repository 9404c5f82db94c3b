//! Keystores wherever JDKs are, browsers, and what stays as it is.

use super::*;
use crate::file::interruption;

/// JDKs of every kind of place, each with a store of its own.
fn jdks() -> Container {
    Container::new()
        .with("etc/ssl/certs/java/cacerts", jks())
        .with_link("usr/lib/jvm/java-17/lib/security/cacerts", "/etc/ssl/certs/java/cacerts")
        .with("usr/lib/jvm/temurin-21/lib/security/cacerts", pkcs12())
        .with("opt/jdk8/jre/lib/security/cacerts", jks())
        .with("home/me/.sdkman/candidates/java/21-tem/lib/security/cacerts", jks())
        .with_link("home/me/.sdkman/candidates/java/current", "21-tem")
        .with("home/me/.cache/coursier/arc/https/host.example/a/b/jdk/lib/security/cacerts", jks())
        .with("home/me/.gradle/jdks/vendor/jdk/lib/security/cacerts", jks())
        .with("home/me/.config/JetBrains/IdeaIC/ssl/cacerts", jks())
        .with("etc/ssl/certs/ca-certificates.crt", ACME)
}

const KEYSTORES: [&str; 7] = [
    "etc/ssl/certs/java/cacerts",
    "home/me/.cache/coursier/arc/https/host.example/a/b/jdk/lib/security/cacerts",
    "home/me/.config/JetBrains/IdeaIC/ssl/cacerts",
    "home/me/.gradle/jdks/vendor/jdk/lib/security/cacerts",
    "home/me/.sdkman/candidates/java/21-tem/lib/security/cacerts",
    "opt/jdk8/jre/lib/security/cacerts",
    "usr/lib/jvm/temurin-21/lib/security/cacerts",
];

#[test]
fn every_keystore_takes_the_ca_and_keeps_its_roots() {
    let container = jdks();
    let outcomes = container.install();
    for path in KEYSTORES {
        assert_eq!(outcomes[&format!("/{path}")], Outcome::Added, "{path}");
        let trusted = keystore::certificates(&container.read(path), &USUAL_PASSWORDS).unwrap();
        assert_eq!(trusted, [vec![acme()], beta().to_vec()].concat(), "{path}");
    }
    // One report per store: links to a store are no stores of their own.
    assert_eq!(outcomes.len(), KEYSTORES.len() + 1);
}

#[test]
fn a_second_run_changes_no_byte_and_undo_restores_every_byte() {
    let container = jdks();
    let before = container.tree();
    container.install();
    let installed = container.tree();
    assert_ne!(installed, before);
    let again = container.install();
    assert!(again.values().all(|outcome| *outcome == Outcome::Present), "{again:?}");
    assert_eq!(container.tree(), installed);

    let undone = container.undo();
    assert!(undone.values().all(|outcome| *outcome == Outcome::Restored), "{undone:?}");
    assert_eq!(container.tree(), before);
}

#[test]
fn a_dry_run_tells_the_truth_and_changes_nothing() {
    let container = jdks();
    let before = container.tree();
    let would = container.dry_run();
    assert_eq!(container.tree(), before);
    let did = container.install();
    let expected: BTreeMap<String, Outcome> = would
        .into_iter()
        .map(|(path, outcome)| {
            assert_eq!(outcome, Outcome::WouldAdd);
            (path, Outcome::Added)
        })
        .collect();
    assert_eq!(did, expected);
}

#[test]
fn owners_and_modes_stay() {
    let container = jdks();
    let store = container.at(KEYSTORES[4]);
    fs::set_permissions(&store, fs::Permissions::from_mode(0o640)).unwrap();
    let before = fs::metadata(&store).unwrap();
    container.install();
    let after = fs::metadata(&store).unwrap();
    assert_eq!((after.mode(), after.uid(), after.gid()), (before.mode(), before.uid(), before.gid()));
}

#[test]
fn stores_that_cannot_be_read_stay_as_they_are() {
    let cut = jks();
    let container = Container::new()
        .with("opt/cut/lib/security/cacerts", &cut[..cut.len() / 2])
        .with("opt/own/lib/security/cacerts", keystore::jks::empty("s3cret"))
        .with("opt/jceks/lib/security/cacerts", [0xce, 0xce, 0xce, 0xce, 0, 0])
        .with("opt/empty/lib/security/cacerts", "")
        .with("opt/huge/lib/security/cacerts", "");
    let huge = fs::File::options().write(true).open(container.at("opt/huge/lib/security/cacerts"));
    huge.unwrap().set_len(17 * 1024 * 1024).unwrap();
    let before = container.tree();
    let outcomes = container.install();
    let left = |name: &str| &outcomes[&format!("/opt/{name}/lib/security/cacerts")];
    check_left(left("cut"), "corrupt JKS keystore");
    check_left(left("own"), "password of its own");
    check_left(left("jceks"), "JCEKS");
    check_left(left("empty"), "the file is empty");
    check_left(left("huge"), "larger than 16 MiB");
    container.undo();
    assert_eq!(container.tree(), before);
}

#[test]
fn a_store_that_changed_meanwhile_only_loses_the_ca() {
    let container = Container::new().with("opt/jdk/lib/security/cacerts", jks());
    let path = "opt/jdk/lib/security/cacerts";
    container.install();
    // A package update, after which the user imported something and we ran once more.
    let more = keystore::add(
        &container.read(path),
        &["changeit"],
        &parse_all(include_bytes!("../../../tests/fixtures/odd-name.pem")),
    );
    let more = more.unwrap().unwrap();
    fs::write(container.at(path), &more).unwrap();
    assert_eq!(container.undo()["/opt/jdk/lib/security/cacerts"], Outcome::TakenOut);
    let left = container.read(path);
    assert!(!trusts(&left));
    assert_eq!(keystore::certificates(&left, &["changeit"]).unwrap().len(), 2);
}

#[test]
fn a_second_ca_keeps_the_first_original() {
    let container = Container::new().with("opt/jdk/lib/security/cacerts", keystore::jks::empty("changeit"));
    let before = container.tree();
    container.install();
    install(&container.root, &[acme()], &Options::default()).unwrap();
    let store = container.read("opt/jdk/lib/security/cacerts");
    assert_eq!(keystore::certificates(&store, &["changeit"]).unwrap().len(), 2);
    container.undo();
    assert_eq!(container.tree(), before);
}

#[test]
fn an_interruption_before_the_change_leaves_nothing_behind() {
    let container = Container::new().with("opt/jdk/lib/security/cacerts", jks());
    let before = container.tree();
    let mut journal = Journal::open(&container.root).unwrap();
    let path = Path::new("/opt/jdk/lib/security/cacerts");
    journal.note(path, Some(&jks()), b"what would have been written", false).unwrap();
    drop(journal);
    assert_eq!(container.undo()["/opt/jdk/lib/security/cacerts"], Outcome::Absent);
    assert_eq!(container.tree(), before);
}

#[test]
fn an_interruption_at_any_moment_leaves_every_store_valid() {
    let stores =
        ["etc/ssl/certs/ca-certificates.crt", "opt/a/lib/security/cacerts", "opt/b/lib/security/cacerts"];
    let trusted = |bytes: &[u8]| {
        if bytes.starts_with(b"-----") {
            return Ok(parse_all(bytes));
        }
        keystore::certificates(bytes, &USUAL_PASSWORDS)
    };
    let both = [vec![acme()], beta().to_vec()].concat();
    let other = pkcs12();
    for undoing in [false, true] {
        let mut steps = 0;
        loop {
            let container =
                Container::new().with(stores[0], ACME).with(stores[1], jks()).with(stores[2], &other);
            let before = container.tree();
            if undoing {
                container.install();
            }
            let done =
                interruption::after(steps, || if undoing { container.undo() } else { container.install() });
            if done.is_some() {
                break;
            }
            for store in stores {
                let found = trusted(&container.read(store)).unwrap();
                assert!(found == [acme()] || found == both, "{store} after {steps} steps: {found:?}");
            }
            let outcomes = container.install();
            assert_eq!(outcomes.len(), stores.len(), "{outcomes:?}");
            for store in stores {
                assert_eq!(trusted(&container.read(store)).unwrap(), both, "{store} after {steps} steps");
            }
            container.undo();
            assert_eq!(container.tree(), before, "after {steps} steps");
            steps += 1;
        }
        assert!(steps > 2 * stores.len(), "every store is written in several steps: {steps}");
    }
}

#[test]
fn a_keystore_with_a_thousand_roots_takes_one_more() {
    let roots: Vec<Certificate> = (0..1000).map(numbered).collect();
    for empty in [keystore::jks::empty("changeit"), keystore::pkcs12::create(&[], "changeit")] {
        let large = keystore::add(&empty, &["changeit"], &roots).unwrap().unwrap();
        let container = Container::new().with("opt/jdk/lib/security/cacerts", &large);
        let before = container.tree();
        assert_eq!(container.install()["/opt/jdk/lib/security/cacerts"], Outcome::Added);
        let store = container.read("opt/jdk/lib/security/cacerts");
        assert_eq!(keystore::certificates(&store, &["changeit"]).unwrap().len(), roots.len() + 1);
        container.undo();
        assert_eq!(container.tree(), before);
    }
}

#[test]
fn a_store_of_another_user_is_left_to_him() {
    let mut container = Container::new().with("opt/jdk/lib/security/cacerts", jks());
    if container.root.uid == 0 {
        std::os::unix::fs::chown(container.at("opt/jdk/lib"), Some(1234), None).unwrap();
    } else {
        container.root.uid += 1;
        container.root.state = PathBuf::from("/state");
    }
    let outcome = &container.install()["/opt/jdk/lib/security/cacerts"];
    check_left(outcome, "belongs to another user");
    assert_eq!(container.read("opt/jdk/lib/security/cacerts"), jks());
}

#[test]
fn a_journal_of_another_user_is_not_believed() {
    let mut container = Container::new().with("var/lib/drawbridge/trust/journal.json", "{}");
    if container.root.uid == 0 {
        let folder = container.at("var/lib/drawbridge/trust");
        std::os::unix::fs::chown(folder, Some(1234), None).unwrap();
    } else {
        container.root.uid += 1;
    }
    assert!(undo(&container.root, &Options::default()).is_err());
    assert!(install(&container.root, &beta(), &Options::default()).is_err());
}

#[test]
fn browsers_get_a_policy_and_lose_it_again() {
    let theirs = r#"{"policies": {"DisableTelemetry": true}}"#;
    let container = Container::new()
        .with_program("usr/bin/chromium", "exit 1")
        .with_program("usr/bin/firefox-esr", "exit 1")
        .with("etc/firefox/policies/policies.json", theirs);
    let before = container.tree();
    container.install();
    let installed = container.tree();
    let policy: serde_json::Value =
        serde_json::from_slice(&container.read("etc/firefox/policies/policies.json")).unwrap();
    assert_eq!(policy["policies"]["DisableTelemetry"], true);
    let file = policy["policies"]["Certificates"]["Install"][0].as_str().unwrap();
    assert_eq!(container.read(file.trim_start_matches('/')), BETA.as_bytes());
    let chromium: serde_json::Value =
        serde_json::from_slice(&container.read("etc/chromium/policies/managed/drawbridge.json")).unwrap();
    let body: String = BETA.lines().filter(|line| !line.starts_with("---")).collect();
    assert_eq!(chromium["CACertificates"][0], body);

    container.install();
    assert_eq!(container.tree(), installed);
    container.undo();
    assert_eq!(container.tree(), before);
}

#[test]
fn a_bundle_that_a_variable_names_is_extended() {
    let container = Container::new().with("opt/company.pem", ACME);
    let before = container.tree();
    let options = Options {
        bundles: vec![PathBuf::from("/opt/company.pem"), PathBuf::from("/opt/gone.pem")],
        ..Options::default()
    };
    let outcomes = outcomes(install(&container.root, &beta(), &options).unwrap());
    assert_eq!(outcomes["/opt/company.pem"], Outcome::Added);
    check_left(&outcomes["/opt/gone.pem"], "no such file");
    assert_eq!(container.read("opt/company.pem"), [ACME, BETA].concat().as_bytes());
    container.undo();
    assert_eq!(container.tree(), before);
}

#[test]
fn an_nss_database_without_its_program_is_reported() {
    let container = Container::new().with("home/me/.pki/nssdb/cert9.db", "");
    check_left(&container.install()["/home/me/.pki/nssdb"], "there is no `certutil`");
}

/// The program is faked at its boundary: it keeps names in a file.
#[test]
fn an_nss_database_is_changed_by_its_program() {
    let fake = r#"
        db="${2#sql:}/names"
        case "$3" in
          -A) shift; while [ "$1" != -n ]; do shift; done; cat > /dev/null; echo "$2" >> "$db" ;;
          -L) grep -qx "$5" "$db" ;;
          -D) grep -vx "$5" "$db" > "$db.new" || true; mv "$db.new" "$db" ;;
        esac"#;
    let container = Container::new()
        .with_program("usr/bin/certutil", fake)
        .with("home/me/.pki/nssdb/names", "theirs\n")
        .with("home/me/.pki/nssdb/cert9.db", "");
    let before = container.tree();
    assert_eq!(container.install()["/home/me/.pki/nssdb"], Outcome::Added);
    let names = String::from_utf8(container.read("home/me/.pki/nssdb/names")).unwrap();
    assert!(names.starts_with("theirs\ndrawbridge-"), "{names}");
    assert_eq!(container.install()["/home/me/.pki/nssdb"], Outcome::Present);
    assert_eq!(container.undo()["/home/me/.pki/nssdb"], Outcome::TakenOut);
    assert_eq!(container.tree(), before);
}

#[test]
fn seven_keystores_take_little_time() {
    let container = jdks();
    let start = Instant::now();
    container.install();
    let took = start.elapsed();
    println!("{took:?}");
    assert!(took < Duration::from_secs(2), "{took:?}");
}

/// NSS's own program, where the machine has it.
#[test]
fn the_real_program_of_nss() {
    use std::process::Command;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let Some(real) =
        std::env::split_paths(&path).map(|folder| folder.join("certutil")).find(|program| program.is_file())
    else {
        println!("skipped: no certutil on this machine");
        return;
    };
    let container =
        Container::new().with_program("usr/bin/certutil", &format!("exec {} \"$@\"", real.display()));
    let folder = container.at("home/me/.pki/nssdb");
    fs::create_dir_all(&folder).unwrap();
    let certutil = |args: &[&str]| {
        let database = format!("sql:{}", folder.display());
        let output = Command::new(&real).args(["-d", &database]).args(args).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    certutil(&["-N", "--empty-password"]);
    let before = certutil(&["-L"]);

    assert_eq!(container.install()["/home/me/.pki/nssdb"], Outcome::Added);
    let listed = certutil(&["-L"]);
    let line = listed.lines().find(|line| line.starts_with("drawbridge-")).unwrap();
    assert!(line.trim_end().ends_with("C,,"), "{line}");
    assert_eq!(container.install()["/home/me/.pki/nssdb"], Outcome::Present);
    assert_eq!(container.undo()["/home/me/.pki/nssdb"], Outcome::TakenOut);
    assert_eq!(certutil(&["-L"]), before);
}
