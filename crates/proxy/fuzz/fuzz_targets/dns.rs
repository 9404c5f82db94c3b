//! The DNS responder: no panic, and every answer is small, well formed and carries no foreign data.

#![no_main]

use std::net::{IpAddr, Ipv4Addr};

use drawbridge_proxy::dns::{Verdict, answer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let own = Verdict::Steer(IpAddr::V4(Ipv4Addr::new(198, 18, 0, 2)));
    for verdict in [own, Verdict::Deny] {
        if let Some(reply) = answer(bytes, |_| verdict) {
            assert!(reply.len() <= 512, "{} bytes", reply.len());
            assert_eq!(reply[..2], bytes[..2], "the id");
            assert_eq!(reply[2] & 0x80, 0x80, "a response");
        }
    }
});
