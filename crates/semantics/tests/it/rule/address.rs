//! IANA's registries of special-purpose addresses (RFC 6890 section 2.2), row by row.

use methodical_semantics::rule::address::{Class, class};

#[track_caller]
fn all(expected: Class, addresses: &[&str]) {
    for address in addresses {
        assert_eq!(class(address.parse().expect(address)), expected, "{address}");
    }
}

#[test]
fn rfc6890_2_2_2_ipv4_rows_hold_from_first_to_last_address() {
    all(Class::Unspecified, &["0.0.0.0"]);
    all(Class::Reserved, &["0.0.0.1", "0.255.255.255"]);
    all(Class::Private, &["10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255"]);
    all(Class::Private, &["192.168.0.0", "192.168.255.255"]);
    all(Class::Shared, &["100.64.0.0", "100.127.255.255"]);
    all(Class::Loopback, &["127.0.0.0", "127.0.0.1", "127.1.2.3", "127.255.255.255"]);
    all(Class::LinkLocal, &["169.254.0.0", "169.254.169.253", "169.254.255.255"]);
    all(Class::Reserved, &["192.0.0.0", "192.0.0.8", "192.0.0.9", "192.0.0.170", "192.0.0.255"]);
    all(Class::Documentation, &["192.0.2.0", "192.0.2.255", "198.51.100.0", "198.51.100.255"]);
    all(Class::Documentation, &["203.0.113.0", "203.0.113.255"]);
    all(Class::Reserved, &["192.88.99.0", "192.88.99.255", "240.0.0.0", "255.255.255.255"]);
    all(Class::Benchmark, &["198.18.0.0", "198.19.255.255"]);
    all(Class::Multicast, &["224.0.0.0", "239.255.255.255"]);
}

#[test]
fn rfc6890_2_2_2_the_neighbours_of_ipv4_rows_are_public() {
    let below =
        ["1.0.0.0", "9.255.255.255", "100.63.255.255", "126.255.255.255", "169.253.255.255"];
    all(Class::Public, &below);
    let above = ["11.0.0.0", "100.128.0.0", "128.0.0.0", "169.255.0.0", "172.15.255.255"];
    all(Class::Public, &above);
    let more = ["172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.88.98.255"];
    all(Class::Public, &more);
    let most = ["192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255"];
    all(Class::Public, &most);
    all(Class::Public, &["198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255"]);
    // AS112 and AMT: marked as reachable for all.
    all(Class::Public, &["192.31.196.1", "192.52.193.1", "192.175.48.1"]);
}

#[test]
fn rfc6890_2_2_3_ipv6_rows_hold() {
    all(Class::Unspecified, &["::"]);
    all(Class::Loopback, &["::1"]);
    all(Class::Benchmark, &["2001:2::", "2001:2:0:ffff::1"]);
    all(Class::Documentation, &["2001:db8::1", "2001:db8:ffff::1", "3fff::", "3fff:fff::1"]);
    all(Class::Private, &["fc00::", "fd00::1", "fdff:ffff::1", "fec0::1"]);
    all(Class::LinkLocal, &["fe80::1", "febf::1"]);
    all(Class::Multicast, &["ff00::", "ff02::1", "ffff::1"]);
    // Protocols (2001::/23), ORCHID, discard-only, SRv6, and what nobody was given.
    all(Class::Reserved, &["2001:1::1", "2001:10::1", "2001:20::1", "2001:1ff::1"]);
    all(Class::Reserved, &["100::1", "100:0:0:1::1", "5f00::1", "::2", "4000::1", "200::1"]);
    all(Class::Public, &["2001:200::1", "2606:4700::1111", "2a00::1", "2620:4f:8000::1"]);
    all(Class::Public, &["2003::1", "3ffe:ffff::1", "3fff:1000::1", "2001:db7::1", "2001:db9::1"]);
}

#[test]
fn rfc4291_2_5_5_ipv4_in_ipv6_is_that_ipv4() {
    all(Class::Loopback, &["::ffff:127.0.0.1", "::ffff:7f00:1"]);
    all(Class::Metadata, &["::ffff:169.254.169.254"]);
    all(Class::Public, &["::ffff:1.1.1.1"]);
    // IPv4-compatible addresses are given up, those of SIIT stay inside of a network.
    all(Class::Reserved, &["::127.0.0.1", "::1.1.1.1", "::ffff:0:127.0.0.1", "::ffff:0:1.1.1.1"]);
}

#[test]
fn rfc6052_2_1_nat64_leads_to_the_ipv4_address_at_its_end() {
    all(Class::Loopback, &["64:ff9b::127.0.0.1"]);
    all(Class::Private, &["64:ff9b::10.0.0.1", "64:ff9b::c0a8:1"]);
    all(Class::Metadata, &["64:ff9b::169.254.169.254"]);
    all(Class::Public, &["64:ff9b::1.1.1.1"]);
    all(Class::Reserved, &["64:ff9b:0:0:0:1::1"]);
    // RFC 8215: how the prefix is cut is not to be seen.
    all(Class::Translation, &["64:ff9b:1::1.1.1.1", "64:ff9b:1:ffff::1"]);
    all(Class::Reserved, &["64:ff9b:2::1"]);
}

#[test]
fn rfc3056_2_6to4_leads_to_the_ipv4_address_behind_its_prefix() {
    all(Class::Loopback, &["2002:7f00:1::", "2002:7f00:1::1"]);
    all(Class::Private, &["2002:a00:1::1", "2002:c0a8:101::1"]);
    all(Class::Metadata, &["2002:a9fe:a9fe::1"]);
    all(Class::Public, &["2002:101:101::1"]);
}

#[test]
fn rfc4380_4_teredo_leads_to_its_server_and_its_client() {
    // Server 1.1.1.1; clients 127.0.0.1, 10.0.0.1 and 8.8.8.8, their bits turned round.
    all(Class::Loopback, &["2001:0:101:101:0:0:80ff:fffe"]);
    all(Class::Private, &["2001:0:101:101:0:0:f5ff:fffe"]);
    all(Class::Public, &["2001:0:101:101:0:0:f7f7:f7f7"]);
    all(Class::Loopback, &["2001:0:7f00:1:0:0:f7f7:f7f7"]);
}

#[test]
fn addresses_at_which_clouds_hand_out_secrets_are_known() {
    all(Class::Metadata, &["169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192"]);
    all(Class::Metadata, &["168.63.129.16", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"]);
}
