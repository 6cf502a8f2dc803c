//! Host (RFC 9110 section 7.2), and the authority that it names (RFC 3986 section 3.2.2).
//!
//! ```abnf
//! Host     = uri-host [ ":" port ]
//! uri-host = IP-literal / IPv4address / reg-name
//! reg-name = *( unreserved / pct-encoded / sub-delims )
//! port     = *DIGIT
//! ```

use core::net::Ipv6Addr;
use std::fmt;

use http::HeaderMap;

use crate::header::list::single;
use crate::header::malformed::Malformed;

/// The field's name.
pub const NAME: &str = "Host";

/// Characters a registered name may have (RFC 3986 section 3.2.2).
pub const NAME_BYTES_MAX: usize = 255;

/// A host and the port, if one is named: nothing that could be read as more than that.
///
/// ```
/// use methodical_semantics::header::host::Host;
///
/// let host = Host::parse("Example.ORG:8080").unwrap();
/// assert_eq!((host.name(), host.port()), ("example.org", Some(8080)));
/// assert_eq!(Host::parse("[::1]:80").unwrap().to_string(), "[::1]:80");
/// assert!(Host::parse("a b").is_err() && Host::parse("user@host").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    name: String,
    port: Option<u16>,
}

impl Host {
    /// Reads a host with an optional port.
    ///
    /// # Errors
    /// When it is not in the grammar; when the name is empty, which means no `http` resource
    /// (RFC 9110 section 4.2.1); when the port is more than 65535; when the address is of a version
    /// that is not known.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        in_grammar(text)
            .ok_or(Malformed::new(NAME, "a host name or address, with or without a port"))
    }

    /// Returns whether text is a host with an optional port; it costs less than [`Host::parse`].
    ///
    /// ```
    /// use methodical_semantics::header::host::Host;
    ///
    /// assert!(Host::is_valid("example.org:8080") && !Host::is_valid("example.org:99999"));
    /// ```
    pub fn is_valid(text: &str) -> bool {
        split(text).is_some()
    }

    /// Reads the field; `None` when it is absent, which only HTTP/1.0 and HTTP/2 allow.
    ///
    /// # Errors
    /// When there are several, equal or not (RFC 9112 section 3.2), and as [`Host::parse`].
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use methodical_semantics::header::host::Host;
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.append("host", HeaderValue::from_static("a"));
    /// assert!(Host::from_headers(&headers).unwrap().is_some());
    /// headers.append("host", HeaderValue::from_static("a"));
    /// assert!(Host::from_headers(&headers).is_err());
    /// ```
    pub fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, Malformed> {
        single(headers, NAME)?.map(|text| Self::parse(&text)).transpose()
    }

    /// The name or address in small letters, an IPv6 address in its brackets.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port; `None` is that of the scheme.
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// A host as it is written.
enum Name<'t> {
    Literal(Ipv6Addr),
    Registered(&'t str),
}

fn in_grammar(text: &str) -> Option<Host> {
    let (name, port) = split(text)?;
    let name = match name {
        Name::Literal(address) => format!("[{address}]"),
        Name::Registered(name) => name.to_ascii_lowercase(),
    };
    Some(Host { name, port })
}

fn split(text: &str) -> Option<(Name<'_>, Option<u16>)> {
    let (name, rest) = if let Some(literal) = text.strip_prefix('[') {
        let (address, rest) = literal.split_once(']')?;
        // Checks the grammar, and refuses zones and versions to come.
        (Name::Literal(address.parse().ok()?), rest)
    } else {
        let end = text.find(':').unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end)?;
        (is_reg_name(name).then_some(Name::Registered(name))?, rest)
    };
    // A colon with nothing after it names no port, as no colon does.
    if rest.is_empty() || rest == ":" {
        return Some((name, None));
    }
    let digits = rest.strip_prefix(':')?;
    let only_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    let port: u16 = only_digits.then(|| digits.parse().ok())??;
    Some((name, Some(port)))
}

fn is_reg_name(text: &str) -> bool {
    let encoded =
        |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|digit| digit.is_ascii_hexdigit());
    let mut after_percent = text.split('%');
    let plain = |rest: &str| rest.bytes().all(is_name_character);
    (1..=NAME_BYTES_MAX).contains(&text.len())
        && after_percent.next().is_some_and(plain)
        && after_percent.all(|rest| encoded(rest) && plain(rest))
}

/// unreserved / sub-delims
fn is_name_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte)
}
