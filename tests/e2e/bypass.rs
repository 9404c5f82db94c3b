//! Known ways round an allowlisting proxy, tried on Drawbridge and on two that many people use.

use std::fmt::Write as _;
use std::time::Duration;

use drawbridge_tests::{Bed, Inet, Output, Project, until};
use serde_json::Value;

use crate::fixtures;

const PROBES: &str = include_str!("../fixtures/bypass.py");

/// What became of a probe.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// It arrived where no rule leads, or the proxy went there.
    Reached,
    /// Refused, with what was said.
    Refused(String),
}

/// The probes that need rules with a path or a method; the others have none.
const WITH_PATHS: [&str; 7] = [
    "path-dots",
    "path-encoded-dots",
    "path-encoded-slash",
    "path-parameter",
    "path-doubled-slash",
    "method-override",
    "two-framings",
];

fn judge(bed: &Bed, name: &str, probe: &str, said: &str) -> Verdict {
    let marker = format!("bypass-{name}-{probe}");
    let arrived = Inet::new(bed).seen().any(|event| {
        let path = event["path"].as_str().unwrap_or_default();
        // A request that was put right on its way is not a way round: it carries the allowed host.
        let right = probe == "plain-host-denied" && event["host"] == "allowed.example";
        event["type"] == "request" && path.contains(&marker) && !right
    });
    let dialled = match probe {
        "connect-other-port" | "connect-loopback-name" => !said.contains(" 403") && !said.contains(" 400"),
        "plain-other-port" => !["403", "400", "421"].iter().any(|code| said.contains(code)),
        _ => false,
    };
    if arrived || dialled { Verdict::Reached } else { Verdict::Refused(short(said)) }
}

/// The status of the last answer that is in `said`.
fn short(said: &str) -> String {
    let answer = said.rfind("HTTP/1.").map_or(said, |at| &said[at..]);
    match answer.split(' ').nth(1) {
        Some("200") => "put right".to_owned(),
        Some(code) if code.len() == 3 => code.to_owned(),
        _ => "closed".to_owned(),
    }
}

/// Runs a proxy of the test's images beside the internet, and the probes through it.
fn peer(bed: &Bed, name: &str, command: &str) -> Value {
    let container = format!("drawbridge-test-{name}");
    let network = ["--network", "drawbridge-test-inet"];
    let image = "drawbridge-test/peers:latest";
    bed.docker(&["rm", "--force", &container]).output();
    let mut run = vec!["run", "--detach", "--name", &container];
    run.extend(network);
    run.extend(["--dns", Inet::ADDRESS, image, "sh", "-c", command]);
    bed.docker(&run).ok();
    let address = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    let address = bed.docker(&["inspect", "--format", address, &container]).ok();
    let address = address.stdout.trim().to_owned();
    let client = |script: &[&str]| {
        let mut run = vec!["run", "--rm", "--interactive"];
        run.extend(network);
        run.extend(["drawbridge-test/base:bookworm", "python3"]);
        run.extend(script);
        bed.docker(&run)
    };
    let dial = format!("import socket; socket.create_connection(('{address}', 3128), 1)");
    until("the proxy listens", Duration::from_secs(30), || {
        let dialled = client(&["-c", &dial]).output();
        if dialled.code == Some(0) { Ok(()) } else { Err(dialled) }
    });
    let said = client(&["-", &address, "3128", name]).input(PROBES).ok();
    bed.docker(&["rm", "--force", &container]).output();
    parse(&said)
}

fn parse(said: &Output) -> Value {
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"))
}

fn drawbridge(bed: &Bed) -> Value {
    let project = Project::new(bed, "bypass", fixtures::IMAGE);
    project.protect(&[]);
    project.allow(&["GET allowed.example/ok/**", "http://allowed.example", "loopback.example"]);
    crate::inspect::trust_the_internet(&project);
    project.up(&[]);
    project.write("bypass.py", PROBES);
    let proxy = "python3 bypass.py $(echo $http_proxy | sed 's#http://##; s#:.*##') 3128 drawbridge";
    parse(&project.shell(proxy).succeeded())
}

#[test]
fn no_known_way_round_leads_through_drawbridge() {
    let Some(bed) = Bed::get() else { return };
    let squid = "printf 'http_port 3128\\nacl ok dstdomain .allowed.example .loopback.example\\nacl tls port 443\\n\
        acl CONNECT method CONNECT\\nhttp_access deny CONNECT !tls\\nhttp_access allow ok\\nhttp_access deny all\\n\
        cache deny all\\n' >/tmp/squid.conf; exec squid -N -f /tmp/squid.conf";
    let tinyproxy = "printf 'Port 3128\\nFilter \"/tmp/filter\"\\nFilterDefaultDeny Yes\\nFilterExtended On\\n\
        ConnectPort 443\\n' >/tmp/tiny.conf; printf '(^|\\\\.)allowed\\\\.example$\\n(^|\\\\.)loopback\\\\.example$\\n' \
        >/tmp/filter; exec tinyproxy -d -c /tmp/tiny.conf";
    let columns = [
        ("Drawbridge", "drawbridge", drawbridge(bed)),
        ("squid", "squid", peer(bed, "squid", squid)),
        ("tinyproxy", "tinyproxy", peer(bed, "tinyproxy", tinyproxy)),
    ];
    let probes: Vec<&String> = columns[0].2.as_object().unwrap().keys().collect();
    let mut table = "| probe | Drawbridge | squid | tinyproxy |\n|---|---|---|---|\n".to_owned();
    let mut holes = Vec::new();
    for probe in probes {
        let _ = write!(table, "| {probe} |");
        for (title, name, said) in &columns {
            let said = said[probe.as_str()].as_str().unwrap_or("closed");
            let cell = match judge(bed, name, probe, said) {
                _ if *name != "drawbridge" && WITH_PATHS.contains(&probe.as_str()) => "–".to_owned(),
                Verdict::Reached => {
                    if *name == "drawbridge" {
                        holes.push(format!("{probe} through {title}: {said}"));
                    }
                    "**REACHED**".to_owned()
                }
                Verdict::Refused(how) => how,
            };
            let _ = write!(table, " {cell} |");
        }
        table.push('\n');
    }
    println!("{table}");
    assert!(holes.is_empty(), "{holes:#?}\n{table}");
    // The probes are worth something: they do get round a proxy that looks at CONNECT alone.
    assert!(table.contains("| sni-denied | closed | **REACHED** | **REACHED** |"), "{table}");
}
