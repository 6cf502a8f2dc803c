//! What an address is for (the registries of RFC 6890 for special-purpose addresses, kept by IANA),
//! and so whether a stranger may be led there.
//!
//! An IPv6 address that stands for an IPv4 address is judged as that one: a translator or a tunnel
//! leads there whoever sends to it.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The use of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Anybody on the Internet.
    Public,
    /// No address yet; many systems take it for their own.
    Unspecified,
    /// This machine.
    Loopback,
    /// A network of somebody's own (RFC 1918, RFC 4193).
    Private,
    /// Between a provider and its customers (RFC 6598).
    Shared,
    /// The machines on the same cable (RFC 3927, RFC 4291 section 2.5.6).
    LinkLocal,
    /// The place where clouds hand out their machines' secrets.
    Metadata,
    /// Many at a time.
    Multicast,
    /// Measuring devices (RFC 2544, RFC 5180).
    Benchmark,
    /// Examples in texts.
    Documentation,
    /// A translator of one's own (RFC 8215): where it leads is not to be seen.
    Translation,
    /// Set aside, or not given out.
    Reserved,
}

/// Returns what an address is for.
///
/// ```
/// use methodical_semantics::rule::address::{Class, class};
///
/// assert_eq!(class("1.1.1.1".parse().unwrap()), Class::Public);
/// assert_eq!(class("::ffff:127.0.0.1".parse().unwrap()), Class::Loopback);
/// assert_eq!(class("64:ff9b::10.0.0.1".parse().unwrap()), Class::Private);
/// assert_eq!(class("169.254.169.254".parse().unwrap()), Class::Metadata);
/// ```
pub fn class(address: IpAddr) -> Class {
    match address.to_canonical() {
        IpAddr::V4(address) => of_v4(address),
        IpAddr::V6(address) => of_v6(address),
    }
}

fn of_v4(address: Ipv4Addr) -> Class {
    let number = u32::from(address);
    let inside = |row: &&V4| number >> (32 - row.bits) == u32::from(row.first) >> (32 - row.bits);
    V4_SPECIAL.iter().find(inside).map_or(Class::Public, |row| row.class)
}

fn of_v6(address: Ipv6Addr) -> Class {
    let number = u128::from(address);
    let inside =
        |row: &&V6| number >> (128 - row.bits) == u128::from(row.first) >> (128 - row.bits);
    match V6_SPECIAL.iter().find(inside).map(|row| row.meaning) {
        Some(Meaning::Is(class)) => class,
        Some(Meaning::Leads(to)) => to(number),
        // RFC 4291 section 2.4: what IANA gives out of 2000::/3 is all that there is.
        None if number >> 125 == 1 => Class::Public,
        None => Class::Reserved,
    }
}

struct V4 {
    first: Ipv4Addr,
    bits: u32,
    class: Class,
}

struct V6 {
    first: Ipv6Addr,
    bits: u32,
    meaning: Meaning,
}

#[derive(Clone, Copy)]
enum Meaning {
    Is(Class),
    /// It stands for IPv4 addresses.
    Leads(fn(u128) -> Class),
}

const fn v4(first: [u8; 4], bits: u32, class: Class) -> V4 {
    let [a, b, c, d] = first;
    V4 { first: Ipv4Addr::new(a, b, c, d), bits, class }
}

/// The first four groups tell every row here apart but those of single addresses.
const fn v6(first: [u16; 4], bits: u32, class: Class) -> V6 {
    let [a, b, c, d] = first;
    V6 { first: Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), bits, meaning: Meaning::Is(class) }
}

const fn one(first: Ipv6Addr, class: Class) -> V6 {
    V6 { first, bits: 128, meaning: Meaning::Is(class) }
}

const fn leads(first: [u16; 4], bits: u32, to: fn(u128) -> Class) -> V6 {
    V6 { meaning: Meaning::Leads(to), ..v6(first, bits, Class::Reserved) }
}

/// The 32 bits that end so many bits before the end.
fn embedded(number: u128, behind: u32) -> Ipv4Addr {
    Ipv4Addr::from(u32::try_from(number >> behind & u128::from(u32::MAX)).unwrap_or_default())
}

