//! Requests that proxies pass on: who made them, as far as proxies that are trusted say so.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use http::{HeaderMap, HeaderValue, header};
use methodical_methods::admission::policy::Policy;
use methodical_semantics::{
    header::{
        forwarded::{Hop, NAME, OLDER, hops, older},
        list::{elements, joined},
    },
    target::is_encoded,
};
use methodical_wire::{message::Lines, peer::Peer};

use crate::{
    reloadable::Reloadable,
    request::proxies::{Proxy, trusts},
};

/// Returns whether one passed a request on who may speak for connections that we do not see (RFC
/// 9110 section 7.4): a proxy that is trusted, or a program on this machine by a Unix socket, which
/// has no scheme.
pub(crate) fn is_by_gateway((peer, live): (Peer, &Reloadable)) -> bool {
    peer.address.is_none() || trusts(&live.settings.trusted_proxies, peer)
}

/// The operator's choices for a request: a proxy that is trusted may have taken a part off the
/// target, which stands before all paths that clients see.
pub(crate) fn policy(peer: (Peer, &Reloadable), fields: &HeaderMap) -> Arc<Policy> {
    let policy = &peer.1.policy;
    let told = fields.contains_key(PREFIX).then(|| prefix(fields)).flatten();
    let told = told.filter(|_| trusts(&peer.1.settings.trusted_proxies, peer.0));
    // What is no path is as good as not told: it never gets into an answer.
    match told.map(|told| policy.mount.behind(&told)) {
        Some(Ok(mount)) => Arc::new(Policy { mount, ..Policy::clone(policy) }),
        Some(Err(_)) | None => Arc::clone(policy),
    }
}

/// Returns what proxies took off the target, the first of them first.
fn prefix(fields: &HeaderMap) -> Option<String> {
    let told = joined(fields, PREFIX).filter(|told| told.len() <= PREFIX_BYTES_MAX)?;
    let mut prefix = String::new();
    for part in elements(&told) {
        // Neither another server nor what a browser takes for one.
        if !part.starts_with('/') || part.starts_with("//") || !is_encoded(part) {
            return None;
        }
        prefix.push_str(part);
    }
    Some(prefix).filter(|prefix| !prefix.is_empty())
}

/// The prefix that a proxy says it took off the target. No specification has it; Traefik and others
/// send it.
const PREFIX: &str = "x-forwarded-prefix";

/// Octets of it: it is written before every path of an answer.
const PREFIX_BYTES_MAX: usize = 1024;

/// Returns who made a request: the one at the other end, or the one for whom a trusted proxy there
/// speaks. The Host that the client sent takes the place of the one that the proxy did.
pub(crate) fn origin(caller: Peer, fields: &mut HeaderMap, trusted: &[Proxy]) -> Peer {
    let (origin, host) = seen(caller, |name| joined(fields, name), trusted);
    if let Some(Ok(host)) = host.map(|host| HeaderValue::from_str(&host)) {
        fields.insert(header::HOST, host);
    }
    origin
}

/// Returns who made a request, from the lines of its head, whatever its Host is.
pub(crate) fn of_lines<'h>(caller: Peer, all: impl Lines<'h>, trusted: &[Proxy]) -> Peer {
    let lines = |name: &'static str| {
        let lines = all.each().filter(|line| line.0.eq_ignore_ascii_case(name));
        let lines: Vec<_> = lines.map(|line| String::from_utf8_lossy(line.1)).collect();
        (!lines.is_empty()).then(|| lines.join(", ").into())
    };
    seen(caller, lines, trusted).0
}

