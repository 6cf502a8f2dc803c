//! Who is at the other end of a connection, as far as the transport tells.

use std::net::SocketAddr;

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Its address; none for a Unix socket.
    pub(crate) peer: Option<SocketAddr>,
    /// Nobody between can read or change what is said: TLS, or a Unix socket.
    pub(crate) secure: bool,
}

impl Caller {
    /// Whether the caller is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.peer.is_none_or(|peer| peer.ip().to_canonical().is_loopback())
    }
}
