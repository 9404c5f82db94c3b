//! What the user's own layer brings to a gate by `drawbridge up`: a company's proxy and a company's CA.
//!
//! All projects of an engine share one volume of that name, and all tests share the engine. So each test here has a
//! volume of its own: a `docker` in front of the real one, and the overlay, give it another name.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use drawbridge_tests::{Bed, Inet, Output, Project, Registry, Run, until};

use crate::publish::Collection;
use crate::{fixtures, trust};

const VOLUME: &str = "drawbridge-personal";
const OVERLAY: &str = ".devcontainer/drawbridge.compose.yaml";
/// On the network that plays the internet, beside its server.
const PROXY: &str = "192.31.196.200";
const PROXY_NAME: &str = "drawbridge-test-company";
/// Writes what it is asked for, and leads there.
const PROXY_PROGRAM: &str = include_str!("../fixtures/connect-proxy.py");

/// A protected project of a user with a configuration folder and a personal volume that no other test has.
struct Own<'a> {
    project: Project<'a>,
    folder: tempfile::TempDir,
    volume: Volume<'a>,
}

/// A volume that ends after the containers that use it.
struct Volume<'a> {
    bed: &'a Bed,
    name: String,
}

impl Drop for Volume<'_> {
    fn drop(&mut self) {
        let _gone = self.bed.docker(&["volume", "rm", "--force", &self.name]).output();
    }
}

impl<'a> Own<'a> {
    fn new(bed: &'a Bed, name: &str, rules: &[&str], arguments: &[&str]) -> Self {
        let project = Project::new(bed, name, fixtures::IMAGE);
        project.protect(arguments);
        project.allow(rules);
        // Anew, because the variables of the container depend on such rules.
        project.protect(arguments);
        Self::of(project, name)
    }

    /// A project that is protected already.
    fn of(project: Project<'a>, name: &str) -> Self {
        let bed = project.bed;
        let folder = tempfile::Builder::new().prefix("own-").tempdir_in(bed.clones()).expect("a folder");
        let volume = Volume { bed, name: format!("{VOLUME}-{name}-{}", std::process::id()) };
        let overlay = project.read(OVERLAY);
        let named = format!("name: {VOLUME}\n");
        assert!(overlay.contains(&named), "{overlay}");
        project.write(OVERLAY, &overlay.replace(&named, &format!("name: {}\n", volume.name)));
        let own = Self { project, folder, volume };
        own.docker();
        own
    }

    /// Puts a `docker` in front of the real one that says the name of this volume instead of the shared one's.
    fn docker(&self) {
        let script = format!(
            "#!/bin/sh\nset -eu\nPATH=${{PATH#*:}}\nfor word; do\n  shift\n  case $word in\n    *{VOLUME}*) \
             word=${{word%%{VOLUME}*}}{}${{word#*{VOLUME}}} ;;\n  esac\n  set -- \"$@\" \"$word\"\ndone\n\
             exec docker \"$@\"\n",
            self.volume.name
        );
        let path = self.folder.path().join("bin/docker");
        self.write("bin/docker", &script);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    }

    /// Writes a file of the user's own.
    fn write(&self, path: &str, text: &str) -> PathBuf {
        let file = self.folder.path().join(path);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("the file's folder");
        std::fs::write(&file, text).expect("the file");
        self.project.bed.give(self.folder.path());
        file
    }

    fn drawbridge(&self, arguments: &[&str]) -> Run {
        let bed = self.project.bed;
        let path = self.folder.path().join("bin").display().to_string();
        let tools = format!("{path}:{}:/usr/local/bin:/usr/bin:/bin", bed.directory.join("tools").display());
        let config = self.folder.path().join("config").display().to_string();
        self.project.drawbridge(arguments).env("PATH", &tools).env("XDG_CONFIG_HOME", &config)
    }

    fn up(&self) -> Output {
        self.drawbridge(&["up"]).limit(Duration::from_mins(3)).ok()
    }

