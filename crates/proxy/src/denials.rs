//! The last denials, equal ones counted, for `ctl denied`; and what was only observed, for `ctl observed`.

use std::collections::VecDeque;
use std::net::IpAddr;

use drawbridge_policy::{Host, Policy, Request, Scheme};
use serde::Serialize;

use crate::limits::DENIALS;
use crate::log::{Decided, Phase, Process};

/// One denied thing and how often it was tried.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Denial {
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    pub(crate) phase: Phase,
    pub(crate) reason: &'static str,
    pub(crate) why: Option<String>,
    pub(crate) client: IpAddr,
    pub(crate) method: Option<String>,
    pub(crate) path: Option<String>,
    #[serde(flatten)]
    pub(crate) process: Process,
    pub(crate) count: u64,
    /// Unix seconds.
    pub(crate) first: i64,
    /// Unix seconds.
    pub(crate) last: i64,
}

/// Reasons that no rule changes: the client did what is refused wherever it goes.
const NOT_BY_A_RULE: [&str; 5] =
    ["address-refused", "host-mismatch", "method-override", "path-not-canonical", "secret-leak"];

impl Denial {
    /// Whether `policy` denies it as well: somebody may have allowed it since.
    fn lasts(&self, policy: &Policy, now: i64) -> bool {
        let Ok(host) = Host::parse(&self.host) else { return true };
        if NOT_BY_A_RULE.contains(&self.reason) {
            return true;
        }
        let port = self.port.unwrap_or(443);
        let connects = |scheme| policy.decide(&Request::connection(scheme, &host, port), now).is_allowed();
        let requests = |scheme| {
            let (method, path) = (self.method.as_deref(), self.path.as_deref());
            policy.decide(&Request { scheme, host: &host, port, method, path, query: None }, now).is_allowed()
        };
        !match self.phase {
            Phase::Dns => policy.steer(&host, now).is_allowed(),
            Phase::Connect => policy.connect(&host, port, now).1.is_allowed(),
            Phase::Sni => connects(Scheme::Https),
            Phase::Http => requests(Scheme::Http),
            Phase::Inspect => requests(Scheme::Https),
            Phase::Tcp => connects(Scheme::Tcp),
            Phase::Relay => false,
        }
    }
}

/// A bounded memory; the longest unseen entry goes first.
#[derive(Debug, Default)]
pub(crate) struct Denials {
    /// Oldest first.
    entries: VecDeque<Denial>,
    total: u64,
}

impl Denials {
    /// Remembers a denial; host, port and phase make it the same one, and what was asked for where
    /// the policy looks at that.
    pub(crate) fn record(&mut self, decided: &Decided, now: i64) {
        self.total += 1;
        let same = |entry: &Denial| {
            entry.phase == decided.phase
                && entry.port == decided.port
                && entry.host == decided.host
                && (decided.phase != Phase::Inspect
                    || entry.method == decided.method && entry.path == decided.path)
        };
        // A client that repeats itself is found near the end.
        let known = self.entries.iter().rposition(same).and_then(|at| self.entries.remove(at));
        let (count, first) = known.as_ref().map_or((0, now), |entry| (entry.count, entry.first));
        let process =
            decided.process.clone().or_else(|| known.map(|entry| entry.process)).unwrap_or_default();
        if self.entries.len() >= DENIALS {
            self.entries.pop_front();
        }
        self.entries.push_back(Denial {
            host: decided.host.clone(),
            port: decided.port,
            phase: decided.phase,
            reason: decided.reason,
            why: decided.why.clone(),
            client: decided.client.ip(),
            method: decided.method.clone(),
            path: decided.path.clone(),
            process,
            count: count + 1,
            first,
            last: now,
        });
    }

    /// Those seen at or after `since`, oldest first.
    pub(crate) fn since(&self, since: Option<i64>) -> Vec<&Denial> {
        self.entries.iter().filter(|entry| since.is_none_or(|since| entry.last >= since)).collect()
    }

    /// As [`Self::since`], without what `policy` allows by now.
    pub(crate) fn lasting(&self, since: Option<i64>, policy: &Policy, now: i64) -> Vec<&Denial> {
        self.since(since).into_iter().filter(|entry| entry.lasts(policy, now)).collect()
    }

    /// Denials since the start, repeated ones included.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Action;

    fn decided(host: &str, process: Option<Process>) -> Decided {
        Decided {
            id: "1".into(),
            client: "127.0.0.1:4000".parse().unwrap(),
            phase: Phase::Sni,
            action: Action::Deny,
            reason: "host-not-allowed",
            host: host.into(),
            port: Some(443),
            method: None,
            path: None,
            rule: None,
            layer: None,
            secrets: Vec::new(),
            why: None,
            process,
            ms: 0,
        }
    }

    #[test]
    fn counts_equal_denials_and_keeps_who_it_was() {
        let mut denials = Denials::default();
        let curl = Process { pid: Some(7), process: Some("curl".into()) };
        denials.record(&decided("a.example", Some(curl.clone())), 10);
        denials.record(&decided("b.example", None), 11);
        denials.record(&decided("a.example", None), 12);
        let all = denials.since(None);
        assert_eq!(all.iter().map(|d| d.host.as_str()).collect::<Vec<_>>(), ["b.example", "a.example"]);
        assert_eq!((all[1].count, all[1].first, all[1].last), (2, 10, 12));
        assert_eq!(all[1].process, curl);
        assert_eq!(denials.since(Some(12)).len(), 1);
        assert_eq!(denials.total(), 3);
    }

    #[test]
    fn forgets_the_oldest() {
        let mut denials = Denials::default();
        for n in 0..=DENIALS {
            denials.record(&decided(&format!("h{n}.example"), None), 0);
        }
        let all = denials.since(None);
        assert_eq!((all.len(), all[0].host.as_str()), (DENIALS, "h1.example"));
    }
}
