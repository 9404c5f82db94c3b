//! The reader of request heads: no panic, and the same verdict however the bytes arrive.

#![no_main]

use drawbridge_proxy::follow_requests;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let whole = follow_requests([bytes]);
    assert_eq!(whole, follow_requests(bytes.chunks(1)), "byte by byte");
    let (front, back) = bytes.split_at(bytes.len() / 2);
    assert_eq!(whole, follow_requests([front, back]), "in halves");
});
