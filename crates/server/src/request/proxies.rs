//! The proxies that are believed.

use std::{fmt, net::IpAddr, str::FromStr};

use methodical_semantics::network::{Network, NetworkSyntax};
use methodical_wire::peer::Peer;

/// A proxy that is believed: a network's addresses, or whoever reaches us by a Unix socket.
///
/// ```
/// use methodical_server::settings::Proxy;
/// assert!("10.0.0.0/8".parse::<Proxy>().is_ok() && "::1".parse::<Proxy>().is_ok());
/// assert!("unix".parse::<Proxy>().is_ok() && "10.0.0.0/33".parse::<Proxy>().is_err());
/// assert!("10.1.2.3/8".parse::<Proxy>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proxy {
    /// An address of this network.
    Network(Network),
    /// The other end of a Unix socket.
    Unix,
}

/// The reason for which a text is no proxy; displayed, it says what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAProxy(NetworkSyntax);

impl fmt::Display for NotAProxy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            NetworkSyntax::Form => out.write_str("an address, a network as 10.0.0.0/8, or unix"),
            inside @ NetworkSyntax::Inside(_) => inside.fmt(out),
        }
    }
}

impl std::error::Error for NotAProxy {}

impl FromStr for Proxy {
    type Err = NotAProxy;

    fn from_str(text: &str) -> Result<Self, NotAProxy> {
        if text == "unix" {
            return Ok(Self::Unix);
        }
        text.parse().map(Self::Network).map_err(NotAProxy)
    }
}

impl Proxy {
    /// Returns whether it is who is at this address, or at the other end of a Unix socket.
    pub(crate) fn is(&self, peer: Option<IpAddr>) -> bool {
        match (self, peer) {
            (Self::Network(network), Some(peer)) => network.contains(peer),
            (Self::Unix, None) => true,
            _ => false,
        }
    }
}

/// Returns whether the one at the other end is a proxy that is believed.
pub(crate) fn trusts(trusted: &[Proxy], caller: Peer) -> bool {
    trusted.iter().any(|proxy| proxy.is(caller.ip()))
}
