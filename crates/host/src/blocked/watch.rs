//! Follows the gate's events and names the process behind each held connection.
//!
//! Only the host sees both containers: it asks a probe in the dev container who owns the client's
//! port, and tells the gate, which waits at most half a second. The probe runs as root, which reads
//! the socket's user but not the files of other users' processes, and then as that user. It never
//! gets more privileges: root of the container can put a program of its own in the probe's place.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Denial;
use crate::ctl::{CtlError, Sidecar};
use crate::engine::{Container, Engine};
use crate::process::{Next, Running};

/// Path of our binary in the dev container.
const BINARY: &str = "/run/drawbridge/share/bin/drawbridge";
/// The gate holds a connection for 500 ms; later answers are lost.
const ANSWER_TIME: Duration = Duration::from_millis(400);

/// Questions about one connection.
const TRIES: usize = 4;
/// Users of the container that are asked; more would be a sign of mischief.
const USERS: usize = 16;

/// An open watch.
#[derive(Debug)]
pub struct Watch {
    events: Running,
    probes: Option<Probes>,
}

/// One probe per user of the dev container.
#[derive(Debug)]
struct Probes {
    engine: Engine,
    dev: String,
    by_user: HashMap<u64, Running>,
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Something was denied.
    Denied(Box<Denial>),
    /// The policy in force changed, or waits to.
    Changed(Change),
    /// Nothing in the given time.
    Nothing,
    /// The gate closed the stream.
    Ended,
}

/// A change of the policy, whoever asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A host was let through, or is so no longer.
    Grant {
        /// `granted`, `revoked` or `expired`.
        action: &'static str,
        /// The host, or the rule as it was granted.
        host: String,
        /// Why; empty when it was taken back.
        reason: String,
    },
    /// The policy's files were read again.
    Reload {
        /// `applied`, `pending` or `rejected`.
        action: &'static str,
        /// What it opens, one line each.
        loosens: Vec<String>,
        /// Why it was rejected.
        errors: Vec<String>,
    },
}

impl Watch {
    /// Opens the stream; `dev` is the dev container, when it runs. Returns when the gate has
    /// confirmed, so that whatever starts afterwards is seen.
    pub fn open(engine: &Engine, sidecar: &Sidecar, dev: Option<&Container>) -> Result<Self, CtlError> {
        let probes = dev.map(|dev| {
            let by_user = HashMap::new();
            let mut probes = Probes { engine: engine.clone(), dev: dev.id.clone(), by_user };
            probes.warm_up(dev);
            probes
        });
        let events = sidecar.watch()?;
        match events.next_line(Duration::from_secs(10)) {
            Next::Line(line) if is_ok(&line) => Ok(Self { events, probes }),
            Next::Line(detail) => Err(CtlError::Silent { detail }),
            Next::Nothing | Next::Ended => {
                Err(CtlError::Silent { detail: "no answer to `watch`".to_owned() })
            }
        }
    }

    /// Waits for the next denial or change of the policy and answers what is held in the meantime.
    pub fn next(&mut self, wait: Duration) -> Seen {
        let until = Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = match self.events.next_line(left) {
                Next::Line(line) => line,
                Next::Nothing => return Seen::Nothing,
                Next::Ended => return Seen::Ended,
            };
            let Ok(event) = serde_json::from_str::<Value>(&line) else { continue };
            match event["type"].as_str() {
                Some("hold") => self.attribute(&event),
                Some("decision") if event["action"] == "deny" => {
                    return Seen::Denied(Box::new(denial(&event)));
                }
                _ => {
                    if let Some(change) = change(&event) {
                        return Seen::Changed(change);
                    }
                }
            }
        }
    }

    fn attribute(&mut self, event: &Value) {
        let (Some(id), Some(port)) = (event["id"].as_str(), client_port(event)) else { return };
        let owner = self.probes.as_mut().and_then(|probes| probes.owner(port));
        let reply = match owner {
            Some((pid, process)) => json!({"attribute": id, "pid": pid, "process": process}),
            // An answer without a name releases the connection at once.
            None => json!({ "attribute": id }),
        };
        // A gate that went away shows as the end of the stream.
        drop(self.events.say(&reply.to_string()));
    }
}

