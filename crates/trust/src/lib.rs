//! Certificates in trust stores: find the ones an administrator added, carry them along,
//! put them into every store of a container, prove it, take them out again.
//!
//! Nothing here reads the clock, and the environment only where a function says so: roots, paths and
//! files arrive as arguments.
//!
//! A container is a Linux system. Of the host, which may be another, only [`certificate`] and [`host_cas`] are asked.

pub mod certificate;
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "keystores are written in containers only"))]
pub(crate) mod der;
pub(crate) mod file;
pub mod host_cas;

#[cfg(target_os = "linux")]
pub mod check;
#[cfg(target_os = "linux")]
pub mod engine;
#[cfg(target_os = "linux")]
pub mod group;
#[cfg(target_os = "linux")]
mod java;
#[cfg(target_os = "linux")]
mod journal;
#[cfg(target_os = "linux")]
pub mod keystore;
#[cfg(target_os = "linux")]
mod root;
#[cfg(target_os = "linux")]
pub mod share;
#[cfg(target_os = "linux")]
mod store;
#[cfg(target_os = "linux")]
mod system;
#[cfg(target_os = "linux")]
pub mod watch;

#[cfg(target_os = "linux")]
pub use root::{Root, User};
#[cfg(target_os = "linux")]
pub use store::{Kind, Outcome, Report};
