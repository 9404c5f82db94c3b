//! DNS steering: an allowed name is the gate's own address, every other name does not exist.
//!
//! Nothing is ever forwarded, so there is no tunnel through it; even the children of a wildcard
//! are looked up only when a connection names them. The engine's resolver answers service names
//! before it asks here, so a single label that arrives is unknown.

mod message;
mod serve;

pub use message::{Question, Verdict, answer};
pub(crate) use serve::{tcp, udp};