/// The same from fields in whatever form.
fn seen<'f>(
    caller: Peer,
    field: impl Fn(&'static str) -> Option<Cow<'f, str>>,
    trusted: &[Proxy],
) -> (Peer, Option<String>) {
    let is_trusted = trusts(trusted, caller);
    // Whatever the fields of anybody else say, the caller is who it is.
    if !is_trusted && !caller.is_local() {
        return (caller, None);
    }
    let told = if let Some(told) = field(NAME) {
        hops(&told)
    } else {
        let [addresses, scheme, host] = OLDER.map(&field);
        if addresses.is_none() && scheme.is_none() && host.is_none() {
            return (caller, None);
        }
        older(addresses.as_deref().unwrap_or_default(), scheme.as_deref(), host.as_deref())
    };
    if !is_trusted {
        // Nobody vouches for what is said. That somebody passed the request on is likely, though:
        // then whoever made it is not on this machine.
        return (Peer { address: Some(UNKNOWN), ..caller }, None);
    }
    let mut last = Hop::default();
    for hop in told.into_iter().rev() {
        let goes_on = |from| trusted.iter().any(|proxy| proxy.is(Some(from)));
        let goes_on = hop.from.is_some_and(goes_on);
        last = hop;
        if !goes_on {
            break;
        }
    }
    let peer = last.from.map_or(UNKNOWN, |from| SocketAddr::new(from, 0));
    let secure = last.secure.unwrap_or(caller.secure);
    (Peer { address: Some(peer), secure }, last.host)
}

/// The address of one whose address nobody told: none that is on this machine.
const UNKNOWN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn caller(peer: &str) -> Peer {
        Peer { address: Some(SocketAddr::new(peer.parse().unwrap(), 9)), secure: false }
    }

    #[track_caller]
    fn of(peer: &str, told: &[(&'static str, &str)]) -> (String, bool, String) {
        let mut fields = HeaderMap::new();
        fields.insert(header::HOST, HeaderValue::from_static("inner"));
        for (name, value) in told {
            fields.append(*name, HeaderValue::from_str(value).unwrap());
        }
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let origin = origin(caller(peer), &mut fields, &trusted);
        let host = fields[header::HOST].to_str().unwrap().to_owned();
        (origin.address.unwrap().ip().to_string(), origin.secure, host)
    }

    fn is(address: &str, secure: bool, host: &str) -> (String, bool, String) {
        (address.to_owned(), secure, host.to_owned())
    }

    #[test]
    fn rfc7239_8_1_only_a_trusted_proxy_is_believed() {
        let told = [("forwarded", "for=192.0.2.1;proto=https;host=outer")];
        assert_eq!(of(PROXY, &told), is("192.0.2.1", true, "outer"));
        assert_eq!(of("203.0.113.1", &told), is("203.0.113.1", false, "inner"));
    }

    #[test]
    fn rfc7239_8_1_what_the_client_itself_wrote_is_not_believed() {
        let told = [("forwarded", "for=127.0.0.1;proto=https;host=evil, for=192.0.2.1")];
        assert_eq!(of(PROXY, &told), is("192.0.2.1", false, "inner"));
        let told = [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(of(PROXY, &told), is("192.0.2.1", false, "inner"));
    }

    #[test]
    fn rfc7239_5_2_a_chain_of_trusted_proxies_is_followed() {
        let told = [("forwarded", "for=192.0.2.1;proto=https, for=10.9.9.9;proto=http")];
        assert_eq!(of(PROXY, &told), is("192.0.2.1", true, "inner"));
    }

    #[test]
    fn rfc7239_6_a_hidden_client_is_nobody_on_this_machine() {
        for told in ["for=unknown", "for=_hidden", "for=", "proto=https;proto=http", "=", ""] {
            assert_eq!(of(PROXY, &[("forwarded", told)]).0, "0.0.0.0", "{told:?}");
        }
    }

    #[test]
    fn a_proxy_that_tells_no_address_is_believed_in_the_rest() {
        let told = [("x-forwarded-proto", "https"), ("x-forwarded-host", "outer")];
        assert_eq!(of(PROXY, &told), is("0.0.0.0", true, "outer"));
        assert_eq!(of(PROXY, &told[1..]), is("0.0.0.0", false, "outer"));
        assert_eq!(of("203.0.113.1", &told), is("203.0.113.1", false, "inner"));
        assert_eq!(of("127.0.0.1", &told).0, "0.0.0.0");
    }

    #[test]
    fn rfc7239_8_1_who_passes_on_unasked_is_not_taken_for_the_client() {
        // A proxy on this machine that nobody told us of: its clients are elsewhere.
        assert_eq!(of("127.0.0.1", &[("x-forwarded-for", "192.0.2.1")]).0, "0.0.0.0");
        assert_eq!(of("127.0.0.1", &[]).0, "127.0.0.1");
    }
}
