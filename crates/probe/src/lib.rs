//! Live facts in a container: what of the bridge is there, which process owns a connection, which are confined, and
//! which doors are closed.
//!
//! Everything here runs inside the dev container, next to processes that may lie. What it reads is
//! bounded, and what it reports as foreign text is raw: escape it before it reaches a terminal.

pub mod canary;
pub mod confined;
pub mod facts;
mod mountinfo;
pub mod owner;
