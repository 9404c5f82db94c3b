use std::fs;

use super::*;
use crate::certificate::parse_all;
use crate::host_cas::HostCa;

const ACME: &str = include_str!("../../../tests/fixtures/acme-root.pem");
const BETA: &str = include_str!("../../../tests/fixtures/beta-root.pem");

/// Certificates that differ in their serial number only; a stand-in for the public set.
fn public(count: u8) -> Vec<Certificate> {
    let der = parse_all(ACME.as_bytes()).remove(0).der().to_vec();
    (1..=count)
        .map(|number| {
            let mut der = der.clone();
            der[20] = number; // Inside the serial number, whose content no parser interprets.
            Certificate::from_der(&der).unwrap()
        })
        .collect()
}

fn find_in(root: &Path, bundles: &[PathBuf]) -> Vec<HostCa> {
    let mut found = Found::default();
    find(root, bundles, &mut found);
    found.cas
}

struct Host(tempfile::TempDir);

impl Host {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// The distribution's own set as Debian ships it, and a bundle of it plus `added`.
    fn debian(added: &str) -> Self {
        let mut host = Self::new();
        let mut bundle = String::new();
        for (index, certificate) in public(60).iter().enumerate() {
            let pem = certificate.to_pem();
            host = host.with(&format!("usr/share/ca-certificates/mozilla/Root_{index}.crt"), &pem);
            bundle.push_str(&pem);
        }
        bundle.push_str(added);
        host.with("etc/ssl/certs/ca-certificates.crt", bundle)
    }

    /// `subject` and the source below the root of what was found.
    fn found(&self, bundles: &[PathBuf]) -> Vec<(String, String)> {
        find_in(self.0.path(), bundles)
            .into_iter()
            .map(|ca| {
                let source = ca.source.strip_prefix(self.0.path()).unwrap().display().to_string();
                (ca.subject.split(',').next().unwrap().to_owned(), source)
            })
            .collect()
    }
}

fn entry(subject: &str, source: &str) -> (String, String) {
    (subject.to_owned(), source.to_owned())
}

#[test]
fn every_distribution_has_its_folder() {
    for folder in [
        "usr/local/share/ca-certificates/company",
        "etc/pki/ca-trust/source/anchors",
        "etc/pki/trust/anchors",
        "etc/ca-certificates/trust-source/anchors",
    ] {
        let path = format!("{folder}/acme.crt");
        let host = Host::new().with(&path, ACME);
        assert_eq!(host.found(&[]), [entry("CN=Acme Root", &path)], "{folder}");
    }
}

#[test]
fn an_added_ca_is_found_once_and_public_roots_are_not() {
    let host = Host::debian(&[ACME, BETA].concat()).with("usr/local/share/ca-certificates/acme.crt", ACME);
    assert_eq!(
        host.found(&[]),
        [
            entry("CN=Acme Root", "usr/local/share/ca-certificates/acme.crt"),
            // It was put into the bundle by hand.
            entry("CN=Beta Inspection CA", "etc/ssl/certs/ca-certificates.crt"),
        ],
    );
}

#[test]
fn a_ca_from_a_company_package_is_found() {
    let host = Host::debian(BETA).with("usr/share/ca-certificates/beta/beta.crt", BETA);
    assert_eq!(host.found(&[]), [entry("CN=Beta Inspection CA", "etc/ssl/certs/ca-certificates.crt")],);
}

#[test]
fn fedora_and_arch_are_known_by_their_p11_kit_files() {
    let shipped: String = public(60)
        .iter()
        .flat_map(|certificate| ["[p11-kit-object-v1]\n".to_owned(), certificate.to_pem()])
        .collect();
    for (set, bundle) in [
        (
            "usr/share/pki/ca-trust-source/ca-bundle.trust.p11-kit",
            "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        ),
        ("usr/share/ca-certificates/trust-source/mozilla.trust.p11-kit", "etc/ssl/certs/ca-certificates.crt"),
    ] {
        let host = Host::new().with(set, &shipped).with(bundle, [&shipped, ACME].concat());
        assert_eq!(host.found(&[]), [entry("CN=Acme Root", bundle)]);
    }
}

#[test]
fn a_bundle_of_an_unknown_distribution_tells_nothing() {
    let bundle: String = public(60).iter().map(Certificate::to_pem).collect();
    let host = Host::new().with("etc/ssl/cert.pem", &bundle).with("opt/all.pem", &bundle);
    assert_eq!(host.found(&[host.0.path().join("opt/all.pem")]), []);
}

#[test]
fn a_file_that_a_variable_names_is_looked_at() {
    let host = Host::debian("").with("opt/company.pem", [BETA, &public(3)[2].to_pem()].concat());
    let named = host.0.path().join("opt/company.pem");
    assert_eq!(host.found(&[named]), [entry("CN=Beta Inspection CA", "opt/company.pem")]);

    let host = Host::new().with("opt/company.pem", BETA);
    let named = host.0.path().join("opt/company.pem");
    assert_eq!(host.found(&[named]), [entry("CN=Beta Inspection CA", "opt/company.pem")]);
}

#[test]
fn the_public_bundle_leaves_added_cas_out() {
    let host = Host::debian(&[ACME, BETA].concat()).with("usr/local/share/ca-certificates/acme.crt", ACME);
    assert_eq!(super::public(host.0.path()).len(), 60);
    assert_eq!(super::public(Host::new().0.path()), []);
}

#[test]
fn broken_files_and_other_names_are_passed_over() {
    let host = Host::new()
        .with("usr/local/share/ca-certificates/readme.txt", ACME)
        .with("usr/local/share/ca-certificates/broken.crt", "-----BEGIN CERTIFICATE-----\nAAAA")
        .with("usr/local/share/ca-certificates/empty.crt", "")
        .with("usr/local/share/ca-certificates/loop/x.crt", BETA);
    let anchors = host.0.path().join("usr/local/share/ca-certificates");
    std::os::unix::fs::symlink("..", anchors.join("loop/again")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", anchors.join("endless.crt")).unwrap();
    assert_eq!(
        host.found(&[]),
        [entry("CN=Beta Inspection CA", "usr/local/share/ca-certificates/loop/x.crt")],
    );
}

/// The machine that runs the tests: whatever an administrator added is in its bundle too.
#[test]
fn what_is_found_on_this_machine_is_in_its_bundle() {
    let root = Path::new("/");
    let Some(bundle) = BUNDLES.iter().map(|path| root.join(path)).find(|path| path.exists()) else {
        println!("skipped: this machine has no certificate bundle");
        return;
    };
    let all = read_certificates(&bundle);
    let anchored = ANCHORS
        .iter()
        .flat_map(|folder| walk::files(&root.join(folder), is_anchor))
        .flat_map(|path| read_certificates(&path))
        .filter(|certificate| all.contains(certificate))
        .map(|certificate| certificate.fingerprint_sha256());
    let found: HashSet<String> = find_in(root, &[]).into_iter().map(|ca| ca.fingerprint_sha256).collect();
    let expected: HashSet<String> = anchored.collect();
    assert!(expected.is_subset(&found));
    assert_eq!(super::public(root).len() + found.len(), certificate::distinct(all).len());
}