impl Probes {
    /// Starts the probe of root and of the container's own user before anything is held.
    fn warm_up(&mut self, dev: &Container) {
        self.probe(0);
        let user = crate::prove::remote_user(dev).filter(|user| user != "root");
        let Some(user) = user else { return };
        let id = self.engine.exec(&self.dev, Some(&user), &["id", "-u"], b"", Duration::from_secs(5));
        if let Some(id) = id.ok().and_then(|output| output.text().parse().ok()) {
            self.probe(id);
        }
    }

    fn owner(&mut self, port: u16) -> Option<(u64, String)> {
        let until = Instant::now() + ANSWER_TIME;
        let answer = ask(self.probe(0)?, port, until)?;
        if let Some(owner) = named(&answer) {
            return Some(owner);
        }
        let user = answer["uid"].as_u64()?;
        let probe = self.probe(user)?;
        // A probe gives up after a few milliseconds, which a busy machine does not always have.
        (0..TRIES).find_map(|_| named(&ask(probe, port, until)?))
    }

    fn probe(&mut self, user: u64) -> Option<&mut Running> {
        if !self.by_user.contains_key(&user) && self.by_user.len() < USERS {
            let argv = [BINARY, "probe", "owners"];
            let started = self.engine.exec_stream(&self.dev, Some(&user.to_string()), &argv).ok()?;
            self.by_user.insert(user, started);
        }
        self.by_user.get_mut(&user)
    }
}

/// One question, one answer.
fn ask(probe: &mut Running, port: u16, until: Instant) -> Option<Value> {
    probe.say(&port.to_string()).ok()?;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let Next::Line(line) = probe.next_line(left) else { return None };
        let Ok(answer) = serde_json::from_str::<Value>(&line) else { continue };
        // A late answer to an earlier question comes first.
        if answer["port"] == port {
            return Some(answer);
        }
    }
}

fn named(answer: &Value) -> Option<(u64, String)> {
    Some((answer["pid"].as_u64()?, name_of(answer)?))
}

/// The program's file name: `cmdline0` can be anything the process likes.
fn name_of(answer: &Value) -> Option<String> {
    let path = answer["exe"].as_str().or_else(|| answer["cmdline0"].as_str())?;
    Some(path.rsplit('/').next().unwrap_or(path).chars().take(64).collect())
}

fn client_port(event: &Value) -> Option<u16> {
    event["client"].as_str()?.parse::<std::net::SocketAddr>().ok().map(|client| client.port())
}

fn denial(event: &Value) -> Denial {
    let text = |key: &str| event[key].as_str().map(str::to_owned);
    let number = |key: &str| event[key].as_u64();
    Denial {
        host: text("host").unwrap_or_default(),
        port: number("port").and_then(|port| u16::try_from(port).ok()),
        phase: text("phase").unwrap_or_default(),
        reason: text("reason").unwrap_or_default(),
        why: text("why"),
        method: text("method"),
        path: text("path"),
        pid: number("pid").and_then(|pid| u32::try_from(pid).ok()),
        process: text("process"),
        count: 1,
        first: 0,
        last: 0,
    }
}

/// More lines about one reload are read by nobody.
const MAX_LINES: usize = 50;

