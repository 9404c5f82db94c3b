//! Keystores against the JDK's own tools, for every JDK that is on the machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use drawbridge_trust::certificate::{Certificate, parse_all};
use drawbridge_trust::keystore::{self, USUAL_PASSWORDS};
use drawbridge_trust::share;

const ACME: &str = include_str!("fixtures/acme-root.pem");
const BETA: &str = include_str!("fixtures/beta-root.pem");

const COUNT: &str = r"
import java.io.FileInputStream;
import java.security.KeyStore;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

class Count {
    public static void main(String[] args) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        char[] password = args.length > 1 ? args[1].toCharArray() : null;
        try (FileInputStream in = new FileInputStream(args[0])) {
            store.load(in, password);
        }
        TrustManagerFactory factory =
            TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        X509TrustManager manager = (X509TrustManager) factory.getTrustManagers()[0];
        System.out.println(manager.getAcceptedIssuers().length);
    }
}
";

/// The homes of the JDKs on this machine, each one once.
fn jdks() -> Vec<PathBuf> {
    let mut homes: Vec<PathBuf> = fs::read_dir("/usr/lib/jvm")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .chain(std::env::var_os("JAVA_HOME").map(PathBuf::from))
        .filter(|home| home.join("bin/keytool").is_file() && home.join("bin/javac").is_file())
        .filter_map(|home| home.canonicalize().ok())
        .collect();
    homes.sort();
    homes.dedup();
    if homes.is_empty() {
        println!("skipped: no JDK on this machine");
    }
    homes
}

fn run(program: &Path, args: &[&str]) -> String {
    let Output { status, stdout, stderr } =
        Command::new(program).args(args).env_remove("JAVA_TOOL_OPTIONS").output().expect("the JDK starts");
    let said = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{} {args:?}: {said}", program.display());
    said
}

fn keytool(home: &Path, args: &[&str]) -> String {
    run(&home.join("bin/keytool"), args)
}

fn list(home: &Path, store: &Path) -> String {
    keytool(home, &["-list", "-keystore", text(store), "-storepass", "changeit"])
}

/// How many issuers a trust manager over `store` accepts.
fn accepted(home: &Path, folder: &Path, store: &Path, password: Option<&str>) -> usize {
    let source = folder.join("Count.java");
    fs::write(&source, COUNT).expect("the folder is writable");
    let args: Vec<&str> = [text(&source), text(store)].into_iter().chain(password).collect();
    run(&home.join("bin/java"), &args).trim().parse().expect("a number")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are ASCII")
}

fn certificate(pem: &str) -> Certificate {
    parse_all(pem.as_bytes()).remove(0)
}

#[test]
fn java_reads_the_shared_store_with_and_without_its_password() {
    for home in jdks() {
        let folder = tempfile::tempdir().unwrap();
        share::write(folder.path(), ACME, &[BETA]).unwrap();
        let store = folder.path().join(share::KEYSTORE);
        let listed = list(&home, &store);
        assert_eq!(listed.matches("trustedCertEntry").count(), 2, "{listed}");
        assert!(listed.contains("drawbridge:"), "{listed}");
        assert_eq!(accepted(&home, folder.path(), &store, Some("changeit")), 2);
        // A user who sets `trustStore` and forgets the password still gets a working JVM.
        assert_eq!(accepted(&home, folder.path(), &store, None), 2);
    }
}

#[test]
fn java_reads_all_public_roots_of_this_machine() {
    let Ok(bundle) = fs::read_to_string("/etc/ssl/certs/ca-certificates.crt") else {
        println!("skipped: no bundle at the usual place of Debian");
        return;
    };
    for home in jdks() {
        let folder = tempfile::tempdir().unwrap();
        share::write(folder.path(), &bundle, &[BETA]).unwrap();
        let store = folder.path().join(share::KEYSTORE);
        let expected = parse_all(&fs::read(folder.path().join(share::BUNDLE)).unwrap()).len();
        assert_eq!(accepted(&home, folder.path(), &store, Some("changeit")), expected);
        assert_eq!(list(&home, &store).matches("trustedCertEntry").count(), expected);
    }
}

/// The store types that the JDKs of the last ten years write.
const WRITTEN_BY_KEYTOOL: [(&str, &[&str]); 3] = [
    ("JKS", &["-storetype", "JKS"]),
    ("PKCS #12", &["-storetype", "PKCS12"]),
    ("PKCS #12 as before JDK 17", &["-storetype", "PKCS12", "-J-Dkeystore.pkcs12.legacy"]),
];

