//! What callers of the crate rely on, checked from outside.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod corpus;
mod editing;
mod generate;
mod invariants;
mod model;
mod mutation;
mod oracle;
mod properties;
mod reading;
mod seeds;
