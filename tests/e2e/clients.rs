//! The tools that people really use, in one protected container: allowed hosts work without any flag, denied ones
//! fail at once and are named.

use std::time::Duration;

use drawbridge_tests::{Bed, Inet, Output, Project, until, within};

use crate::fixtures;

/// Takes the proxy variables away from one command.
const WITHOUT_PROXY: &str = "env -u http_proxy -u https_proxy -u HTTP_PROXY -u HTTPS_PROXY -u all_proxy -u ALL_PROXY -u no_proxy -u NO_PROXY";

fn client_project(bed: &Bed) -> Project<'_> {
    let project = Project::new(bed, "clients", fixtures::CLIENTS);
    project.protect(&[]);
    project.allow(&["allowed.example", "git.example", "ssh://git.example"]);
    project.up(&[]);
    project
}

fn fetch(project: &Project<'_>, tool: &str, url: &str, proxy: bool) -> Output {
    let command = match tool {
        "curl" => format!("curl -sS --max-time 10 {url}"),
        "java" => format!("java Fetch.java {url}"),
        "node" => format!("node fetch.mjs {url}"),
        "python" => format!("python3 fetch.py {url}"),
        other => panic!("no tool {other}"),
    };
    project.shell(&if proxy { command } else { format!("{WITHOUT_PROXY} {command}") })
}

#[test]
fn clients_reach_an_allowed_host_and_no_other() {
    let Some(bed) = Bed::get() else { return };
    let project = client_project(bed);
    for tool in ["curl", "java", "node", "python"] {
        for proxy in [true, false] {
            let path = format!("/client-{tool}-{proxy}");
            let answer = fetch(&project, tool, &format!("https://allowed.example{path}"), proxy).succeeded();
            let expected = if tool == "java" { 2 } else { 1 };
            let greetings = answer.stdout.matches(&format!("hello from allowed.example{path}")).count();
            assert_eq!(greetings, expected, "{tool}, proxy variables: {proxy}: {answer:?}");
            assert!(Inet::new(bed).seen().path(&path));

            fetch(&project, tool, &format!("https://denied.example{path}-denied"), proxy).failed();
            assert!(!Inet::new(bed).seen().path(&format!("{path}-denied")), "{tool} reached a denied host");
        }
    }
    assert_eq!(Inet::new(bed).seen().host("denied.example"), 0, "a denied host got a greeting");
    assert_denial_is_quick_and_named(&project);
    assert_git(&project);
}

fn assert_denial_is_quick_and_named(project: &Project<'_>) {
    // The time is taken inside: starting a process in a container has its own price.
    let measured = |command: &str| {
        let script = format!(
            "begin=$(date +%s%N); {command} >/dev/null 2>/tmp/said; code=$?; end=$(date +%s%N); \
             echo \"$code $(( (end - begin) / 1000000 ))\"; cat /tmp/said >&2"
        );
        let output = project.shell(&script).succeeded();
        let numbers: Vec<u64> =
            output.stdout.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        assert!(numbers[0] != 0, "{command} reached a denied host: {output:?}");
        assert!(numbers[1] < 1000, "{command} took {} ms to fail: {output:?}", numbers[1]);
        output
    };
    measured("curl -sS https://by-proxy.denied.example/");
    measured(&format!("{WITHOUT_PROXY} curl -sS https://by-name.denied.example/"))
        .says("by-name.denied.example");
    let sidecar = project.shell("getent ahostsv4 allowed.example | head -n 1 | cut -d ' ' -f 1").succeeded();
    let steered = format!("--resolve by-sni.denied.example:443:{}", sidecar.stdout.trim());
    measured(&format!("{WITHOUT_PROXY} curl -sS {steered} https://by-sni.denied.example/"));
    for host in ["by-proxy.denied.example", "by-name.denied.example", "by-sni.denied.example"] {
        until("`drawbridge blocked` names the host", Duration::from_secs(10), || {
            let blocked = project.drawbridge(&["blocked"]).output();
            if blocked.text().contains(host) { Ok(()) } else { Err(blocked) }
        });
    }
    // A connection is attributed to the process that made it, and the next step is named.
    // The gate waits for that only half a second, so a busy machine may need another try.
    until("the connection is attributed to curl", Duration::from_mins(1), || {
        let said = project.exec(&["curl", "-sS", "https://by-process.denied.example/"]).failed();
        let said =
            said.says("by-process.denied.example:443").says("drawbridge allow by-process.denied.example");
        if said.stderr.contains("curl (pid ") { Ok(()) } else { Err(said) }
    });
    let blocked = project.drawbridge(&["blocked", "--json"]).output().json();
    assert!(blocked.to_string().contains("by-proxy.denied.example"), "{blocked}");
    // The engine's resolver may ask for a name, but nobody out there ever hears it.
    assert!(
        !Inet::new(project.bed).seen().resolved("by-name.denied.example"),
        "a denied name left the machine"
    );
}

fn assert_git(project: &Project<'_>) {
    for (name, prefix) in [("proxy", ""), ("direct", WITHOUT_PROXY)] {
        project
            .shell(&format!("{prefix} git clone -q https://git.example/git/sample.git /tmp/https-{name}"))
            .succeeded();
        project
            .exec(&["cat", &format!("/tmp/https-{name}/hello.txt")])
            .succeeded()
            .says("hello from git.example");
    }
    within("a clone over ssh", Duration::from_secs(20), || {
        project.shell("git clone -q git@git.example:/srv/git/sample.git /tmp/ssh").succeeded()
    });
    project.shell("cd /tmp/ssh && echo more >more.txt && git add . && git -c user.name=T -c user.email=t@host.example commit -qm More && git push -q").succeeded();
    // ssh to the same host was allowed by a rule of its own; another host was not.
    project.shell("git clone -q git@denied.example:/srv/git/sample.git /tmp/denied").failed();
}
