//! The sidecar: DNS, SNI and CONNECT gate, TLS inspection, decision log, reload.
//!
//! The dev container's only neighbour. Every entry goes through one state machine:
//! accept → limits → read head or hello → canonical (host, port, scheme) → decision →
//! `Permitted` → forward. Everything that is not understood is denied.
//!
//! `run` is the sidecar itself; `health`, `ctl::client` and `connect::run` are the small
//! blocking clients that the same binary offers inside the two containers.

mod answer;
mod attribution;
mod clock;
mod config;
pub mod connect;
pub mod ctl;
mod denials;
pub mod dns;
mod entry;
mod error;
mod gate;
mod health;
pub mod hello;
mod inspect;
mod keeper;
mod limits;
mod live;
mod log;
mod network;
pub mod paths;
#[cfg(test)]
mod pitfalls;
mod refusal;
pub mod secrets;
mod share;
mod sidecar;
mod sources;
mod state;
#[cfg(test)]
mod testing;
mod topology;
mod tunnel;
mod upstream;

pub use config::{Config, Ports, PrepareShare, Relay, RelayError, Roots};
/// For the fuzz target of the reader of request heads.
pub use entry::strict::follow as follow_requests;
pub use error::Error;
pub use health::{HealthError, health};

/// Runs the sidecar until SIGTERM or SIGINT.
///
/// Decisions go to standard output as JSON lines. Within the container's lifetime nothing but a
/// word on the control socket loosens the policy.
///
/// # Errors
///
/// The sidecar does not start: see [`Error`]. Nothing listens then, so egress stays closed.
pub fn run(config: Config) -> Result<(), Error> {
    sidecar::run(config)
}
