//! The walls, tried from inside. `examples/confined.rs` raises them; every attempt is made outside the
//! walls first, where it must succeed, otherwise it proves nothing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod broker;
mod failures;
mod reach;
mod scene;
mod terminal;
mod work;
