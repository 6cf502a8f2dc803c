//! The number of connections that each address has.
//!
//! A limit per address keeps one client from taking all connections of the server. A household has
//! a whole network of IPv6 to take addresses from, so those of one network count as one. The map is
//! under a lock, but only accepting and closing take it.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

/// Connections by address.
#[derive(Debug, Default)]
pub struct Addresses(Mutex<HashMap<Address, usize>>);

/// An address of IPv4, or the network of IPv6 that one site has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address(IpAddr);

impl Address {
    /// Returns what an address is counted as.
    ///
    /// An IPv4 address within IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
    pub fn of(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V6(v6) => Self(Ipv6Addr::from_bits(v6.to_bits() & SITE).into()),
            v4 @ IpAddr::V4(_) => Self(v4),
        }
    }

    /// The address, or the network's first.
    pub fn ip(self) -> IpAddr {
        self.0
    }
}

impl Addresses {
    /// Counts one more connection, unless the address has so many already. Gives whether it did.
    pub fn add(&self, address: Address, most: usize) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        let fits = *count < most;
        if fits {
            *count += 1;
        }
        fits
    }

    /// Counts one connection less.
    ///
    /// An address without connections is forgotten, so the map is never larger than the number of
    /// connections.
    pub fn remove(&self, address: Address) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&address);
            }
        }
    }
}

/// RFC 6177: a site gets 64 bits at the least, of which it uses what it likes.
const SITE: u128 = !(u64::MAX as u128);

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::of(text.parse().unwrap())
    }

    #[test]
    fn rfc6177_2_a_site_is_counted_as_one() {
        assert_eq!(address("2001:db8:1:2::1"), address("2001:db8:1:2:ffff::2"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
    }

    #[test]
    fn an_address_has_so_many_connections_and_no_more() {
        let addresses = Addresses::default();
        let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
        assert!(addresses.add(one, 2) && addresses.add(one, 2) && !addresses.add(one, 2));
        assert!(addresses.add(other, 2));
        addresses.remove(one);
        assert!(addresses.add(one, 2) && !addresses.add(one, 2));
        for address in [one, one, other] {
            addresses.remove(address);
        }
        assert!(addresses.0.lock().unwrap().is_empty());
    }
}
