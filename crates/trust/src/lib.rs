//! Certificates in trust stores: find the ones an administrator added, carry them along,
//! put them into every store of a container, prove it, take them out again.
//!
//! Nothing here reads the environment or the clock: roots, paths and files arrive as arguments.

pub mod certificate;
pub(crate) mod der;
pub(crate) mod file;
pub mod host_cas;
pub mod keystore;
pub mod share;
