//! Reads and edits arbitrary text; see `check.rs` for what must hold.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../check.rs"]
mod check;
#[expect(dead_code, reason = "the tests check more than holds for arbitrary text")]
#[path = "../../tests/jsonc/invariants.rs"]
mod invariants;
#[path = "../../tests/jsonc/model.rs"]
mod model;

fuzz_target!(|data: &[u8]| {
    if let Ok(input) = std::str::from_utf8(data) {
        check::check(input);
    }
});
