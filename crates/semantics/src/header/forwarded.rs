//! Forwarded (RFC 7239): what proxies saw of a client, and the three fields that are older.
//!
//! ```abnf
//! Forwarded         = 1#forwarded-element
//! forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )
//! forwarded-pair    = token "=" ( token / quoted-string )
//! node              = nodename [ ":" node-port ]
//! ```
//!
//! Anybody can send these fields: only what a proxy that is trusted added says anything.

use core::net::IpAddr;
use std::borrow::Cow;

use super::{
    host::Host,
    list::{elements, is_token, split_unquoted, trim, unquote},
};

/// The field's name.
pub const NAME: &str = "Forwarded";

/// The names of the older fields: the addresses, the scheme, the host.
pub const OLDER: [&str; 3] = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"];

/// The request as one proxy saw it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hop {
    /// The address from which the request came to the proxy; nothing where it is not told.
    pub from: Option<IpAddr>,
    /// Says whether it came by `https`, where that is told.
    pub secure: Option<bool>,
    /// The Host that it had then, where that is told.
    pub host: Option<String>,
}

/// Returns what the proxies saw, from the one next to the client to the last. What is malformed is
/// a proxy that told nothing.
///
/// ```
/// use methodical_semantics::header::forwarded::hops;
/// let hops = hops(r#"for=192.0.2.43, for="[2001:db8::1]:47";proto=https;host=a.example"#);
/// assert_eq!(hops[0].from, Some("192.0.2.43".parse().unwrap()));
/// assert_eq!(hops[1].from, Some("2001:db8::1".parse().unwrap()));
/// assert_eq!((hops[1].secure, hops[1].host.as_deref()), (Some(true), Some("a.example")));
/// ```
pub fn hops(value: &str) -> Vec<Hop> {
    elements(value).map(|element| hop(element).unwrap_or_default()).collect()
}

/// The same from the older fields, of which the last values of scheme and host belong to the last
/// address. Where no address is told, one proxy told the rest.
///
/// ```
/// use methodical_semantics::header::forwarded::older;
/// let hops = older("192.0.2.43, 10.0.0.1:80", Some("https"), None);
/// assert_eq!(hops[1].from, Some("10.0.0.1".parse().unwrap()));
/// assert_eq!(hops[0].secure, Some(true));
/// assert_eq!(older("", Some("https"), None)[0].secure, Some(true));
/// ```
pub fn older(addresses: &str, scheme: Option<&str>, host: Option<&str>) -> Vec<Hop> {
    let secure = scheme.and_then(|all| elements(all).last()).and_then(is_secure);
    let host = host.and_then(|all| elements(all).last()).filter(|host| Host::is_valid(host));
    let hop = |from| Hop { from, secure, host: host.map(str::to_owned) };
    let told: Vec<Hop> = elements(addresses).map(|address| hop(node(address))).collect();
    if told.is_empty() { vec![hop(None)] } else { told }
}

fn hop(element: &str) -> Option<Hop> {
    let mut hop = Hop::default();
    let mut seen = Vec::new();
    for pair in split_unquoted(element, b';').map(trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let name = name.to_ascii_lowercase();
        let value = match unquote(value) {
            Some(said) => Cow::Owned(said),
            None if is_token(value) => Cow::Borrowed(value),
            None => return None,
        };
        if seen.contains(&name) {
            return None;
        }
        match name.as_str() {
            "for" => hop.from = node(&value),
            "proto" => hop.secure = is_secure(&value),
            "host" => hop.host = Host::is_valid(&value).then(|| value.into_owned()),
            _ => {}
        }
        seen.push(name);
    }
    Some(hop)
}

/// The address of a node, its port left out; nothing for `unknown` and for names of its own.
fn node(text: &str) -> Option<IpAddr> {
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        // One colon separates a port, several are an IPv6 address that was not put in brackets.
        None if text.matches(':').count() == 1 => text.split_once(':')?.0,
        None => text,
    };
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

fn is_secure(scheme: &str) -> Option<bool> {
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Some(true),
        "http" => Some(false),
        _ => None,
    }
}
