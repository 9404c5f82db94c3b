//! Everything that touches the developer's machine: files, journal, container engine.
//!
//! Synchronous. The engine and the official Dev Containers CLI are used as subprocesses, because
//! contexts, ssh endpoints and desktops resolve there: [`process`] is the only place that starts one.

pub mod containers;
pub mod ctl;
pub mod engine;
pub mod files;
pub mod git;
pub mod journal;
pub mod process;
pub mod sidecar;
pub mod variables;
pub mod verify;
pub mod workspace;
