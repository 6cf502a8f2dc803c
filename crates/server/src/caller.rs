//! Who is at the other end of a connection, as far as the transport tells.

use std::net::{IpAddr, SocketAddr};

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Its address; none for a Unix socket.
    pub(crate) peer: Option<SocketAddr>,
    /// Nobody between can read or change what is said: TLS, or a Unix socket.
    pub(crate) secure: bool,
}

impl Caller {
    /// The address, an IPv4 address within IPv6 as what it is; none for a Unix socket.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.peer.map(|peer| peer.ip().to_canonical())
    }

    /// Whether the caller is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.address().is_none_or(|address| address.is_loopback())
    }
}
