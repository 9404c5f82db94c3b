//! The network that plays the internet: one server with many names, a route away from every sidecar.
//!
//! A sidecar refuses to dial its own networks, private ranges and documentation ranges, so the server
//! stands on another network with a public address, and the engine's host routes between the two as a
//! router would. The engine isolates its networks from each other; two rules in the chain that it leaves
//! to its users make the exception.

use std::time::Duration;

use serde_json::Value;

use crate::{Bed, until};

/// Name of the network and of its only container.
const NAME: &str = "drawbridge-test-inet";
const IMAGE: &str = "drawbridge-test/inet:latest";
/// IANA keeps the range for AS112, a sink for misguided queries: public, and nobody's service.
const SUBNET: &str = "192.31.196.0/24";
const ADDRESS: &str = "192.31.196.10";
/// Names that exist on this internet, beside those that point to a forbidden place.
const NAMES: &[&str] = &["allowed.example", "second.example", "denied.example", "git.example"];
/// Names whose owner lies about their address (DNS rebinding).
const LIARS: &[&str] = &[
    "metadata.example=169.254.169.254",
    "loopback.example=127.0.0.1",
    "private.example=10.1.2.3",
    "benchmark.example=198.18.0.1",
];

/// The network that plays the internet.
#[derive(Debug, Clone, Copy)]
pub struct Inet<'a> {
    bed: &'a Bed,
}

/// What arrived at the internet so far.
#[derive(Debug)]
pub struct Seen(Vec<Value>);

impl<'a> Inet<'a> {
    /// Address of the server that has all the names, and of its resolver.
    pub const ADDRESS: &'static str = ADDRESS;

    /// The internet of a prepared test bed.
    pub fn new(bed: &'a Bed) -> Self {
        Self { bed }
    }

    pub(crate) fn start(bed: &Bed) {
        if bed.docker(&["network", "inspect", NAME]).output().code != Some(0) {
            bed.docker(&["network", "create", "--subnet", SUBNET, NAME]).ok();
        }
        route(bed);
        bed.docker(&["rm", "--force", NAME]).ok();
        let names: Vec<String> = NAMES.iter().map(|name| format!("{name}={ADDRESS}")).collect();
        let run = ["run", "--detach", "--name", NAME, "--network", NAME, "--ip", ADDRESS, IMAGE];
        let run: Vec<&str> =
            run.into_iter().chain(names.iter().map(String::as_str)).chain(LIARS.iter().copied()).collect();
        bed.docker(&run).ok();
        until("the internet of the tests is up", Duration::from_secs(30), || {
            let logs = bed.docker(&["logs", NAME]).output();
            if logs.stdout.contains(r#""type": "ready""#) { Ok(()) } else { Err(logs) }
        });
    }

    /// Everything that arrived so far.
    pub fn seen(&self) -> Seen {
        let logs = self.bed.docker(&["logs", NAME]).ok();
        Seen(logs.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }
}

/// Lets the engine's networks reach this one. By a container, because the tests need not be root.
fn route(bed: &Bed) {
    let script = format!(
        "for tables in iptables iptables-legacy; do $tables -w -n -L DOCKER-USER >/dev/null 2>&1 && break; done; \
         for end in -s -d; do \
             $tables -w -C DOCKER-USER $end {SUBNET} -j ACCEPT 2>/dev/null || $tables -w -I DOCKER-USER $end {SUBNET} -j ACCEPT; \
         done"
    );
    let capabilities =
        ["--network", "host", "--cap-add", "NET_ADMIN", "--cap-add", "NET_RAW", "--entrypoint", "sh"];
    let run: Vec<&str> =
        ["run", "--rm"].into_iter().chain(capabilities).chain([IMAGE, "-c", &script]).collect();
    bed.docker(&run).ok();
}

impl Seen {
    /// Whether a request for exactly this path arrived; tests use a path of their own each.
    pub fn path(&self, path: &str) -> bool {
        self.0.iter().any(|event| event["type"] == "request" && event["path"] == path)
    }

    /// Whether something of this kind arrived.
    pub fn any(&self, wanted: impl Fn(&Value) -> bool) -> bool {
        self.0.iter().any(wanted)
    }

    /// How many TLS greetings and requests named `host`.
    pub fn host(&self, host: &str) -> usize {
        self.0.iter().filter(|event| event["sni"] == host || event["host"] == host).count()
    }

    /// Whether anybody asked this internet's resolver for `name`.
    pub fn resolved(&self, name: &str) -> bool {
        self.0.iter().any(|event| event["type"] == "dns" && event["name"] == name)
    }
}
