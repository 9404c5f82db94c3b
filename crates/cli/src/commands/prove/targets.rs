//! What the canaries aim at: defaults of the probe, facts of the host, what a file says.

use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::Duration;

use drawbridge_host::prove::Facts;
use drawbridge_policy::{Host, Request, Scheme};
use drawbridge_probe::canary::{Endpoint, Targets};
use serde_json::Value;

use crate::clock;
use crate::error::CliError;
use crate::protected::Protected;

/// An address of the internet answers within this time, or its silence proves nothing.
const REACH: Duration = Duration::from_millis(900);

/// Puts the targets together.
pub(super) fn collect(protected: &Protected, facts: &Facts, file: Option<&Path>) -> Result<Value, CliError> {
    let mut targets = Targets {
        gateways: facts.gateways.clone(),
        sidecar: facts.sidecar,
        protected: facts.protected.iter().map(Into::into).collect(),
        ..Targets::default()
    };
    let policy = protected.policy()?;
    let allowed = |name: &str| {
        Host::parse(name).is_ok_and(|host| {
            let request = Request::connection(Scheme::Https, &host, 443);
            policy.decide(&request, clock::now()).is_allowed()
        })
    };
    targets.allowed_host = protected
        .plan
        .hosts
        .iter()
        .map(|host| host.host.clone())
        .find(|host| !host.contains('*') && allowed(host));
    if allowed(&targets.denied_host)
        && let Some(denied) = ["example.org", "example.net"].iter().find(|host| !allowed(host))
    {
        (*denied).clone_into(&mut targets.denied_host);
    }
    let mut value = serde_json::to_value(&targets)
        .map_err(|error| CliError::refused(error.to_string(), "please report this"))?;
    if let Some(file) = file {
        merge(&mut value, read(file)?);
    } else {
        mark_alive(&mut targets);
        value["direct"] = serde_json::to_value(&targets.direct).unwrap_or_default();
    }
    Ok(value)
}

/// Tries the addresses from here: only where the host gets an answer does silence in the container
/// prove anything.
fn mark_alive(targets: &mut Targets) {
    let tries: Vec<_> = targets
        .direct
        .iter()
        .map(|endpoint| {
            let address = endpoint.address;
            thread::spawn(move || TcpStream::connect_timeout(&address, REACH).is_ok())
        })
        .collect();
    for (endpoint, tried) in targets.direct.iter_mut().zip(tries) {
        if tried.join().unwrap_or(false) {
            *endpoint = Endpoint::alive(endpoint.address);
        }
    }
}

fn read(file: &Path) -> Result<Value, CliError> {
    let text = std::fs::read_to_string(file)?;
    serde_json::from_str(&text)
        .map_err(|error| CliError::refused(format!("{}: {error}", file.display()), "write JSON"))
}

fn merge(value: &mut Value, over: Value) {
    if let (Some(value), Value::Object(over)) = (value.as_object_mut(), over) {
        value.extend(over);
    }
}
