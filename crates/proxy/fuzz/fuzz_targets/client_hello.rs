//! The `ClientHello` parser: no panic, and the same answer however the bytes arrive.

#![no_main]

use drawbridge_proxy::hello::Reassembly;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let whole = Reassembly::default().advance(bytes);
    let mut trickled = Reassembly::default();
    let last = (0..=bytes.len()).map(|end| trickled.advance(&bytes[..end])).find(|read| !matches!(read, Ok(None)));
    match (whole, last) {
        (Ok(Some(one)), Some(Ok(Some(other)))) => assert_eq!(one, other),
        (Err(_), Some(Err(_))) | (Ok(None), None) => {}
        (one, other) => panic!("at once {one:?}, byte by byte {other:?}"),
    }
});
