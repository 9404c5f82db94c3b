//! Real handshakes by the tools of a real container, with a TLS server whose CA only Drawbridge knows, and with
//! one under a CA of the system's store.

mod matrix;
mod probes;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use drawbridge_tests::{Bed, Inet, Output, until};

/// The server's name and port; it runs in the container of the tools.
pub(crate) const NAME: &str = "check.test";
pub(crate) const SERVER: &str = "check.test:8443";
/// Under the CA that the test images have in their system's store.
const PUBLIC: &str = "allowed.example";
const IMAGE: &str = "drawbridge-test/clients:bookworm";

const PKI: &str = r#"set -eu
cd /pki
key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
openssl req -x509 $key -days 2 -subj "/CN=Only Drawbridge knows" -keyout ca.key -out ca-extra.pem
openssl req -new $key -subj "/CN=check.test" -keyout server.key -out server.csr
printf 'subjectAltName=DNS:check.test\nextendedKeyUsage=serverAuth\n' >server.ext
openssl x509 -req -in server.csr -CA ca-extra.pem -CAkey ca.key -CAcreateserial -days 2 -extfile server.ext -out server.pem
rm ca.key server.csr server.ext
chmod 644 server.key
"#;

/// A folder with `ca-extra.pem`, `server.pem` and `server.key`.
pub(crate) fn pki(bed: &Bed, folder: &Path) {
    let mount = format!("type=bind,source={},target=/pki", folder.display());
    let run = ["run", "--rm", "--network", "none", "--mount", &mount, "drawbridge-test/base:bookworm"];
    bed.docker(&[&run[..], &["sh", "-c", PKI]].concat()).ok();
}

/// Starts the server with the certificate in `folder` of the container.
pub(crate) fn serve(bed: &Bed, container: &str, folder: &str) {
    let script = format!(
        "cd {folder} && exec openssl s_server -quiet -accept 8443 -www -cert server.pem -key server.key"
    );
    bed.docker(&["exec", "--detach", container, "sh", "-c", &script]).ok();
    until("the TLS server answers", Duration::from_secs(30), || {
        let asked = bed
            .docker(&["exec", container, "curl", "-sSk", "-o", "/dev/null", &format!("https://{SERVER}/")])
            .output();
        if asked.code == Some(0) { Ok(()) } else { Err(asked) }
    });
}

/// Tool and verdict, from the JSON of `trust check`.
pub(crate) fn verdicts(output: &Output) -> BTreeMap<String, String> {
    let reports = output.json();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let list = reports.as_array().unwrap_or_else(|| panic!("no list: {output:?}"));
    list.iter().map(|report| (text(&report["tool"]), text(&report["verdict"]))).collect()
}

/// A container that ends with the test.
struct Container<'a> {
    bed: &'a Bed,
    id: String,
    folder: PathBuf,
}

impl<'a> Container<'a> {
    fn start(bed: &'a Bed) -> Self {
        let folder =
            tempfile::Builder::new().prefix("pki-").tempdir_in(&bed.directory).expect("a folder").keep();
        pki(bed, &folder);
        std::fs::write(folder.join("node.pem"), "").expect("a file");
        let pki = format!("type=bind,source={},target=/pki", folder.display());
        let binary = bed.drawbridge().display().to_string();
        let binary = format!("type=bind,source={binary},target=/usr/local/bin/drawbridge,readonly");
        let public = format!("{PUBLIC}:{}", Inet::ADDRESS);
        let own = format!("{NAME}:127.0.0.1");
        let run = ["run", "--detach", "--init", "--mount", &pki, "--mount", &binary];
        let names = ["--add-host", &own, "--add-host", &public];
        // Node elsewhere has roots of its own: this is the variable that adds to them.
        let rest = ["--env", "NODE_EXTRA_CA_CERTS=/pki/node.pem", IMAGE, "sleep", "infinity"];
        let id = bed.docker(&[&run[..], &names, &rest].concat()).ok().stdout.trim().to_owned();
        let container = Self { bed, id, folder };
        serve(bed, &container.id, "/pki");
        container
    }

    fn exec(&self, argv: &[&str]) -> Output {
        let argv = [&["exec", self.id.as_str()], argv].concat();
        self.bed.docker(&argv).output()
    }

    fn check(&self, server: &str) -> BTreeMap<String, String> {
        verdicts(&self.exec(&["drawbridge", "trust", "check", "--json", server]))
    }

