//! Live facts in a container: which process owns a connection, and which doors are closed.
//!
//! Everything here runs inside the dev container, next to processes that may lie. What it reads is
//! bounded, and what it reports as foreign text is raw: escape it before it reaches a terminal.

pub mod canary;
pub mod owner;
