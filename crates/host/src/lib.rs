//! Everything that touches the developer's machine: files, journal, container engine.
//!
//! Synchronous. The engine and the official Dev Containers CLI are used as subprocesses, because
//! contexts, ssh endpoints and desktops resolve there: [`process`] is the only place that starts one.

pub mod addresses;
pub mod baseline;
pub mod blocked;
pub mod brought;
pub mod containers;
pub mod ctl;
pub mod devcontainer;
pub mod engine;
pub mod env_file;
pub mod files;
pub mod git;
pub mod ide;
pub mod ignore;
pub mod journal;
pub mod learn;
pub mod live;
pub mod personal;
pub mod policy_edit;
pub mod process;
pub mod prove;
pub mod secrets;
pub mod sidecar;
#[cfg(test)]
mod testing;
pub mod variables;
pub mod verify;
pub mod workspace;
