//! Addresses that others can type: `0.0.0.0` and `[::]` mean all of this machine, and are none.
//!
//! Who shares a folder in the house needs an address to read out. A server that is bound to all
//! addresses is told by each that an interface which is up has; what cannot be found out is left
//! out, and nothing fails for it.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;

/// The same URLs, those of all addresses being replaced by one for each address of this machine.
pub(crate) fn urls(of: &[String]) -> Vec<String> {
    of.iter().flat_map(|url| expanded(url, &own())).collect()
}

/// A URL with each address that its host means, this machine's own name for itself first.
fn expanded(url: &str, own: &BTreeSet<IpAddr>) -> Vec<String> {
    let (unspecified, loopback) = if url.contains("://0.0.0.0") {
        ("0.0.0.0", IpAddr::from(Ipv4Addr::LOCALHOST))
    } else if url.contains("://[::]") {
        ("[::]", IpAddr::from(Ipv6Addr::LOCALHOST))
    } else {
        return vec![url.to_owned()];
    };
    let others = own.iter().filter(|ip| ip.is_ipv4() == loopback.is_ipv4());
    let hosts = std::iter::once(&loopback).chain(others);
    hosts.map(|ip| url.replacen(unspecified, &host(ip), 1)).collect()
}

/// An address as it stands in a URL: IPv6 in brackets (RFC 3986 section 3.2.2).
fn host(ip: &IpAddr) -> String {
    if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() }
}

/// The addresses of the interfaces that are up. Those of one link alone need its name, which no
/// browser takes, and are left out.
fn own() -> BTreeSet<IpAddr> {
    let Ok(interfaces) = getifaddrs() else { return BTreeSet::new() };
    let up = interfaces.filter(|one| one.flags.contains(InterfaceFlags::IFF_UP));
    let addresses = up.filter_map(|one| {
        let address = one.address?;
        let v4 = address.as_sockaddr_in().map(|found| IpAddr::from(found.ip()));
        v4.or_else(|| address.as_sockaddr_in6().map(|found| IpAddr::from(found.ip())))
    });
    let is_for_others = |ip: &IpAddr| match ip {
        IpAddr::V4(v4) => !v4.is_loopback() && !v4.is_link_local(),
        IpAddr::V6(v6) => !v6.is_loopback() && !v6.is_unicast_link_local(),
    };
    addresses.filter(is_for_others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_means_all_is_told_as_those_that_it_means() {
        let own: BTreeSet<IpAddr> =
            ["192.0.2.7", "2001:db8::7", "198.51.100.1"].map(|ip| ip.parse().unwrap()).into();
        assert_eq!(
            expanded("http://0.0.0.0:8000/", &own),
            ["http://127.0.0.1:8000/", "http://192.0.2.7:8000/", "http://198.51.100.1:8000/"]
        );
        assert_eq!(
            expanded("https://[::]:443/files/", &own),
            ["https://[::1]:443/files/", "https://[2001:db8::7]:443/files/"]
        );
        for one in ["http://127.0.0.1:8000/", "unix:/run/0.0.0.0", "http://[2001:db8::]:1/"] {
            assert_eq!(expanded(one, &own), [one]);
        }
    }
}