    fn curl(&self, url: &str) -> Output {
        self.project.shell(&format!("curl -sS --max-time 10 {url}"))
    }
}

/// A company's proxy that ends with the test.
struct Company<'a>(&'a Bed);

impl<'a> Company<'a> {
    fn start(bed: &'a Bed) -> Self {
        let _left_over = bed.docker(&["rm", "--force", PROXY_NAME]).output();
        let network = ["--network", "drawbridge-test-inet", "--ip", PROXY, "--dns", Inet::ADDRESS];
        let run = ["run", "--detach", "--name", PROXY_NAME];
        let program = ["drawbridge-test/base:bookworm", "python3", "-uc", PROXY_PROGRAM];
        bed.docker(&[&run[..], &network, &program].concat()).ok();
        let company = Self(bed);
        until("the company's proxy is up", Duration::from_secs(20), || {
            let asked = company.asked();
            if asked.contains("ready") { Ok(()) } else { Err(asked) }
        });
        company
    }

    /// A line for each target that it was asked for.
    fn asked(&self) -> String {
        self.0.docker(&["logs", PROXY_NAME]).ok().stdout
    }
}

impl Drop for Company<'_> {
    fn drop(&mut self) {
        let _gone = self.0.docker(&["rm", "--force", PROXY_NAME]).output();
    }
}

#[test]
fn everything_that_is_allowed_leaves_through_the_companys_proxy_and_nothing_else_does() {
    let Some(bed) = Bed::get() else { return };
    let company = Company::start(bed);
    let own = Own::new(bed, "company", &["allowed.example"], &[]);
    let layer = format!("{{ \"version\": 1, \"upstreamProxy\": \"{PROXY}:3128\" }}\n");
    own.write("config/drawbridge/personal.jsonc", &layer);
    own.up();
    own.curl("https://allowed.example/company").succeeded().says("hello from allowed.example/company");
    assert!(company.asked().contains("CONNECT allowed.example:443"), "{}", company.asked());
    own.curl("https://denied.example/company").failed();
    let ask = "curl -sS --max-time 10 --proxytunnel --proxy http://drawbridge:3128 https://denied.example/";
    own.project.shell(ask).failed();
    own.project.shell(&format!("curl -sS --max-time 3 --noproxy '*' http://{PROXY}:3128/")).failed();
    assert!(!company.asked().contains("denied.example"), "{}", company.asked());
    // There is no other way.
    bed.docker(&["stop", "--time", "0", PROXY_NAME]).ok();
    own.curl("https://allowed.example/no-company").failed();
    assert!(!Inet::new(bed).seen().path("/no-company"));
}

#[test]
fn a_companys_ca_is_trusted_by_gate_and_container_after_up() {
    let Some(bed) = Bed::get() else { return };
    // The servers of the tests' internet are under a CA that no image of a gate has, nor this container from now on.
    let rules = ["GET allowed.example/company/**", "second.example"];
    let own = Own::new(bed, "authority", &rules, &["--trust-host-cas"]);
    own.up();
    let ca = "/usr/local/share/ca-certificates/drawbridge-test.crt";
    let pem = own.project.inside("root", &format!("cat {ca}")).succeeded().stdout;
    let forget = format!("rm {ca} && update-ca-certificates --fresh");
    own.project.inside("root", &forget).succeeded();
    own.curl("https://allowed.example/company/a").says("upstream-tls");
    own.curl("https://second.example/company/a").failed();

    let file = own.write("company.pem", &pem);
    let file: &Path = &file;
    own.drawbridge(&["ca", "add", &file.display().to_string()]).ok().says("Drawbridge test CA");
    own.up();
    // The gate that runs already looks every second.
    until("the gate trusts the company", Duration::from_secs(20), || {
        let answer = own.curl("https://allowed.example/company/b");
        if answer.stdout.contains("hello from allowed.example/company/b") { Ok(()) } else { Err(answer) }
    });
    own.curl("https://allowed.example/other").says("blocked_by");
    // Passed through: the client itself verifies it, by the bundle on the share.
    own.curl("https://second.example/company/b").succeeded().says("hello from second.example/company/b");
    let extra = own.project.inside("root", "cat /run/drawbridge/share/trust/ca-extra.pem").succeeded();
    assert!(extra.stdout.contains(pem.trim()), "{extra:?}");
}

