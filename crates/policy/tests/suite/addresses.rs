//! Pitfall 1 of the field: what an allowed name may resolve to.

use std::net::IpAddr;

use drawbridge_policy::address::{AddressClass as C, class};

#[test]
fn every_special_address_has_its_class() {
    let table = [
        ("1.1.1.1", C::Public),
        ("100.63.255.255", C::Public),
        ("100.128.0.0", C::Public),
        ("172.15.0.1", C::Public),
        ("172.32.0.1", C::Public),
        ("223.255.255.255", C::Public),
        ("2606:4700::1111", C::Public),
        ("2a00:1450:4001::1", C::Public),
        ("10.0.0.1", C::Private),
        ("172.16.0.1", C::Private),
        ("172.31.255.255", C::Private),
        ("192.168.65.254", C::Private),
        ("fc00::1", C::Private),
        ("fdff::1", C::Private),
        ("100.64.0.1", C::Cgnat),
        ("198.18.0.1", C::Benchmark),
        ("198.19.255.255", C::Benchmark),
        ("2001:2::1", C::Benchmark),
        ("169.254.169.254", C::Metadata),
        ("169.254.170.2", C::Metadata),
        ("169.254.170.23", C::Metadata),
        ("100.100.100.200", C::Metadata),
        ("168.63.129.16", C::Metadata),
        ("192.0.0.192", C::Metadata),
        ("fd00:ec2::254", C::Metadata),
        ("fd00:ec2::23", C::Metadata),
        ("fd20:ce::254", C::Metadata),
        ("fd00:c1::a9fe:a9fe", C::Metadata),
        ("fd00:42::42", C::Metadata),
        ("fd00:a9fe:a9fe::1", C::Metadata),
        ("fd00:100::100:200", C::Metadata),
        ("::ffff:169.254.169.254", C::Metadata),
        ("64:ff9b::a9fe:a9fe", C::Metadata),
        ("::a9fe:a9fe", C::Metadata),
        ("2002:a9fe:a9fe::1", C::Metadata),
        ("2001:0:1:2:3:4:5601:5601", C::Metadata),
        ("127.0.0.1", C::Loopback),
        ("127.255.255.255", C::Loopback),
        ("::1", C::Loopback),
        ("::ffff:127.0.0.1", C::Loopback),
        ("64:ff9b::7f00:1", C::Loopback),
        ("2002:7f00:1::", C::Loopback),
        ("169.254.1.1", C::LinkLocal),
        ("fe80::1", C::LinkLocal),
        ("febf::1", C::LinkLocal),
        ("0.0.0.0", C::Unspecified),
        ("0.1.2.3", C::Unspecified),
        ("::", C::Unspecified),
        ("::ffff:0.0.0.0", C::Unspecified),
        ("224.0.0.251", C::Multicast),
        ("239.255.255.255", C::Multicast),
        ("ff02::fb", C::Multicast),
        ("255.255.255.255", C::Broadcast),
        ("192.0.2.1", C::Documentation),
        ("198.51.100.1", C::Documentation),
        ("203.0.113.1", C::Documentation),
        ("2001:db8::1", C::Documentation),
        ("3fff::1", C::Documentation),
        ("192.88.99.1", C::Transition),
        ("::8.8.8.8", C::Transition),
        ("::ffff:0:8.8.8.8", C::Transition),
        ("64:ff9b:1::8.8.8.8", C::Transition),
        ("2002:808:808::1", C::Transition),
        ("2001:0:1:2:3:4:f7f7:f7f7", C::Transition),
        ("2606:4700::5efe:808:808", C::Transition),
        ("2606:4700::200:5efe:808:808", C::Transition),
        ("64:ff9b::10.0.0.1", C::Private),
        ("::ffff:10.0.0.1", C::Private),
        ("2002:a00:1::", C::Transition),
        ("::ffff:8.8.8.8", C::Public),
        ("64:ff9b::8.8.8.8", C::Public),
        ("192.0.0.1", C::Reserved),
        ("240.0.0.1", C::Reserved),
        ("fec0::1", C::Reserved),
        ("100::1", C::Reserved),
        ("5f00::1", C::Reserved),
        ("2001:10::1", C::Reserved),
        ("2001:20::1", C::Reserved),
    ];
    for (text, wanted) in table {
        let ip: IpAddr = text.parse().unwrap();
        assert_eq!(class(ip), wanted, "{text}");
        let dialled = matches!(wanted, C::Public | C::Documentation);
        assert_eq!(wanted.may_dial(false), dialled, "{text}");
    }
}

#[test]
fn private_opens_private_and_nothing_worse() {
    let opened: Vec<&str> = [
        C::Public,
        C::Private,
        C::Cgnat,
        C::Benchmark,
        C::Metadata,
        C::Loopback,
        C::LinkLocal,
        C::Unspecified,
        C::Multicast,
        C::Broadcast,
        C::Documentation,
        C::Transition,
        C::Reserved,
    ]
    .into_iter()
    .filter(|class| class.may_dial(true))
    .map(C::code)
    .collect();
    assert_eq!(opened, ["public", "private", "cgnat", "benchmark", "documentation"]);
}