#[test]
fn what_keytool_wrote_is_changed_and_restored() {
    for home in jdks() {
        for (name, options) in WRITTEN_BY_KEYTOOL {
            let folder = tempfile::tempdir().unwrap();
            let (store, pem) = (folder.path().join("store"), folder.path().join("acme.pem"));
            fs::write(&pem, ACME).unwrap();
            let import = [
                "-importcert",
                "-noprompt",
                "-alias",
                "acme",
                "-file",
                text(&pem),
                "-keystore",
                text(&store),
                "-storepass",
                "changeit",
            ];
            keytool(&home, &[&import[..], options].concat());
            let original = fs::read(&store).unwrap();
            let known = keystore::certificates(&original, &USUAL_PASSWORDS).unwrap();
            assert_eq!(known, [certificate(ACME)], "{name}");
            assert_eq!(
                keystore::add(&original, &USUAL_PASSWORDS, &[certificate(ACME)]).unwrap(),
                None,
                "{name}",
            );

            let beta = [certificate(BETA)];
            let with = keystore::add(&original, &USUAL_PASSWORDS, &beta).unwrap().unwrap();
            fs::write(&store, &with).unwrap();
            let listed = list(&home, &store);
            assert_eq!(listed.matches("trustedCertEntry").count(), 2, "{name}: {listed}");
            assert_eq!(accepted(&home, folder.path(), &store, Some("changeit")), 2, "{name}");

            let restored = keystore::remove(&with, &USUAL_PASSWORDS, &beta).unwrap().unwrap();
            assert!(restored == original, "{name}: not the original bytes");
        }
    }
}

#[test]
fn private_keys_survive() {
    for home in jdks() {
        for (name, options) in WRITTEN_BY_KEYTOOL {
            let folder = tempfile::tempdir().unwrap();
            let store = folder.path().join("store");
            let access = ["-keystore", text(&store), "-storepass", "changeit"];
            let generate = ["-genkeypair", "-alias", "own", "-keyalg", "EC", "-dname", "CN=own"];
            keytool(&home, &[&generate[..], &["-keypass", "changeit"], &access, options].concat());
            let original = fs::read(&store).unwrap();
            let with = keystore::add(&original, &USUAL_PASSWORDS, &[certificate(BETA)]).unwrap().unwrap();
            fs::write(&store, with).unwrap();
            let listed = list(&home, &store);
            assert!(listed.contains("PrivateKeyEntry"), "{name}: {listed}");
            assert!(listed.contains("trustedCertEntry"), "{name}: {listed}");
            // A request is signed with the key, so it can still be opened.
            let request = keytool(&home, &[&["-certreq", "-alias", "own"][..], &access].concat());
            assert!(request.contains("BEGIN NEW CERTIFICATE REQUEST"), "{name}: {request}");
        }
    }
}

#[test]
fn the_cacerts_of_each_jdk_takes_a_ca() {
    for home in jdks() {
        let folder = tempfile::tempdir().unwrap();
        let original = fs::read(home.join("lib/security/cacerts")).unwrap();
        let roots = keystore::certificates(&original, &USUAL_PASSWORDS).unwrap().len();
        let with = keystore::add(&original, &USUAL_PASSWORDS, &[certificate(BETA)]).unwrap().unwrap();
        let store = folder.path().join("cacerts");
        fs::write(&store, &with).unwrap();
        let listed = list(&home, &store);
        assert_eq!(listed.matches("trustedCertEntry").count(), roots + 1);
        assert_eq!(keystore::remove(&with, &USUAL_PASSWORDS, &[certificate(BETA)]).unwrap(), Some(original),);
    }
}

#[test]
fn an_installation_into_a_jdk_is_seen_by_its_own_keytool_and_undone() {
    use drawbridge_trust::engine::{Options, install, undo};
    use drawbridge_trust::{Outcome, Root};
    use std::os::unix::fs::MetadataExt;

    for home in jdks() {
        let folder = tempfile::tempdir().unwrap();
        let security = folder.path().join("opt/jdk/lib/security");
        fs::create_dir_all(&security).unwrap();
        let store = security.join("cacerts");
        let original = fs::read(home.join("lib/security/cacerts")).unwrap();
        fs::write(&store, &original).unwrap();
        let root = Root {
            root: folder.path().to_owned(),
            uid: fs::metadata(folder.path()).unwrap().uid(),
            homes: Vec::new(),
            path: Vec::new(),
            state: PathBuf::from("/state"),
        };
        let before = list(&home, &store).matches("trustedCertEntry").count();
        let reports = install(&root, &[certificate(BETA)], &Options::default()).unwrap();
        assert!(reports.iter().any(|report| report.outcome == Outcome::Added), "{reports:?}");
        assert_eq!(list(&home, &store).matches("trustedCertEntry").count(), before + 1);
        undo(&root, &Options::default()).unwrap();
        assert!(fs::read(&store).unwrap() == original);
        assert!(!folder.path().join("state").exists());
    }
}
