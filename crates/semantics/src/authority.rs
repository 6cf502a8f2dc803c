//! Where a tunnel shall lead: the authority-form of a request target (RFC 9112 section 3.2.3).
//!
//! ```abnf
//! authority-form = uri-host ":" port
//! ```
//!
//! Read more narrowly than the grammar of URIs: what two readers could take for two places is no
//! authority here. There is one way to write a port and one to write an IPv4 address, and a name is
//! in the letters of DNS.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::fmt;

/// A host and a port, both named.
///
/// ```
/// use methodical_semantics::authority::Authority;
///
/// let to = Authority::parse("WWW.example.com:443").unwrap();
/// assert_eq!(to.to_string(), "www.example.com:443");
/// assert!(Authority::parse("example.com").is_err());
/// assert!(Authority::parse("0x7f.1:443").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The host.
    pub host: Host,
    /// The port, never 0.
    pub port: u16,
}

/// A host as an authority names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A name of DNS, in lower case, as it was written otherwise.
    Name(String),
    /// An address.
    Address(IpAddr),
}

/// Why text is no authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorityError {
    /// It has another form than `host:port`.
    Form,
    /// It names a user (RFC 9110 section 4.2.4).
    Userinfo,
    /// It names no port: there is no default one (RFC 9110 section 9.3.6).
    PortMissing,
    /// The port is no number from 1 to 65535, or is written with more digits than it needs.
    Port,
    /// The host is no name of DNS.
    Name,
    /// The host has letters beyond ASCII.
    NotAscii,
    /// An IPv6 address stands without its brackets, or is none.
    Ipv6,
    /// An IPv6 address names a zone, which means something on one machine only.
    Zone,
    /// An IPv4 address is not four decimal numbers.
    Ipv4,
}

impl Authority {
    /// Reads `host:port`.
    ///
    /// # Errors
    /// Whatever else the text is.
    pub fn parse(text: &str) -> Result<Self, AuthorityError> {
        if !text.is_ascii() {
            return Err(AuthorityError::NotAscii);
        }
        if text.contains('@') {
            return Err(AuthorityError::Userinfo);
        }
        if text.contains(['/', '?', '#', '\\']) || !text.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(AuthorityError::Form);
        }
        let (host, rest) = if let Some(literal) = text.strip_prefix('[') {
            let (literal, rest) = literal.split_once(']').ok_or(AuthorityError::Ipv6)?;
            (Host::Address(ipv6(literal)?.into()), rest)
        } else {
            let (host, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
            if rest.get(1..).is_some_and(|more| more.contains(':')) {
                return Err(AuthorityError::Ipv6);
            }
            (Host::parse(host)?, rest)
        };
        Ok(Self { host, port: port(rest)? })
    }
}

impl Host {
    /// Reads a name, or an IPv4 address.
    ///
    /// # Errors
    /// `Name`, `NotAscii`, `Ipv4`.
    pub fn parse(text: &str) -> Result<Self, AuthorityError> {
        if !text.is_ascii() {
            return Err(AuthorityError::NotAscii);
        }
        // A resolver may take each of 127.1, 0x7f.0.0.1, 0177.0.0.1 and 2130706433 for an address:
        // what ends in a number is one, and is written in the one form that all read alike.
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.rsplit('.').next().is_some_and(is_number) {
            let address = text.parse::<Ipv4Addr>().map_err(|_| AuthorityError::Ipv4)?;
            return Ok(Self::Address(address.into()));
        }
        let fits = name.len() <= NAME_BYTES_MAX && name.split('.').all(is_label);
        if fits { Ok(Self::Name(text.to_ascii_lowercase())) } else { Err(AuthorityError::Name) }
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

impl AuthorityError {
    /// One sentence for the client.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Form => {
                "Name the host and the port of the tunnel, as host:443, and nothing else."
            }
            Self::Userinfo => "A tunnel's target has no user in it: send host:port alone.",
            Self::PortMissing => "Name the port of the tunnel, as host:443: there is no default.",
            Self::Port => "The port must be a number from 1 to 65535, without leading zeros.",
            Self::Name => "The host must be a name of DNS: letters, digits, hyphens and dots.",
            Self::NotAscii => "Write the host's name in its ASCII form, which begins with xn--.",
            Self::Ipv6 => "Write an IPv6 address in brackets, as [2001:db8::1]:443.",
            Self::Zone => "An address with a zone means nothing on another machine.",
            Self::Ipv4 => "Write an IPv4 address as four decimal numbers, as 192.0.2.1.",
        }
    }
}

fn ipv6(literal: &str) -> Result<Ipv6Addr, AuthorityError> {
    if literal.contains('%') {
        return Err(AuthorityError::Zone);
    }
    literal.parse().map_err(|_| AuthorityError::Ipv6)
}

/// Returns what stands behind the host.
fn port(rest: &str) -> Result<u16, AuthorityError> {
    let digits = match rest.strip_prefix(':') {
        None if rest.is_empty() => return Err(AuthorityError::PortMissing),
        None => return Err(AuthorityError::Form),
        Some("") => return Err(AuthorityError::PortMissing),
        Some(digits) => digits,
    };
    // So neither zero nor what a reader with fewer bits would take for another port.
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    let number = plain.then(|| digits.parse().ok()).flatten();
    number.ok_or(AuthorityError::Port)
}

/// Returns whether a label is a number in any of the ways in which resolvers read one.
fn is_number(label: &str) -> bool {
    let hex = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    let decimal = !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit());
    decimal || hex.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Returns whether this may stand between the dots of a name. Hosts in the wild have underscores,
/// too.
fn is_label(label: &str) -> bool {
    let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let hyphens = label.starts_with('-') || label.ends_with('-');
    (1..=LABEL_BYTES_MAX).contains(&label.len()) && letters && !hyphens
}

/// Characters of a name (RFC 1035 section 2.3.4: 255 octets with a length before each label).
const NAME_BYTES_MAX: usize = 253;

/// Characters of a label (RFC 1035 section 2.3.4).
const LABEL_BYTES_MAX: usize = 63;
