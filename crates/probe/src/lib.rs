//! Live facts in a container: what of the bridge is there, which process owns a connection, which are confined, and
//! which doors are closed.
//!
//! Everything here runs inside the dev container, next to processes that may lie. What it reads is
//! bounded, and what it reports as foreign text is raw: escape it before it reaches a terminal.

//! A container is a Linux system; on the host, which may be another, only [`canary`] is there, for its shapes.

pub mod canary;
#[cfg(target_os = "linux")]
pub mod confined;
#[cfg(target_os = "linux")]
pub mod facts;
mod mountinfo;
#[cfg(target_os = "linux")]
pub mod owner;