/// A Feature that downloads while it is installed; by its name it would come before ours.
const DOWNLOADS: [(&str, &str); 2] = [
    (
        ".devcontainer/aaa/devcontainer-feature.json",
        r#"{ "id": "aaa", "version": "1.0.0", "options": { "server": { "type": "string", "default": "" } } }"#,
    ),
    (
        ".devcontainer/aaa/install.sh",
        "#!/bin/sh\nset -eu\ncurl -sS --resolve \"check.test:8443:$SERVER\" https://check.test:8443/ >/downloaded\n",
    ),
];

/// A TLS server on the network of builds that ends with the test.
struct Server<'a> {
    bed: &'a Bed,
    id: String,
}

impl<'a> Server<'a> {
    fn start(bed: &'a Bed, pki: &Path) -> Self {
        let mount = format!("type=bind,source={},target=/pki,readonly", pki.display());
        let run = ["run", "--detach", "--init", "--add-host", "check.test:127.0.0.1", "--mount", &mount];
        let program = ["drawbridge-test/base:bookworm", "sleep", "infinity"];
        let id = bed.docker(&[&run[..], &program].concat()).ok().stdout.trim().to_owned();
        let server = Self { bed, id };
        trust::serve(bed, &server.id, "/pki");
        server
    }

    fn address(&self) -> String {
        let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
        self.bed.docker(&["inspect", "--format", format, &self.id]).ok().stdout.trim().to_owned()
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        let _gone = self.bed.docker(&["rm", "--force", &self.id]).output();
    }
}

#[test]
fn a_companys_ca_is_there_before_other_features_are_installed() {
    let Some(bed) = Bed::get() else { return };
    let Some(registry) = Registry::start(bed) else { return };
    Collection::stage(bed).publish(&registry);
    let pki = tempfile::Builder::new().prefix("pki-").tempdir_in(&bed.directory).expect("a folder");
    trust::pki(bed, pki.path());
    let server = Server::start(bed, pki.path());
    let project = Project::empty(bed, "download");
    for (path, text) in DOWNLOADS {
        project.write(path, text);
    }
    let config = format!(
        r#"{{ "image": "drawbridge-test/base:bookworm", "features": {{ "./aaa": {{ "server": "{}" }} }} }}"#,
        server.address()
    );
    project.write(".devcontainer/devcontainer.json", &config);
    let feature = format!("{}/drawbridge/features/drawbridge:0", registry.host);
    project.protect(&["--feature", &feature]);
    let own = Own::of(project, "download");
    let limit = Duration::from_mins(4);
    // Nobody's CA: the download fails, and with it the build.
    own.drawbridge(&["up"]).limit(limit).fails().says("certificate");

    let pem = std::fs::read_to_string(pki.path().join("ca-extra.pem")).expect("a certificate");
    let file = own.write("company.pem", &pem).display().to_string();
    own.drawbridge(&["ca", "add", &file]).ok();
    own.drawbridge(&["up"]).limit(limit).ok();
    own.project.inside("root", "cat /downloaded").succeeded().says("s_server");

    // Another user of the engine takes the layer over, and is told whose it was.
    let elsewhere = own.folder.path().join("elsewhere").display().to_string();
    let other = own.drawbridge(&["up"]).env("XDG_CONFIG_HOME", &elsewhere).limit(limit).ok();
    other.says("the personal layer of this engine was that of");
}
