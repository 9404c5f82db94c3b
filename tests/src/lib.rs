//! The test bed of the end-to-end tests: engine, images, users, a network that plays the internet.
//!
//! `scripts/testbed start` provides the components and `scripts/test` calls the tests with its exports.
//! Everything here drives programs from the outside: the built `drawbridge`, the official Dev
//! Containers CLI, `docker`, `git`. Failing helpers panic with everything that the program printed,
//! because their only callers are tests.

#![expect(clippy::missing_panics_doc, reason = "a panic is how a helper fails the test")]

mod bed;
mod inet;
mod language_client;
mod poll;
mod project;
mod registry;
mod run;

pub use bed::{Bed, HostUser};
pub use inet::{Inet, Seen};
pub use language_client::LanguageClient;
pub use poll::{until, within};
pub use project::{POLICY, Project};
pub use registry::Registry;
pub use run::{Output, Run};
