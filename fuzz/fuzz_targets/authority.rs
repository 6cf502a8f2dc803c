//! Where a tunnel shall lead: what is read of a target is read in one way, and no address that is
//! permitted is one of this machine or of a network of somebody's own, in whatever form it stands.
#![no_main]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use libfuzzer_sys::fuzz_target;
use methodical_semantics::authority::{Authority, Host};
use methodical_semantics::rule::tunnelling::{Asker, HostPattern, Reach, Rules, Subject};

fuzz_target!(|data: &[u8]| {
    if let Some(octets) = data.first_chunk::<16>() {
        may_be_dialled(Ipv6Addr::from(*octets).into());
    }
    if let Some(octets) = data.first_chunk::<4>() {
        may_be_dialled(Ipv4Addr::from(*octets).into());
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    // Refused or read, both are fine; to go on is what counts.
    std::hint::black_box((HostPattern::parse(text).is_ok(), Subject::parse(text).is_ok()));
    let Ok(to) = Authority::parse(text) else { return };
    assert_eq!(Authority::parse(&to.to_string()).as_ref(), Ok(&to));
    let asker = Asker { name: None, groups: &[], privileged: true };
    assert_eq!(Rules::web().judge(&asker, &to).is_ok(), to.port == 443);
    match to.host {
        Host::Address(address) => may_be_dialled(address),
        Host::Name(name) => is_no_address(&name),
    }
});

/// What a resolver could take for an address without asking anybody ends in a number.
fn is_no_address(name: &str) {
    let last = name.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    assert!(!last.bytes().all(|byte| byte.is_ascii_digit()), "{name}");
    let hex = last.strip_prefix("0x").unwrap_or("-");
    assert!(!hex.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
}

fn may_be_dialled(address: IpAddr) {
    let Ok(dialled) = Reach::PUBLIC.permits(address) else { return };
    match dialled {
        IpAddr::V4(address) => is_public(address),
        IpAddr::V6(address) => {
            assert!(!address.is_loopback() && !address.is_unspecified() && !address.is_multicast());
            assert!(!address.is_unique_local() && !address.is_unicast_link_local());
            assert_eq!(address.to_ipv4_mapped(), None);
            standing_for(address).into_iter().for_each(is_public);
        }
    }
}

/// The IPv4 address in one of NAT64 (RFC 6052) or 6to4 (RFC 3056).
fn standing_for(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, .., w, x, y, z] = address.octets();
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => Some(Ipv4Addr::new(w, x, y, z)),
        [0x2002, ..] => {
            assert_eq!([a, b], [0x20, 0x02]);
            Some(Ipv4Addr::new(c, d, e, f))
        }
        _ => None,
    }
}

fn is_public(address: Ipv4Addr) {
    assert!(!address.is_loopback() && !address.is_private() && !address.is_link_local());
    assert!(!address.is_unspecified() && !address.is_multicast() && !address.is_broadcast());
    assert!(!address.is_documentation());
}