/// A change of the policy; what it did has to be a word that is known.
fn change(event: &Value) -> Option<Change> {
    let action = |known: &[&'static str]| known.iter().copied().find(|word| event["action"] == **word);
    let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
    let lines = |key: &str| {
        let lines = event[key].as_array().map(Vec::as_slice).unwrap_or_default();
        lines.iter().filter_map(Value::as_str).take(MAX_LINES).map(str::to_owned).collect()
    };
    match event["type"].as_str()? {
        "grant" => Some(Change::Grant {
            action: action(&["granted", "revoked", "expired"])?,
            host: text("host"),
            reason: text("reason"),
        }),
        "reload" => Some(Change::Reload {
            action: action(&["applied", "pending", "rejected"])?,
            loosens: lines("loosens"),
            errors: lines("errors"),
        }),
        _ => None,
    }
}

fn is_ok(line: &str) -> bool {
    serde_json::from_str::<Value>(line).is_ok_and(|answer| answer["ok"] == true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Tools;

    fn sh(script: &str) -> Running {
        Tools::default().program("sh").arg("-c").arg(script).stream().unwrap()
    }

    #[test]
    fn a_held_connection_is_attributed_and_then_reported() {
        let hold = r#"{"type":"hold","id":"7","client":"198.18.0.3:40001","phase":"sni","host":"a.example","port":443}"#;
        let events = sh(&format!(
            r#"echo '{hold}'; read answer; echo "{{\"type\":\"decision\",\"action\":\"deny\",\"host\":\"a.example\",\"port\":443,\"phase\":\"sni\",\"why\":$(printf %s "$answer" | sed 's/"/\\"/g; s/^/"/; s/$/"/')}}""#
        ));
        let owners = sh(
            r#"read port; echo '{"port":1}'; echo "{\"port\":$port,\"pid\":812,\"exe\":\"/usr/bin/curl\"}""#,
        );
        let users = sh(r#"read port; echo "{\"port\":$port,\"uid\":1000}""#);
        let by_user = HashMap::from([(0, users), (1000, owners)]);
        let probes = Probes { engine: Engine::default(), dev: "dev".to_owned(), by_user };
        let mut watch = Watch { events, probes: Some(probes) };
        let Seen::Denied(denial) = watch.next(Duration::from_secs(10)) else { panic!("no denial") };
        assert_eq!(denial.host, "a.example");
        assert_eq!(
            denial.why.as_deref(),
            Some(r#"{"attribute":"7","pid":812,"process":"curl"}"#),
            "what the gate was told"
        );
    }

    #[test]
    fn without_a_probe_the_connection_is_released_at_once() {
        let hold = r#"{"type":"hold","id":"7","client":"198.18.0.3:40001"}"#;
        let script =
            format!(r#"echo '{hold}'; read answer; echo '{{"type":"decision","action":"deny","host":"x"}}'"#);
        let mut watch = Watch { events: sh(&script), probes: None };
        assert!(matches!(watch.next(Duration::from_secs(10)), Seen::Denied(_)));
        assert_eq!(watch.next(Duration::from_secs(10)), Seen::Ended);
    }

    #[test]
    fn changes_of_the_policy_come_between_denials_and_other_events_do_not() {
        let script = r#"echo '{"type":"grant","action":"granted","host":"a.example","reason":"try"}'
            echo '{"type":"grant","action":"praised","host":"b.example"}'
            echo '{"type":"close","id":"1"}'
            echo '{"type":"reload","action":"pending","generation":2,"loosens":["opens c.example"]}'
            echo '{"type":"decision","action":"deny","host":"d.example"}'"#;
        let mut watch = Watch { events: sh(script), probes: None };
        let (host, reason) = ("a.example".to_owned(), "try".to_owned());
        let granted = Change::Grant { action: "granted", host, reason };
        assert_eq!(watch.next(Duration::from_secs(10)), Seen::Changed(granted));
        let loosens = vec!["opens c.example".to_owned()];
        let pending = Change::Reload { action: "pending", loosens, errors: Vec::new() };
        assert_eq!(watch.next(Duration::from_secs(10)), Seen::Changed(pending));
        let Seen::Denied(denial) = watch.next(Duration::from_secs(10)) else { panic!("no denial") };
        assert_eq!(denial.host, "d.example");
    }

    #[test]
    fn a_name_comes_from_the_program_not_from_its_words() {
        let answer = json!({"exe": "/usr/lib/jvm/bin/java", "cmdline0": "innocent"});
        assert_eq!(name_of(&answer).as_deref(), Some("java"));
        assert_eq!(name_of(&json!({})), None);
    }
}
