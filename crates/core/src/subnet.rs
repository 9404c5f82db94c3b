//! The inner network's addresses: a /28 of 198.18.0.0/15, chosen by the project's name.
//!
//! 198.18.0.0/15 is reserved for benchmarks (RFC 2544), so no real network uses it. The first half
//! holds the sidecar at a fixed address; the engine hands out the second half, so the fixed address
//! stays free. A project with more than seven containers gets a larger network.

use std::fmt;
use std::net::Ipv4Addr;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

const FIRST: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 0);
const BLOCK: u8 = 15;
const SMALLEST: u8 = 28;
const LARGEST: u8 = 24;

/// One network of 198.18.0.0/15.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subnet {
    offset: u32,
    prefix: u8,
}

impl Subnet {
    /// The /28 that a project gets by default.
    pub fn of(project: &str) -> Self {
        let digest = Sha256::digest(project.as_bytes());
        Self::nth(u16::from_be_bytes([digest[0], digest[1]]))
    }

    /// The /28 number `index`; there are 8 192, then it starts again.
    pub fn nth(index: u16) -> Self {
        let count = 1 << (SMALLEST - BLOCK);
        Self { offset: (u32::from(index) % count) << (32 - SMALLEST), prefix: SMALLEST }
    }

    /// The same place, large enough for `containers` beside the sidecar; at most a /24 (127).
    #[must_use]
    pub fn fit(self, containers: usize) -> Self {
        let mut prefix = self.prefix;
        // Half of the addresses are handed out, and the broadcast address is not one of them.
        while prefix > LARGEST && (1_usize << (31 - prefix)) - 1 < containers {
            prefix -= 1;
        }
        let size = 1_u32 << (32 - prefix);
        Self { offset: self.offset & !(size - 1), prefix }
    }

    /// The next one of the same size, for a search after a clash.
    #[must_use]
    pub fn next(self) -> Self {
        let offset = (self.offset + self.size()) % (1 << (32 - BLOCK));
        Self { offset, ..self }
    }

    /// Bits of the network's part.
    pub fn prefix(self) -> u8 {
        self.prefix
    }

    /// The sidecar's address, outside [`Self::range`].
    pub fn ip(self) -> Ipv4Addr {
        self.host(2)
    }

    /// The network as `a.b.c.d/28`.
    pub fn cidr(self) -> String {
        format!("{}/{}", self.host(0), self.prefix)
    }

    /// What the engine hands out to the other containers, as `a.b.c.d/29`.
    pub fn range(self) -> String {
        format!("{}/{}", self.host(self.size() / 2), self.prefix + 1)
    }

    /// First and last address.
    pub fn bounds(self) -> (Ipv4Addr, Ipv4Addr) {
        (self.host(0), self.host(self.size() - 1))
    }

    fn size(self) -> u32 {
        1 << (32 - self.prefix)
    }

    fn host(self, number: u32) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(FIRST) + self.offset + number)
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cidr())
    }
}

impl Serialize for Subnet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_inside_the_block_and_keeps_the_sidecar_out_of_the_range() {
        for index in [0, 1, 8_191, 8_192, u16::MAX] {
            for containers in [1, 7, 8, 100, 10_000] {
                let subnet = Subnet::nth(index).fit(containers);
                for subnet in [subnet, subnet.next()] {
                    let (first, last) = subnet.bounds();
                    assert_eq!(u32::from(first) >> 17, u32::from(FIRST) >> 17);
                    assert_eq!(u32::from(last) >> 17, u32::from(FIRST) >> 17);
                    let half = u32::from(first) + subnet.size() / 2;
                    assert!(first < subnet.ip() && u32::from(subnet.ip()) < half);
                }
            }
        }
    }

    #[test]
    fn grows_with_the_project() {
        let seen = [7, 8, 15, 16].map(|n| {
            let subnet = Subnet::nth(8_191).fit(n);
            format!("{} {} {}", subnet.cidr(), subnet.range(), subnet.ip())
        });
        insta::assert_debug_snapshot!(seen, @r#"
        [
            "198.19.255.240/28 198.19.255.248/29 198.19.255.242",
            "198.19.255.224/27 198.19.255.240/28 198.19.255.226",
            "198.19.255.224/27 198.19.255.240/28 198.19.255.226",
            "198.19.255.192/26 198.19.255.224/27 198.19.255.194",
        ]
        "#);
    }

    #[test]
    fn is_stable() {
        assert_eq!(Subnet::of("shop_devcontainer"), Subnet::of("shop_devcontainer"));
        assert_ne!(Subnet::of("shop_devcontainer"), Subnet::of("shop2_devcontainer"));
    }
}
