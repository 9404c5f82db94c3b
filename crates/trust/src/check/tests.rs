use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, ChildStdin};

use super::*;
use crate::share;

/// A TLS server with a certificate of a CA of its own, for the name `localhost`.
struct Upstream {
    child: Child,
    _stdin: ChildStdin,
    port: u16,
    folder: tempfile::TempDir,
}

impl Drop for Upstream {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn openssl(folder: &Path, args: &[&str]) -> bool {
    let mut command = Command::new("openssl");
    command.args(args).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn upstream() -> Option<Upstream> {
    let folder = tempfile::tempdir().unwrap();
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let ca = ["req", "-x509", "-subj", "/CN=Test CA", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2"];
    let request = ["req", "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "request.pem"];
    fs::write(folder.path().join("names"), "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
        .unwrap();
    let sign = [
        "x509",
        "-req",
        "-in",
        "request.pem",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "2",
        "-extfile",
        "names",
        "-out",
        "cert.pem",
    ];
    let made = openssl(folder.path(), &[&ca[..], &key].concat())
        && openssl(folder.path(), &[&request[..], &key].concat())
        && openssl(folder.path(), &sign);
    if !made {
        println!("skipped: no openssl on this machine");
        return None;
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut child = Command::new("openssl")
        .args(["s_server", "-accept", &format!("127.0.0.1:{port}"), "-www"])
        .args(["-cert", "cert.pem", "-key", "key.pem"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("ACCEPT")), "the server did not start");
    // The rest of its output must not fill the pipe.
    thread::spawn(move || lines.for_each(drop));
    Some(Upstream { child, _stdin: stdin, port, folder })
}

/// The tools of this machine, with nothing that the environment of the test says about trust.
fn tools(upstream: &Upstream, trust: &[(&str, String)]) -> BTreeMap<String, Verdict> {
    const NONE: &str = "/nonexistent.test";
    let path = std::env::var("PATH").unwrap();
    let root = Root::live(Path::new(NONE), &path).unwrap();
    let mut variables: BTreeMap<&str, String> = [
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "GIT_SSL_CAINFO",
        "NODE_EXTRA_CA_CERTS",
        "PERL_LWP_SSL_CA_FILE",
        "SSL_CERT_DIR",
        "JAVA_TOOL_OPTIONS",
        "DENO_CERT",
    ]
    .map(|name| (name, String::new()))
    .into();
    let public = "/etc/ssl/certs/ca-certificates.crt".to_owned();
    for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO"] {
        variables.insert(name, public.clone());
    }
    variables.extend(trust.iter().cloned());
    let variables: Vec<(String, String)> =
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    check(&root, "localhost", upstream.port, &variables)
        .into_iter()
        .map(|report| {
            assert_eq!(report.fix.is_some(), report.verdict != Verdict::Trusted);
            (format!("{} {}", report.tool, report.program.display()), report.verdict)
        })
        .collect()
}

#[test]
fn tools_of_this_machine_trust_the_ca_only_when_told() {
    let Some(upstream) = upstream() else { return };
    let before = tools(&upstream, &[]);
    for (tool, verdict) in &before {
        assert_eq!(*verdict, Verdict::NotTrusted, "{tool} before");
    }

    let trust = upstream.folder.path().join("trust");
    let ca = fs::read_to_string(upstream.folder.path().join("ca.pem")).unwrap();
    let public = include_str!("../../tests/fixtures/acme-root.pem");
    share::write(&trust, public, &[ca]).unwrap();
    let at = |name: &str| trust.join(name).display().to_string();
    let bundle = at(share::BUNDLE);
    let java = format!(
        "-Djavax.net.ssl.trustStore={} -Djavax.net.ssl.trustStorePassword={}",
        at(share::KEYSTORE),
        share::PASSWORD,
    );
    let after = tools(
        &upstream,
        &[
            ("SSL_CERT_FILE", bundle.clone()),
            ("REQUESTS_CA_BUNDLE", bundle.clone()),
            ("CURL_CA_BUNDLE", bundle.clone()),
            ("GIT_SSL_CAINFO", bundle.clone()),
            ("PERL_LWP_SSL_CA_FILE", bundle),
            ("NODE_EXTRA_CA_CERTS", at(share::EXTRA)),
            ("DENO_CERT", at(share::EXTRA)),
            ("JAVA_TOOL_OPTIONS", java),
        ],
    );
    assert_eq!(before.len(), after.len());
    for (tool, verdict) in after {
        println!("{tool}: {verdict:?}");
        // GnuTLS reads nothing but the system's store.
        if !tool.starts_with("wget") {
            assert_eq!(verdict, Verdict::Trusted, "{tool} after");
        }
    }
}

#[test]
fn a_server_that_is_away_says_nothing_about_trust() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let path = std::env::var("PATH").unwrap();
    let root = Root::live(Path::new("/nonexistent.test"), &path).unwrap();
    for report in check(&root, "localhost", port, &[]) {
        assert!(matches!(report.verdict, Verdict::Unknown { .. }), "{report:?}");
    }
}

#[test]
fn a_tool_that_floods_or_hangs_is_ended() {
    let mut flood = Command::new("sh");
    flood.args(["-c", "yes | head -c 3000000; exit 10"]);
    let output = run(flood, "").unwrap().unwrap();
    assert_eq!(output.status.code(), Some(10));
    assert!(output.text.len() <= 64 * 1024);
}
