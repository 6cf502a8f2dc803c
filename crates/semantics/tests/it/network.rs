//! Networks (RFC 4632 section 3.1).

use methodical_semantics::network::Network;

fn contains(network: &str, address: &str) -> bool {
    network.parse::<Network>().expect(network).contains(address.parse().unwrap())
}

fn wrong(network: &str) -> String {
    network.parse::<Network>().unwrap_err().to_string()
}

#[test]
fn rfc4632_3_1_an_address_in_a_network_is_told_the_network() {
    assert_eq!(wrong("10.1.2.3/16"), "10.1.0.0/16, the network that this address is in");
    assert_eq!(wrong("2001:db8::1/32"), "2001:db8::/32, the network that this address is in");
}

#[test]
fn rfc4632_3_1_a_network_holds_what_begins_with_its_bits() {
    assert!(contains("10.0.0.0/8", "10.255.0.1") && !contains("10.0.0.0/8", "11.0.0.0"));
    assert!(contains("0.0.0.0/0", "255.255.255.255") && contains("::/0", "ffff::1"));
    assert!(contains("192.0.2.7", "192.0.2.7") && !contains("192.0.2.7", "192.0.2.6"));
    assert!(contains("2001:db8::/33", "2001:db8:7fff::1"));
    assert!(!contains("2001:db8::/33", "2001:db8:8000::1"));
    assert!(contains("fd00::1/128", "fd00::1"));
}

#[test]
fn rfc4291_2_5_5_2_a_mapped_address_is_an_ipv4_address() {
    assert!(contains("127.0.0.0/8", "::ffff:127.0.0.1"));
    assert!(!contains("::/0", "::ffff:127.0.0.1") && !contains("::/0", "127.0.0.1"));
    assert_eq!(wrong("::ffff:127.0.0.0/104"), "127.0.0.0/8, the network that this address is in");
    assert_eq!(wrong("::ffff:127.0.0.1"), "127.0.0.1/32, the network that this address is in");
    assert!(wrong("::ffff:127.0.0.1/90").starts_with("an address, or a network"));
}

#[test]
fn rfc4632_3_1_what_is_no_network_is_refused() {
    for text in ["", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "::1/129", "a/8", "10/8"] {
        assert!(text.parse::<Network>().is_err(), "{text}");
    }
    for text in ["10.0.0.0/+8", "10.0.0.0/8/8", "[::]/0", "10.0.0.0/-1", "10.0.0.0/256"] {
        assert!(text.parse::<Network>().is_err(), "{text}");
    }
}
