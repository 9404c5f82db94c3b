//! Every tool that the registries of this machine supply, each by a real handshake: does it trust the CA that was
//! installed, does it still trust what it trusted, does it stop after undo? Printed as a table for `docs/trust.md`.
//!
//! Minutes long and from the network, so only with `DRAWBRIDGE_TEST_FULL=1`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use drawbridge_tests::{Bed, Output, until};

use super::probes::{PROBES, Probe};

const IMAGE: &str = "drawbridge-test/tools:bookworm";
const NAME: &str = "check.test";
const OWN: u16 = 8443;
const SYSTEM: u16 = 8444;

/// Two CAs, a server's certificate under each; the second CA is the administrator's.
const PKI: &str = r#"set -eu
cd /pki
key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
printf 'subjectAltName=DNS:check.test\nextendedKeyUsage=serverAuth\n' >ext
for name in own system; do
    openssl req -x509 $key -days 2 -subj "/CN=Matrix $name" -keyout ca.key -out $name-ca.pem
    openssl req -new $key -subj "/CN=check.test" -keyout $name.key -out csr
    openssl x509 -req -in csr -CA $name-ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out $name.pem
done
rm ca.key
: >extra.pem
cp system-ca.pem /usr/local/share/ca-certificates/administrator.crt
update-ca-certificates
# A JDK of another vendor has a keystore of its own; a fourth is unpacked later.
# It has a link that leads nowhere, to sources that are not installed.
cp -rL /usr/lib/jvm/java-17-openjdk-amd64 /opt/vendor-jdk || test -x /opt/vendor-jdk/bin/java
cp /opt/vendor-jdk/lib/security/cacerts /opt/pristine-cacerts
mkdir /pki/classes
cat >/tmp/Get.java <<'JAVA'
public class Get {
    public static void main(String[] args) throws Exception {
        var connection = (java.net.HttpURLConnection) new java.net.URL(args[0]).openConnection();
        System.out.println(connection.getResponseCode());
    }
}
JAVA
javac -d /pki/classes /tmp/Get.java
mkdir -p /root/.pki/nssdb && certutil -N -d sql:/root/.pki/nssdb --empty-password
# Browsers do not look into the system's store: there the administrator added the CA by their own means.
certutil -A -d sql:/root/.pki/nssdb -n administrator -t C,, -i system-ca.pem
mkdir -p /etc/firefox/policies
echo '{"policies": {"Certificates": {"Install": ["/pki/system-ca.pem"]}}}' >/etc/firefox/policies/policies.json
mkdir -p /tmp/go && cd /tmp/go
cat >main.go <<'GO'
package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	if _, err := http.Get(os.Args[1]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
GO
GO111MODULE=off go build -o /usr/local/bin/go-get main.go
"#;

/// Programs that Debian does not package, from the registries that this machine's own npm and pip use.
const DOWNLOADS: &str = r#"
get() { mkdir -p "$1" && (cd "$1" && npm pack --silent "$2" >/dev/null && tar xzf ./*.tgz) || echo "not obtained: $2" >&2; }
get yarn @yarnpkg/cli-dist
# The newest line that runs on the image's Node.
get pnpm pnpm@9
get bun @oven/bun-linux-x64
get deno @deno/linux-x64-glibc
mkdir -p uv && cd uv && python3 -m pip download --quiet --no-deps uv && python3 -m zipfile -e uv-*.whl . || echo "not obtained: uv" >&2
find . -name uv -type f -exec chmod 755 {} +
# The toolchain's own has its OpenSSL inside, Debian's takes the system's.
mkdir -p ../cargo && cp "$(rustup which cargo)" ../cargo/ || echo "not obtained: the toolchain's cargo" >&2
exit 0
"#;

struct Matrix<'a> {
    bed: &'a Bed,
    id: String,
    folder: PathBuf,
}

impl Drop for Matrix<'_> {
    fn drop(&mut self) {
        let _gone = self.bed.docker(&["rm", "--force", &self.id]).output();
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}

impl<'a> Matrix<'a> {
    fn start(bed: &'a Bed) -> Self {
        let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("images").display().to_string();
        bed.docker(&["build", "--quiet", "--target", "tools", "--tag", IMAGE, &images])
            .limit(Duration::from_mins(20))
            .ok();
        let folder = tempfile::Builder::new().prefix("matrix-").tempdir_in(&bed.directory).expect("a folder");
        let folder = folder.keep();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tls-servers.py");
        std::fs::copy(script, folder.join("servers.py")).expect("the servers' script");
        let downloads = folder.join("downloads");
        std::fs::create_dir(&downloads).expect("a folder");
        // With the environment of the machine: it knows its registries.
        let got = std::process::Command::new("sh").args(["-c", DOWNLOADS]).current_dir(&downloads).output();
        eprint!("{}", String::from_utf8_lossy(&got.expect("sh runs").stderr));
        let pki = format!("type=bind,source={},target=/pki", folder.display());
        let binary = format!(
            "type=bind,source={},target=/usr/local/bin/drawbridge,readonly",
            bed.drawbridge().display()
        );
        let bundle = "/etc/ssl/certs/ca-certificates.crt";
        let run = [
            "run",
            "--detach",
            "--init",
            "--network",
            "none",
            "--add-host",
            "check.test:127.0.0.1",
            "--mount",
            &pki,
            "--mount",
            &binary,
            // As the Feature sets them.
            "--env",
            "NODE_EXTRA_CA_CERTS=/pki/extra.pem",
            "--env",
            &format!("SSL_CERT_FILE={bundle}"),
            "--env",
            &format!("REQUESTS_CA_BUNDLE={bundle}"),
            IMAGE,
            "sleep",
            "infinity",
        ];
        let id = bed.docker(&run).ok().stdout.trim().to_owned();
        let matrix = Self { bed, id, folder };
        matrix.exec(PKI).succeeded();
        bed.docker(&["exec", "--detach", &matrix.id, "python3", "/pki/servers.py", "/pki"]).ok();
        until("the servers answer", Duration::from_secs(30), || {
            let asked =
                matrix.exec(&format!("curl -sk https://{NAME}:{OWN}/ && curl -sk https://{NAME}:{SYSTEM}/"));
            if asked.code == Some(0) { Ok(()) } else { Err(asked) }
        });
        matrix
    }

    fn exec(&self, script: &str) -> Output {
        self.bed.docker(&["exec", &self.id, "sh", "-c", script]).limit(Duration::from_mins(5)).output()
    }

    /// Whether the tool sent a request to the server on `port`; `None` where there is no such tool.
    fn asks(&self, probe: &Probe, port: u16) -> Option<bool> {
        let log = self.folder.join(format!("requests-{port}"));
        std::fs::write(&log, "").expect("the log");
        let script = format!(
            "export HOST={NAME} PORT={port} URL=https://{NAME}:{port}/; {} || exit 99; ( {} ) 2>&1",
            probe.present, probe.script
        );
        let done = self.bed.docker(&["exec", &self.id, "timeout", "60", "sh", "-c", &script]).output();
        (done.code != Some(99)).then(|| !std::fs::read_to_string(&log).expect("the log").is_empty())
    }

    /// The first word of what it prints that begins like a version.
    fn version(&self, probe: &Probe) -> String {
        let said = self.exec(&format!("{} && {{ {}; }} 2>/dev/null", probe.present, probe.version)).stdout;
        let words = said.split(|letter: char| letter.is_whitespace() || "\",:/()".contains(letter));
        let number = |word: &&str| {
            let (whole, rest) = word.split_once('.').unwrap_or_default();
            !whole.is_empty() && !rest.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit())
        };
        let mut words =
            words.map(|word| word.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()));
        words.find(number).unwrap_or("–").to_owned()
    }

    fn column(&self, port: u16) -> Vec<Option<bool>> {
        PROBES.iter().map(|probe| self.asks(probe, port)).collect()
    }
}

#[test]
fn every_tool_of_the_registries() {
    let Some(bed) = Bed::get() else { return };
    if std::env::var_os("DRAWBRIDGE_TEST_FULL").is_none() {
        eprintln!("SKIPPED: the tool matrix; DRAWBRIDGE_TEST_FULL=1 runs it");
        return;
    }
    let matrix = Matrix::start(bed);
    let before = (matrix.column(OWN), matrix.column(SYSTEM));
    matrix.exec("drawbridge trust install --ca /pki/own-ca.pem").succeeded();
    let watcher = ["exec", "--detach", &matrix.id, "drawbridge", "trust", "watch", "--ca", "/pki/own-ca.pem"];
    bed.docker(&watcher).ok();
    let late = "cp -rL /usr/lib/jvm/java-17-openjdk-amd64 /tmp/late; cp /opt/pristine-cacerts /tmp/late/lib/security/cacerts && mv /tmp/late /opt/late-jdk";
    matrix.exec(late).succeeded();
    let probe = PROBES.iter().find(|probe| probe.name == "JDK, unpacked later").expect("it is in the list");
    until("the late JDK trusts", Duration::from_mins(1), || {
        if matrix.asks(probe, OWN) == Some(true) { Ok(()) } else { Err("not yet") }
    });
    let after = (matrix.column(OWN), matrix.column(SYSTEM));
    matrix.exec("pkill -f 'trust watch'");
    matrix.exec("drawbridge trust undo").succeeded();
    let undone = matrix.column(OWN);

    let word = |cell: Option<bool>| cell.map_or("–", |yes| if yes { "yes" } else { "no" });
    let mut table = "| tool | version | trusts the CA | before | trusts the system's CA (before → after) | after undo |\n|---|---|---|---|---|---|\n".to_owned();
    let mut wrong = Vec::new();
    for (index, probe) in PROBES.iter().enumerate() {
        let cells = [before.0[index], after.0[index], before.1[index], after.1[index], undone[index]];
        let [own_before, own_after, system_before, system_after, own_undone] = cells;
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} → {} | {} |",
            probe.name,
            matrix.version(probe),
            word(own_after),
            word(own_before),
            word(system_before),
            word(system_after),
            word(own_undone)
        );
        let lost = system_before == Some(true) && system_after != Some(true);
        let never = own_before == Some(true) || own_undone == Some(true);
        if own_after == Some(false) || lost || never {
            wrong.push(probe.name);
        }
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{wrong:?}\n{table}");
}
