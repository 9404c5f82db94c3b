//! What the gate denied, and who wanted it: the process for connections, the declaring file for
//! names, because a resolver's question does not say who asked.

mod causes;
mod watch;

use serde::{Deserialize, Serialize};

pub use causes::{Cause, Causes};
pub use watch::{Change, Seen, Watch};

use crate::ctl::{CtlError, Sidecar};

/// The phase of a request inside TLS that ended in the gate.
pub const INSPECTED: &str = "inspect";

/// Equal denials, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Denial {
    /// The host that was asked for.
    pub host: String,
    /// Its port; unknown for a name.
    pub port: Option<u16>,
    /// `dns`, `connect`, `sni`, `http`, `inspect`, `tcp`.
    pub phase: String,
    /// The policy's code.
    pub reason: String,
    /// The policy's sentence.
    pub why: Option<String>,
    /// HTTP method, if it was seen.
    pub method: Option<String>,
    /// Path, if it was seen.
    pub path: Option<String>,
    /// Process id in the dev container.
    pub pid: Option<u32>,
    /// Name of the process.
    pub process: Option<String>,
    /// How often.
    pub count: u64,
    /// Unix seconds.
    pub first: i64,
    /// Unix seconds.
    pub last: i64,
}

impl Denial {
    /// Whether a rule for it would change the answer: no rule opens forbidden addresses or what another
    /// rule denies, and the rest is for the client to correct.
    pub fn is_allowable(&self) -> bool {
        const NOT_BY_A_RULE: [&str; 6] = [
            "address-refused",
            "denied-by-rule",
            "path-not-canonical",
            "method-override",
            "secret-leak",
            "host-mismatch",
        ];
        !NOT_BY_A_RULE.contains(&self.reason.as_str()) && !self.host.is_empty()
    }

    /// The narrowest rule that would let it through, in the policy's form; `None` when no rule would.
    pub fn rule(&self) -> Option<String> {
        if !self.is_allowable() {
            return None;
        }
        if self.phase != INSPECTED || self.reason == "host-not-allowed" {
            return Some(self.host.clone());
        }
        // A rule for the whole host would open more than what was refused.
        let plain = |text: &&String| {
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_'))
        };
        let (method, path) = (self.method.as_ref().filter(plain)?, self.path.as_ref().filter(plain)?);
        let port = self.port.filter(|port| *port != 443).map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{method} {}{port}{path}", self.host))
    }
}

/// What the gate denied, newest last; `since` in seconds before now.
pub fn recent(sidecar: &Sidecar, since: Option<u64>) -> Result<Vec<Denial>, CtlError> {
    remembered(sidecar, "denied", since)
}

/// What only passed because the policy observes.
pub fn observed(sidecar: &Sidecar, since: Option<u64>) -> Result<Vec<Denial>, CtlError> {
    remembered(sidecar, "observed", since)
}

fn remembered(sidecar: &Sidecar, what: &str, since: Option<u64>) -> Result<Vec<Denial>, CtlError> {
    let since = since.map(|seconds| seconds.to_string());
    let mut words = vec![what];
    if let Some(seconds) = &since {
        words.extend(["--since", seconds]);
    }
    let answer = sidecar.ask(&words)?;
    Ok(parse(&answer[what]))
}

fn parse(list: &serde_json::Value) -> Vec<Denial> {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| Denial::deserialize(item).ok()).collect()
}

/// The same host asked for by name and by connection is one line: the one that names a process, or
/// else the one with a port.
#[must_use]
pub fn merged(denials: Vec<Denial>) -> Vec<Denial> {
    let mut kept: Vec<Denial> = Vec::new();
    for denial in denials {
        let same = kept.iter_mut().find(|one| {
            // Requests that were looked into are told apart by what they asked for.
            (one.phase != INSPECTED && denial.phase != INSPECTED
                || (&one.method, &one.path) == (&denial.method, &denial.path))
                && one.host == denial.host
                && (one.port == denial.port || one.port.is_none() || denial.port.is_none())
        });
        match same {
            Some(one) => {
                let count = one.count.max(denial.count);
                let (first, last) = (one.first.min(denial.first), one.last.max(denial.last));
                let better = |d: &Denial| (d.process.is_some(), d.port.is_some());
                if better(&denial) > better(one) {
                    *one = denial;
                }
                (one.count, one.first, one.last) = (count, first, last);
            }
            None => kept.push(denial),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denial(host: &str, port: Option<u16>, process: Option<&str>) -> Denial {
        Denial {
            host: host.to_owned(),
            port,
            process: process.map(str::to_owned),
            count: 1,
            ..Denial::default()
        }
    }

    #[test]
    fn a_name_and_its_connection_are_one() {
        let merged = merged(vec![
            denial("a.example", None, None),
            denial("b.example", Some(443), None),
            denial("a.example", Some(443), Some("curl")),
            denial("b.example", Some(8443), Some("java")),
        ]);
        assert_eq!(
            merged,
            [
                denial("a.example", Some(443), Some("curl")),
                denial("b.example", Some(443), None),
                denial("b.example", Some(8443), Some("java")),
            ]
        );
    }

    #[test]
    fn an_answer_of_another_shape_is_no_panic() {
        assert_eq!(parse(&serde_json::json!(null)), []);
        assert_eq!(parse(&serde_json::json!([1, {"host": 2}, {"host": "a.example"}])).len(), 1);
    }
}
