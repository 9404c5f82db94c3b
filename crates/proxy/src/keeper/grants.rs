//! Grants: what the developer allows from the host for a while, one host or, observing, all.

use drawbridge_policy::{Layer, LayerKind, load, object_form};
use serde_json::{Value, json};

use super::{Keeper, KeeperError, layers};
use crate::limits::{GRANTS, OBSERVE};
use crate::log::{Event, clip};
use crate::state::{Grant, Observation};

/// What a grant is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct GrantRequest {
    /// A host, or a rule in string form: methods, scheme, host, ports, paths.
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    pub(crate) private: bool,
    /// Lifetime in seconds.
    pub(crate) seconds: Option<u64>,
    pub(crate) reason: String,
}

impl Keeper {
    /// Puts a grant in force; one for the same host and port is replaced.
    pub(crate) fn grant(&mut self, request: GrantRequest) -> Result<(), KeeperError> {
        let now = self.gate.clock.now();
        let GrantRequest { host, port, private, seconds, reason } = request;
        let lifetime = seconds.map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
        let until = lifetime.map(|lifetime| now.saturating_add(lifetime));
        let grant = Grant { host, port, private, reason, created: now, until };
        // Alone first, so that a mistake in it is told apart from one in another layer.
        let text = layers::grants_text(std::slice::from_ref(&grant), None);
        let alone = Layer { kind: LayerKind::Grants, file: "grant".to_owned(), text };
        load(&[alone], now).map_err(|errors| {
            KeeperError::Invalid(errors.into_iter().map(|error| error.message).collect())
        })?;
        let mut grants = self.state.grants.clone();
        grants.retain(|old| old.host != grant.host || old.port != grant.port);
        if grants.len() >= GRANTS {
            return Err(KeeperError::TooManyGrants);
        }
        let (host, reason) = (clip(&grant.host), clip(&grant.reason));
        grants.push(grant);
        self.replace_grants(grants)?;
        self.gate.log.event(Event::Grant { action: "granted", host, reason });
        Ok(())
    }

    /// Takes back every grant for `host`, or the one that was written so.
    pub(crate) fn revoke(&mut self, host: &str) -> Result<(), KeeperError> {
        let mut grants = self.state.grants.clone();
        grants.retain(|grant| {
            let granted = object_form(&grant.host);
            let same =
                granted.get("host").and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(host));
            !same && !grant.host.eq_ignore_ascii_case(host)
        });
        if grants.len() == self.state.grants.len() {
            return Err(KeeperError::NotGranted(host.to_owned()));
        }
        self.replace_grants(grants)?;
        self.gate.log.event(Event::Grant { action: "revoked", host: clip(host), reason: String::new() });
        Ok(())
    }

    /// Grants in force, oldest first.
    pub(crate) fn grants(&self) -> Value {
        json!(self.state.grants)
    }

    /// Lets everything through for `seconds`, but what no layer can open; 0 ends that.
    pub(crate) fn observe(&mut self, seconds: u64, reason: String) -> Result<(), KeeperError> {
        if seconds > OBSERVE {
            return Err(KeeperError::ObserveTooLong);
        }
        let now = self.gate.clock.now();
        let until = now.saturating_add(i64::try_from(seconds).unwrap_or(0));
        let wanted = (seconds > 0).then_some(Observation { reason, until });
        let old = std::mem::replace(&mut self.state.observe, wanted);
        let refused = match self.load(self.state.accepted.as_ref()) {
            Ok(loaded) if seconds == 0 || loaded.policy.observes(now) => {
                self.save();
                self.gate.log.event(Event::Observe { until: (seconds > 0).then_some(until) });
                self.apply(loaded);
                return Ok(());
            }
            Ok(_) => KeeperError::Enforced,
            Err(errors) => KeeperError::Invalid(errors),
        };
        self.state.observe = old;
        Err(refused)
    }

    fn replace_grants(&mut self, grants: Vec<Grant>) -> Result<(), KeeperError> {
        let old = std::mem::replace(&mut self.state.grants, grants);
        match self.load(self.state.accepted.as_ref()) {
            Ok(loaded) => {
                self.save();
                self.apply(loaded);
                Ok(())
            }
            Err(errors) => {
                self.state.grants = old;
                Err(KeeperError::Invalid(errors))
            }
        }
    }

    /// Forgets grants that ran out; true if there were any.
    pub(super) fn drop_expired_grants(&mut self) -> bool {
        let now = self.gate.clock.now();
        let expired = |grant: &Grant| grant.until.is_some_and(|until| until <= now);
        for grant in self.state.grants.iter().filter(|grant| expired(grant)) {
            self.gate.log.event(Event::Grant {
                action: "expired",
                host: clip(&grant.host),
                reason: clip(&grant.reason),
            });
        }
        let before = self.state.grants.len();
        self.state.grants.retain(|grant| !expired(grant));
        let observed = self.state.observe.take_if(|observe| observe.until <= now);
        if observed.is_some() {
            self.gate.log.event(Event::Observe { until: None });
        }
        self.state.grants.len() != before || observed.is_some()
    }
}
