//! Which IP addresses may be dialled.
//!
//! A name that the policy allows may still resolve to the engine's host, to a neighbour or to the
//! cloud's metadata service: its owner decides what its DNS answers (DNS rebinding). So the sidecar
//! resolves once, asks [`class`] about each answer, and dials only addresses that passed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Host;

/// What an address is for. Only [`AddressClass::Public`] is dialled without a `private` rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressClass {
    /// Global unicast.
    Public,
    /// RFC 1918 and IPv6 unique local.
    Private,
    /// 100.64.0.0/10, between a provider and its customers; overlay networks use it too.
    Cgnat,
    /// 198.18.0.0/15 and `2001:2::/48`: benchmarks, and the internal networks of Drawbridge.
    Benchmark,
    /// A cloud's instance metadata service: credentials of the machine. Never dialled.
    Metadata,
    /// The sidecar itself.
    Loopback,
    /// 169.254.0.0/16, `fe80::/10`.
    LinkLocal,
    /// 0.0.0.0/8, `::`.
    Unspecified,
    /// 224.0.0.0/4, `ff00::/8`.
    Multicast,
    /// 255.255.255.255.
    Broadcast,
    /// Addresses for examples (RFC 5737, RFC 3849). Closed networks use them in the place of public ones,
    /// and nothing of a developer's own lives there, so they count as public.
    Documentation,
    /// An IPv6 transition form whose IPv4 part somebody else's relay would interpret.
    Transition,
    /// Everything else that IANA has not given out for global unicast.
    Reserved,
}

impl AddressClass {
    /// Whether an address of this class is dialled; `private` says that a rule of a trusted layer
    /// asks for private addresses.
    #[must_use]
    pub fn may_dial(self, private: bool) -> bool {
        match self {
            Self::Public | Self::Documentation => true,
            Self::Private | Self::Cgnat | Self::Benchmark => private,
            _ => false,
        }
    }

    /// The kebab-case code, as logs print it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Cgnat => "cgnat",
            Self::Benchmark => "benchmark",
            Self::Metadata => "metadata",
            Self::Loopback => "loopback",
            Self::LinkLocal => "link-local",
            Self::Unspecified => "unspecified",
            Self::Multicast => "multicast",
            Self::Broadcast => "broadcast",
            Self::Documentation => "documentation",
            Self::Transition => "transition",
            Self::Reserved => "reserved",
        }
    }
}

/// The class of `ip`. An IPv6 form that embeds an IPv4 address has the class of what it embeds.
#[must_use]
pub fn class(ip: IpAddr) -> AddressClass {
    match ip {
        IpAddr::V4(v4) => class_v4(v4),
        IpAddr::V6(v6) => class_v6(v6),
    }
}

/// Names that clouds give to their metadata service. No layer can allow them.
#[must_use]
pub fn is_metadata_name(host: &Host) -> bool {
    const NAMES: [&str; 8] = [
        "metadata",
        "metadata.google.internal",
        "metadata.goog",
        "instance-data",
        "instance-data.ec2.internal",
        "metadata.azure.internal",
        "metadata.tencentyun.com",
        "metadata.platformequinix.com",
    ];
    NAMES.contains(&host.as_str())
}

/// Names that mean the sidecar's own loopback (RFC 6761).
#[must_use]
pub fn is_loopback_name(host: &Host) -> bool {
    host.as_str() == "localhost" || host.as_str().ends_with(".localhost")
}

/// Names by which engines call the developer's machine, so a rule needs `private`.
#[must_use]
pub fn is_engine_host_name(host: &Host) -> bool {
    const NAMES: [&str; 4] =
        ["host.docker.internal", "gateway.docker.internal", "host.containers.internal", "host.lima.internal"];
    NAMES.contains(&host.as_str())
}