/// RFC 6052 section 2.2: the address stands in the last bits of a prefix of 96.
fn last(number: u128) -> Class {
    of_v4(embedded(number, 0))
}

/// RFC 3056 section 2: the address stands behind `2002:`.
fn of_6to4(number: u128) -> Class {
    of_v4(embedded(number, 80))
}

/// RFC 4380 section 4: the address of a server, and that of the client with its bits turned round.
fn of_teredo(number: u128) -> Class {
    match (of_v4(embedded(number, 64)), of_v4(embedded(!number, 0))) {
        (Class::Public, client) => client,
        (server, _) => server,
    }
}

/// IANA's IPv4 special-purpose addresses that are not reachable for all, multicast, and the
/// addresses of clouds; the first row that fits counts.
const V4_SPECIAL: &[V4] = &[
    v4([169, 254, 169, 254], 32, Class::Metadata),
    v4([169, 254, 170, 2], 32, Class::Metadata),
    v4([169, 254, 170, 23], 32, Class::Metadata),
    v4([100, 100, 100, 200], 32, Class::Metadata),
    v4([192, 0, 0, 192], 32, Class::Metadata),
    v4([168, 63, 129, 16], 32, Class::Metadata),
    v4([0, 0, 0, 0], 32, Class::Unspecified),
    // RFC 791 section 3.2: "this network".
    v4([0, 0, 0, 0], 8, Class::Reserved),
    v4([10, 0, 0, 0], 8, Class::Private),
    v4([100, 64, 0, 0], 10, Class::Shared),
    v4([127, 0, 0, 0], 8, Class::Loopback),
    v4([169, 254, 0, 0], 16, Class::LinkLocal),
    v4([172, 16, 0, 0], 12, Class::Private),
    // RFC 7723, RFC 8155: the two anycast addresses of this block that all may reach lead to
    // whatever machine is near, which is no stranger's to choose.
    v4([192, 0, 0, 0], 24, Class::Reserved),
    v4([192, 0, 2, 0], 24, Class::Documentation),
    // RFC 7526: relays of 6to4, given up.
    v4([192, 88, 99, 0], 24, Class::Reserved),
    v4([192, 168, 0, 0], 16, Class::Private),
    v4([198, 18, 0, 0], 15, Class::Benchmark),
    v4([198, 51, 100, 0], 24, Class::Documentation),
    v4([203, 0, 113, 0], 24, Class::Documentation),
    v4([224, 0, 0, 0], 4, Class::Multicast),
    v4([240, 0, 0, 0], 4, Class::Reserved),
];

/// The same of IPv6, as far as it lies within `2000::/3` or is more than reserved.
const V6_SPECIAL: &[V6] = &[
    one(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254), Class::Metadata),
    one(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0023), Class::Metadata),
    one(Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254), Class::Metadata),
    one(Ipv6Addr::UNSPECIFIED, Class::Unspecified),
    one(Ipv6Addr::LOCALHOST, Class::Loopback),
    leads([0x0064, 0xff9b, 0, 0], 96, last),
    v6([0x0064, 0xff9b, 1, 0], 48, Class::Translation),
    leads([0x2001, 0, 0, 0], 32, of_teredo),
    // RFC 5180.
    v6([0x2001, 2, 0, 0], 48, Class::Benchmark),
    v6([0x2001, 0x0db8, 0, 0], 32, Class::Documentation),
    // RFC 2928: protocols, among them identifiers that are no places.
    v6([0x2001, 0, 0, 0], 23, Class::Reserved),
    leads([0x2002, 0, 0, 0], 16, of_6to4),
    // RFC 9637.
    v6([0x3fff, 0, 0, 0], 20, Class::Documentation),
    v6([0xfc00, 0, 0, 0], 7, Class::Private),
    v6([0xfe80, 0, 0, 0], 10, Class::LinkLocal),
    // RFC 3879: site-local, given up.
    v6([0xfec0, 0, 0, 0], 10, Class::Private),
    v6([0xff00, 0, 0, 0], 8, Class::Multicast),
];
