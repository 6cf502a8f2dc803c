//! The authority-form (RFC 9112 section 3.2.3, RFC 9110 section 9.3.6).

use methodical_semantics::authority::{Authority, AuthorityError as E, Host};

fn error(text: &str) -> E {
    Authority::parse(text).expect_err(text)
}

#[test]
fn rfc9112_3_2_3_a_host_and_a_port_are_an_authority() {
    for (text, shown) in [
        ("example.com:443", "example.com:443"),
        ("Example.COM.:1", "example.com.:1"),
        ("xn--bcher-kva.example:65535", "xn--bcher-kva.example:65535"),
        ("_dmarc.my_host.example:80", "_dmarc.my_host.example:80"),
        ("localhost:22", "localhost:22"),
        ("192.0.2.1:443", "192.0.2.1:443"),
        ("[2001:DB8:0::1]:443", "[2001:db8::1]:443"),
        ("[::ffff:127.0.0.1]:443", "[::ffff:127.0.0.1]:443"),
        ("1and1.example:443", "1and1.example:443"),
    ] {
        assert_eq!(Authority::parse(text).expect(text).to_string(), shown);
    }
}

#[test]
fn rfc9112_3_2_3_every_other_form_is_refused() {
    for text in ["/", "", "*", "http://h:80", "https://h:80/", "h:80/", "h:80?", "h:80#", "h :80"] {
        assert!(Authority::parse(text).is_err(), "{text}");
    }
    for text in ["h:80/x", "h\\x:80", "h:80 ", "\th:80", "h:8\x000"] {
        assert_eq!(error(text), E::Form, "{text:?}");
    }
}

#[test]
fn rfc9110_9_3_6_there_is_no_default_port() {
    for text in ["h", "h:", "[::1]", "[::1]:", "192.0.2.1"] {
        assert_eq!(error(text), E::PortMissing, "{text}");
    }
}

// Extra digits, signs and spaces are read in several ways.
#[test]
fn rfc9110_9_3_6_a_port_is_a_number_in_one_form() {
    for port in ["0", "00", "0443", "65536", "99999", "443443", "4294967739", "abc", "+443", "-1"] {
        assert_eq!(error(&format!("h:{port}")), E::Port, "{port}");
    }
    for port in ["44 3", "443,80", "0x1bb", "443;80", "4e2"] {
        assert!(Authority::parse(&format!("h:{port}")).is_err(), "{port}");
    }
    assert_eq!(error("[::1]443"), E::Form);
}

#[test]
fn rfc9110_4_2_4_a_user_is_refused() {
    for text in ["user@h:443", "user:pass@h:443", "@h:443", "h:443@other:443", "[::1]@h:443"] {
        assert_eq!(error(text), E::Userinfo, "{text}");
    }
}

#[test]
fn rfc1035_2_3_4_a_name_is_one_of_dns() {
    let long = "a".repeat(64);
    for name in ["", ".", "..", ".h", "h..h", "-h", "h-", "h%41", "h,i", "(h)", &long] {
        assert!(Authority::parse(&format!("{name}:443")).is_err(), "{name}");
    }
    let deep = "a.".repeat(127);
    assert_eq!(error(&format!("{deep}a:443")), E::Name);
    assert!(Authority::parse(&format!("{}a:443", "a.".repeat(126))).is_ok());
}

#[test]
fn rfc5890_2_3_2_a_name_is_in_its_ascii_form() {
    for text in ["b\u{fc}cher.example:443", "example\u{3002}com:443", "\u{ff11}27.0.0.1:443"] {
        assert_eq!(error(text), E::NotAscii, "{text}");
    }
    assert_eq!(error("h:\u{0664}\u{0664}\u{0663}"), E::NotAscii);
}

// Every one of these is 127.0.0.1 to a resolver that follows inet_aton.
#[test]
fn rfc6943_3_1_1_an_ipv4_address_in_an_odd_form_is_refused() {
    for host in [
        "0x7f.1",
        "0x7f.0.0.1",
        "0X7F000001",
        "2130706433",
        "127.1",
        "127.0.1",
        "0177.0.0.1",
        "127.0.0.01",
        "127.0.0.1.",
        "127.0.0.0x1",
        "127.0.0.256",
        "1.2.3.4.5",
        "example.1",
        "0x",
        "h.0x1f",
    ] {
        assert_eq!(error(&format!("{host}:443")), E::Ipv4, "{host}");
    }
    let Host::Address(address) = Authority::parse("127.0.0.1:443").unwrap().host else { panic!() };
    assert!(address.is_loopback());
}

#[test]
fn rfc3986_3_2_2_an_ipv6_address_stands_in_brackets() {
    for text in ["::1:443", "2001:db8::1:443", "[::1", "[]:443", "[h]:443", "[127.0.0.1]:443"] {
        assert_eq!(error(text), E::Ipv6, "{text}");
    }
    assert_eq!(error("[v1.x]:443"), E::Ipv6);
    assert!(Authority::parse("[::1]]:443").is_err());
}

#[test]
fn rfc6874_1_a_zone_means_nothing_elsewhere() {
    for text in ["[fe80::1%eth0]:443", "[fe80::1%25eth0]:443", "[::1%lo]:443"] {
        assert_eq!(error(text), E::Zone, "{text}");
    }
}

#[test]
fn every_refusal_says_what_to_do() {
    for text in ["/", "u@h:1", "h", "h:0", "-:1", "\u{e9}:1", "::1", "[::1%a]:1", "127.1:1"] {
        let detail = error(text).detail();
        assert!(detail.ends_with('.') && detail.len() > 20, "{detail}");
    }
}
