//! Pitfalls 2, 3 and 14 of the field: one host, many spellings.

use drawbridge_policy::{Host, HostError, Reason};

use crate::world::{https, personal};

/// What a spelling of a client leads to.
enum Leads {
    /// To the canonical host, with this verdict.
    To(&'static str, Reason),
    /// Nowhere.
    Refused(HostError),
}

use HostError as E;
use Leads::{Refused, To};
use Reason as R;

#[test]
fn forty_spellings_lead_to_one_verdict_or_none() {
    let policy = personal(
        r#"{"allow": ["mirror.example", "*.cdn.example", "bücher.example", "9.9.9.9", "[2606:4700::1111]"]}"#,
    );
    let table = [
        ("mirror.example", To("mirror.example", R::Allowed)),
        ("MIRROR.EXAMPLE", To("mirror.example", R::Allowed)),
        ("Mirror.Example.", To("mirror.example", R::Allowed)),
        ("mirror.example.", To("mirror.example", R::Allowed)),
        ("ｍirror.example", To("mirror.example", R::Allowed)),
        ("mirror.example..", Refused(E::EmptyLabel)),
        (".mirror.example", Refused(E::EmptyLabel)),
        ("mirror..example", Refused(E::EmptyLabel)),
        (" mirror.example", Refused(E::BadCharacter)),
        ("mirror.example\t", Refused(E::BadCharacter)),
        ("mirror.example\0", Refused(E::BadCharacter)),
        ("mirror%2eexample", Refused(E::BadCharacter)),
        ("mirror.example%00.evil.example", Refused(E::BadCharacter)),
        ("mirror。example", Refused(E::BadCharacter)),
        ("mirror．example", Refused(E::BadCharacter)),
        ("mirror\\.example", Refused(E::BadCharacter)),
        ("evil@mirror.example", Refused(E::BadCharacter)),
        ("mirror.example#.evil.example", Refused(E::BadCharacter)),
        ("mirror.example:443", Refused(E::BadCharacter)),
        ("*.cdn.example", Refused(E::BadCharacter)),
        ("notmirror.example", To("notmirror.example", R::HostNotAllowed)),
        ("mirror.example.evil", To("mirror.example.evil", R::HostNotAllowed)),
        ("a.cdn.example", To("a.cdn.example", R::Allowed)),
        ("A.B.C.CDN.example.", To("a.b.c.cdn.example", R::Allowed)),
        ("cdn.example", To("cdn.example", R::HostNotAllowed)),
        ("xcdn.example", To("xcdn.example", R::HostNotAllowed)),
        ("a.cdn.example.evil", To("a.cdn.example.evil", R::HostNotAllowed)),
        ("bücher.example", To("xn--bcher-kva.example", R::Allowed)),
        ("BÜCHER.example", To("xn--bcher-kva.example", R::Allowed)),
        ("xn--bcher-kva.example", To("xn--bcher-kva.example", R::Allowed)),
        ("XN--BCHER-KVA.EXAMPLE.", To("xn--bcher-kva.example", R::Allowed)),
        ("xn--bcher-kvб.example", Refused(E::Idna)),
        ("xn--a.example", Refused(E::Idna)),
        ("9.9.9.9", To("9.9.9.9", R::Allowed)),
        ("9.9.9.9.", To("9.9.9.9", R::Allowed)),
        ("0x09.011.9.9", To("9.9.9.9", R::Allowed)),
        ("151587081", To("9.9.9.9", R::Allowed)),
        ("9.9.2313", To("9.9.9.9", R::Allowed)),
        ("[::ffff:9.9.9.9]", To("9.9.9.9", R::Allowed)),
        ("::ffff:909:909", To("9.9.9.9", R::Allowed)),
        ("９.9.9.9", Refused(E::BadIpv4)),
        ("9.9.9.9.9", Refused(E::BadIpv4)),
        ("9.9.9.256", Refused(E::BadIpv4)),
        ("9.9.9.09", Refused(E::BadIpv4)),
        ("0x7f.1", To("127.0.0.1", R::IpLiteral)),
        ("2130706433", To("127.0.0.1", R::IpLiteral)),
        ("127.1", To("127.0.0.1", R::IpLiteral)),
        ("[::ffff:7f00:1]", To("127.0.0.1", R::IpLiteral)),
        ("[2606:4700:0:0::1111]", To("2606:4700::1111", R::Allowed)),
        ("[2606:4700::1111%eth0]", Refused(E::Zone)),
        ("[2606:4700::1111%25.cdn.example]", Refused(E::Zone)),
        ("[2606:4700::1111", Refused(E::BadIpv6)),
        ("[[2606:4700::1111]]", Refused(E::BadIpv6)),
        ("9.9.9.8", To("9.9.9.8", R::IpLiteral)),
        ("1.cdn.example.1", Refused(E::BadIpv4)),
        ("-a.cdn.example", Refused(E::Hyphen)),
        ("a_b.cdn.example", To("a_b.cdn.example", R::Allowed)),
        ("localhost", To("localhost", R::AddressRefused)),
        ("LocalHost.", To("localhost", R::AddressRefused)),
        ("x.localhost", To("x.localhost", R::AddressRefused)),
        ("metadata.google.internal.", To("metadata.google.internal", R::AddressRefused)),
        ("", Refused(E::Empty)),
        (".", Refused(E::Empty)),
    ];
    for (spelling, leads) in table {
        match (Host::parse(spelling), leads) {
            (Ok(host), To(canonical, reason)) => {
                assert_eq!(host.as_str(), canonical, "`{spelling}`");
                assert_eq!(https(&policy, spelling), reason, "`{spelling}`");
                assert_eq!(Host::parse(host.as_str()), Ok(host), "canonical form is stable");
            }
            (Err(error), Refused(wanted)) => assert_eq!(error, wanted, "`{spelling}`"),
            (got, _) => panic!("`{spelling}`: {got:?}"),
        }
    }
}

#[test]
fn names_are_bounded_like_in_dns() {
    let label = "a".repeat(63);
    assert!(Host::parse(&format!("{label}.example")).is_ok());
    assert_eq!(Host::parse(&format!("{label}a.example")), Err(E::TooLong));
    let long = format!("{label}.{label}.{label}.{label}");
    assert_eq!(Host::parse(&long), Err(E::TooLong));
    assert_eq!(Host::parse(&"ü".repeat(2000)), Err(E::TooLong));
}

#[test]
fn an_address_is_bracketed_only_in_front_of_a_port() {
    let host = Host::parse("[2001:DB8::1]").unwrap();
    assert_eq!(host.as_str(), "2001:db8::1");
    assert_eq!(host.with_port(443), "[2001:db8::1]:443");
    assert_eq!(Host::parse("a.example").unwrap().with_port(80), "a.example:80");
}
