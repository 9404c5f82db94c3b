//! The built program, driven from outside, without a container engine.

#![expect(clippy::unwrap_used, reason = "tests")]

mod audit;
mod commands;
mod corpus;
mod doctor;
mod hostile;
mod published;
#[cfg(target_os = "linux")]
mod run;
mod support;
