//! Pitfall 4 of the field: what stands in a CONNECT line.

use drawbridge_policy::{Authority, AuthorityError as E, HostError as H};

#[test]
fn connect_has_one_strict_grammar() {
    let good = [
        ("a.example:443", "a.example:443"),
        ("A.EXAMPLE.:8443", "a.example:8443"),
        ("9.9.9.9:1", "9.9.9.9:1"),
        ("127.1:80", "127.0.0.1:80"),
        ("[2001:db8::1]:65535", "[2001:db8::1]:65535"),
        ("[::ffff:9.9.9.9]:443", "9.9.9.9:443"),
    ];
    for (text, canonical) in good {
        assert_eq!(Authority::parse(text).unwrap().to_string(), canonical, "{text}");
    }
    let bad = [
        ("", E::MissingPort),
        ("a.example", E::MissingPort),
        ("[::1]", E::MissingPort),
        ("a.example:", E::BadPort),
        ("a.example:0", E::BadPort),
        ("a.example:00443", E::BadPort),
        ("a.example:0443", E::BadPort),
        ("a.example:65536", E::BadPort),
        ("a.example:99999999999999999999", E::BadPort),
        ("a.example:+443", E::BadPort),
        ("a.example:-1", E::BadPort),
        ("a.example:443/", E::BadPort),
        ("a.example:https", E::BadPort),
        ("a.example:443:80", E::Colons),
        ("::1:443", E::Colons),
        ("user@a.example:443", E::Userinfo),
        ("user:pass@a.example:443", E::Userinfo),
        ("a.example:443@evil.example", E::Userinfo),
        ("a.example :443", E::NotAscii),
        ("a.example:443 ", E::NotAscii),
        ("a.example\r\n:443", E::NotAscii),
        ("b\u{fc}cher.example:443", E::NotAscii),
        ("a.example:４４３", E::NotAscii),
        ("a.example#:443", E::Host(H::BadCharacter)),
        ("https://a.example:443", E::Colons),
        ("a.example/x:443", E::Host(H::BadCharacter)),
        ("a%2eexample:443", E::Host(H::BadCharacter)),
        (":443", E::Host(H::Empty)),
        (".:443", E::Host(H::Empty)),
        ("[::1]443", E::AfterBracket),
        ("[::1].a.example:443", E::AfterBracket),
        ("[[::1]]:443", E::AfterBracket),
        ("[::1%25eth0]:443", E::Host(H::Zone)),
        ("[::1:443", E::Host(H::BadIpv6)),
        ("[]:443", E::Host(H::BadIpv6)),
        ("[v1.x]:443", E::Host(H::BadIpv6)),
        ("[a.example]:443", E::Host(H::BadIpv6)),
        ("a]:443", E::Host(H::BadIpv6)),
    ];
    for (text, error) in bad {
        assert_eq!(Authority::parse(text), Err(error), "`{text}`");
    }
}

#[test]
fn a_host_header_may_leave_the_port_out() {
    assert_eq!(Authority::parse_or("a.example", 80).unwrap().to_string(), "a.example:80");
    assert_eq!(Authority::parse_or("[2001:db8::1]", 443).unwrap().to_string(), "[2001:db8::1]:443");
    assert_eq!(Authority::parse_or("a.example:8080", 80).unwrap().port, 8080);
    assert_eq!(Authority::parse_or("a.example:", 80), Err(E::BadPort));
    assert_eq!(Authority::parse_or("", 80), Err(E::Host(H::Empty)));
}