    /// What Maven says when it asks the server for a parent.
    fn maven(&self) -> String {
        let script = format!(
            "rm -rf /tmp/m; mkdir /tmp/m; cd /tmp/m; \
             echo '<settings><mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf><url>https://{SERVER}/</url></mirror></mirrors></settings>' >settings.xml; \
             echo '<project><modelVersion>4.0.0</modelVersion><parent><groupId>none.test</groupId><artifactId>p</artifactId><version>1</version></parent><artifactId>a</artifactId></project>' >pom.xml; \
             mvn -B -q -U -s settings.xml -Dmaven.repo.local=/tmp/m/repo validate"
        );
        self.exec(&["sh", "-c", &script]).failed().text()
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        let _gone = self.bed.docker(&["rm", "--force", &self.id]).output();
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn trust_reaches_every_tool_and_leaves_with_undo() {
    let Some(bed) = Bed::get() else { return };
    let container = Container::start(bed);
    let tools = ["curl", "git", "OpenSSL", "Python ssl", "Node", "Java"];
    let all = |verdict: &str| -> BTreeMap<String, String> {
        tools.iter().map(|tool| ((*tool).to_owned(), verdict.to_owned())).collect()
    };

    let install = ["drawbridge", "trust", "install", "--ca", "/pki/ca-extra.pem"];
    container.exec(&install).succeeded().says("added");
    assert_eq!(container.check(SERVER), all("trusted"), "after the installation");
    assert_eq!(container.check(PUBLIC), all("trusted"), "public roots survive");
    let maven = container.maven();
    assert!(!maven.contains("PKIX"), "{maven}");
    let again = container.exec(&install).succeeded();
    assert!(again.stdout.lines().all(|line| line.ends_with("was there already")), "{again:?}");

    container.exec(&["drawbridge", "trust", "undo"]).succeeded();
    assert_eq!(container.check(SERVER), all("not-trusted"), "after undo");
    let maven = container.maven();
    assert!(maven.contains("PKIX"), "{maven}");
}

#[test]
fn read_only_stores_are_reported_one_by_one_and_the_rest_goes_on() {
    const STORES: [&str; 2] = ["/opt/fixed/lib/security/cacerts", "/opt/open/lib/security/cacerts"];
    let Some(bed) = Bed::get() else { return };
    let folder = tempfile::tempdir_in(&bed.directory).expect("a folder");
    let folder = folder.path();
    pki(bed, folder);
    let mount = |source: &str, target: &str| {
        let source = folder.join(source);
        format!("type=bind,source={},target={target}", source.display())
    };
    let cacerts = ["run", "--rm", "--network", "none", "--mount", &mount("", "/pki"), IMAGE, "cp", "-L"];
    let from = "/etc/ssl/certs/java/cacerts";
    for copy in ["/pki/fixed", "/pki/open"] {
        bed.docker(&[&cacerts[..], &[from, copy]].concat()).ok();
    }
    let binary = format!("type=bind,source={},target=/usr/local/bin/drawbridge", bed.drawbridge().display());
    let own = format!("cp /pki/open {}; ", STORES[1]);
    let install = "drawbridge trust install --direct --ca /pki/ca-extra.pem --json";
    let install = |arguments: &[&str], before: &str| {
        let shared = ["run", "--rm", "--network", "none", "--mount", &mount("", "/pki"), "--mount", &binary];
        let fixed = format!("{},readonly", mount("fixed", STORES[0]));
        let script = format!("{before}{install}");
        let run = [&shared[..], &["--mount", &fixed], arguments, &[IMAGE, "sh", "-euc", &script]].concat();
        let output = bed.docker(&run).ok();
        let reports = output.json();
        let reports = reports.as_array().unwrap_or_else(|| panic!("no list: {output:?}")).clone();
        let of = |path: &str| {
            let found = reports.iter().find(|report| report["path"] == path);
            let found = found.unwrap_or_else(|| panic!("nothing about {path}: {output:?}"));
            (found["outcome"].as_str().expect("a word").to_owned(), found["why"].to_string())
        };
        [of(STORES[0]), of(STORES[1]), of("/etc/ssl/certs/ca-certificates.crt")]
    };
    // One that is mounted read-only: the others take the CA.
    let [fixed, open, bundle] = install(&[], &format!("mkdir -p /opt/open/lib/security; {own}"));
    assert_eq!(
        (fixed.0.as_str(), open.0.as_str(), bundle.0.as_str()),
        ("left", "added", "added"),
        "{fixed:?}"
    );
    // A file system that is read-only but for one store and the journal, for root.
    let writable = ["--read-only", "--tmpfs", "/var/lib/drawbridge", "--tmpfs", "/opt/open/lib/security"];
    let [fixed, open, bundle] = install(&writable, &own);
    assert_eq!(
        (fixed.0.as_str(), open.0.as_str(), bundle.0.as_str()),
        ("left", "added", "left"),
        "{bundle:?}"
    );
    assert!(bundle.1.contains("Read-only file system"), "{bundle:?}");
    // A user who may write none of them.
    let user = ["--user", "vscode", "--env", "HOME=/home/vscode", "--mount", &mount("open", STORES[1])];
    let [fixed, open, bundle] = install(&user, "");
    for left in [fixed, open, bundle] {
        assert!(left.0 == "left" && left.1.contains("cannot be written"), "{left:?}");
    }
}