fn class_v4(ip: Ipv4Addr) -> AddressClass {
    use AddressClass as Class;
    // AWS, GCP, Azure, OpenStack; ECS tasks; EKS pods; Tencent; Alibaba; Azure's wire server; Oracle.
    const METADATA: [Ipv4Addr; 8] = [
        Ipv4Addr::new(169, 254, 169, 254),
        Ipv4Addr::new(169, 254, 169, 253),
        Ipv4Addr::new(169, 254, 170, 2),
        Ipv4Addr::new(169, 254, 170, 23),
        Ipv4Addr::new(169, 254, 0, 23),
        Ipv4Addr::new(100, 100, 100, 200),
        Ipv4Addr::new(168, 63, 129, 16),
        Ipv4Addr::new(192, 0, 0, 192),
    ];
    if METADATA.contains(&ip) {
        return Class::Metadata;
    }
    match ip.octets() {
        [0, ..] => Class::Unspecified,
        [127, ..] => Class::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Class::Private,
        [100, 64..=127, ..] => Class::Cgnat,
        [169, 254, ..] => Class::LinkLocal,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Class::Documentation,
        // 6to4 relay anycast, withdrawn by RFC 7526.
        [192, 88, 99, _] => Class::Transition,
        [198, 18..=19, ..] => Class::Benchmark,
        [224..=239, ..] => Class::Multicast,
        [255, 255, 255, 255] => Class::Broadcast,
        [192, 0, 0, _] | [240..=255, ..] => Class::Reserved,
        _ => Class::Public,
    }
}

fn class_v6(ip: Ipv6Addr) -> AddressClass {
    use AddressClass as Class;
    if is_metadata_v6(ip) {
        return Class::Metadata;
    }
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Class::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Class::Loopback,
        // IPv4-mapped, and NAT64 as IPv6-only networks use it for every IPv4 destination.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => class_v4(v4(high, low)),
        // IPv4-compatible, IPv4-translated, local-use NAT64, 6to4, Teredo (inverted), ISATAP.
        [0, 0, 0, 0, 0 | 0xffff, 0, high, low]
        | [0x64, 0xff9b, 1, _, _, _, high, low]
        | [0x2002, high, low, ..]
        | [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => embedded(v4(high, low)),
        [0x2001, 0, _, _, _, _, high, low] => embedded(v4(!high, !low)),
        [0xff00..=0xffff, ..] => Class::Multicast,
        [0xfe80..=0xfebf, ..] => Class::LinkLocal,
        [0xfc00..=0xfdff, ..] => Class::Private,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Class::Documentation,
        [0x2001, 2, 0, ..] => Class::Benchmark,
        // IETF protocol assignments (2001::/23): ORCHID, anycast services, nothing to browse.
        [0x2001, 0..=0x1ff, ..] => Class::Reserved,
        // Only 2000::/3 is global unicast.
        [0x2000..=0x3fff, ..] => Class::Public,
        _ => Class::Reserved,
    }
}

/// Never public: it depends on a relay what the embedded address means.
fn embedded(ip: Ipv4Addr) -> AddressClass {
    match class_v4(ip) {
        AddressClass::Public => AddressClass::Transition,
        class if class.may_dial(true) => AddressClass::Transition,
        class => class,
    }
}

fn v4(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

/// AWS (`fd00:ec2::/32`), GCP, and the addresses that Oracle, Scaleway, `OpenStack` and others document.
fn is_metadata_v6(ip: Ipv6Addr) -> bool {
    const EXACT: [Ipv6Addr; 6] = [
        Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
        Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe),
        Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42),
        Ipv6Addr::new(0xfd00, 0xa9fe, 0xa9fe, 0, 0, 0, 0, 1),
        Ipv6Addr::new(0xfd00, 0x100, 0, 0, 0, 0, 0x100, 0x200),
        Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0xa9fe, 0xa9fe),
    ];
    matches!(ip.segments(), [0xfd00, 0xec2, ..]) || EXACT.contains(&ip)
}
