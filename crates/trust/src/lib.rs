//! Certificates in trust stores: find the ones an administrator added, carry them along,
//! put them into every store of a container, prove it, take them out again.
//!
//! Nothing here reads the clock, and the environment only where a function says so: roots, paths and
//! files arrive as arguments.

pub mod certificate;
pub mod check;
pub(crate) mod der;
pub mod engine;
pub(crate) mod file;
pub mod group;
pub mod host_cas;
mod java;
mod journal;
pub mod keystore;
mod root;
pub mod share;
mod store;
mod system;
pub mod watch;

pub use root::{Root, User};
pub use store::{Kind, Outcome, Report};
