//! What proxies tell of clients: Forwarded and the older fields, and the PROXY protocol, which
//! comes before the first octet of HTTP.
#![no_main]

#[path = "../../crates/wire/src/peer.rs"]
#[allow(dead_code, reason = "the server uses more of it")]
mod peer;
#[path = "../../crates/wire/src/proxy_protocol.rs"]
mod proxy_protocol;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use libfuzzer_sys::fuzz_target;
use methodical_semantics::header::{forwarded, host::Host, origin::Origin};

use peer::Peer;

fuzz_target!(|data: &[u8]| {
    connection(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (addresses, rest) = text.split_once('\n').unwrap_or((text, ""));
    let (scheme, host) = rest.split_once('\n').unwrap_or((rest, ""));
    let hops = forwarded::hops(text);
    let older = forwarded::older(addresses, Some(scheme), Some(host));
    for hop in hops.iter().chain(&older) {
        assert!(hop.host.as_deref().is_none_or(Host::is_valid));
        // Rules are written for an address as what it is.
        assert!(hop.from.is_none_or(|from| from == from.to_canonical()));
    }
    if let Ok(origin) = Origin::parse(text) {
        assert_eq!(Origin::parse(&origin.to_string()), Ok(origin));
    }
});

/// Nothing behind the header is taken, and what is no header is refused.
fn connection(data: &[u8]) {
    let proxy = Peer { address: Some(([10, 0, 0, 1], 7).into()), secure: false };
    let mut rest = data;
    let polled = {
        let reading = pin!(proxy_protocol::client(&mut rest, proxy));
        reading.poll(&mut Context::from_waker(Waker::noop()))
    };
    // Memory is always ready.
    let Poll::Ready(read) = polled else { panic!("waits") };
    let taken = data.len() - rest.len();
    assert!(taken <= HEADER_BYTES_MAX, "{taken} octets");
    if read.is_ok() {
        assert!(data.starts_with(b"PROXY ") || data.starts_with(b"\r\n\r\n\0\r\nQUIT\n"));
        assert!(data[0] != b'P' || data[..taken].ends_with(b"\r\n"));
    }
}

/// The fixed part of version 2, and what the server takes behind it.
const HEADER_BYTES_MAX: usize = 16 + 4096;
