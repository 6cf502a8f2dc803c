//! The other end of a connection, as far as the transport tells.
//!
//! Rules that trust this machine (a write without login, an unsecured Basic login) ask here, so a
//! proxy that is believed must replace this value before they do.

use std::net::{IpAddr, SocketAddr};

/// The other end of a connection, or whoever it speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Its address; none for a Unix socket.
    pub address: Option<SocketAddr>,
    /// Nobody between can read or change what is said: TLS, or a Unix socket.
    pub secure: bool,
}

impl Peer {
    /// The address, an IPv4 address within IPv6 as what it is; none for a Unix socket.
    #[inline]
    pub fn ip(&self) -> Option<IpAddr> {
        self.address.map(|address| address.ip().to_canonical())
    }

    /// Returns whether it is on this machine.
    ///
    /// An address of the loopback network, or a Unix socket.
    #[inline]
    pub fn is_local(&self) -> bool {
        self.ip().is_none_or(|ip| ip.is_loopback())
    }
}
