//! The letting in of connections, before anything is said on them.
//!
//! Counting, per-address limits and trust in proxies are the server's business; this crate asks
//! here before it spends anything on a connection, and once more for what a handshake is made with.

use std::{fmt::Debug, net::IpAddr, rc::Rc, sync::Arc};

use rustls::ServerConfig;

use crate::{limits::Limits, message::Answer, peer::Peer};

/// The door of one thread: it lets connections in, on one thread, whatever service they come to.
pub trait Admission: Debug + 'static {
    /// One of the connections that may be open; given back when dropped. It goes with its
    /// connection to another thread.
    type Permit: Debug + Send + 'static;

    /// Lets one more connection from an address in, or from a Unix socket, if it may.
    ///
    /// Returns nothing when the server, or this address, has as many connections as it may: the
    /// client is turned away then, with [`Self::overloaded`] where that needs no handshake.
    fn admit(&self, from: Option<IpAddr>) -> Option<Self::Permit>;

    /// Notes that this thread serves one more connection.
    fn accepted(&self);

    /// Returns the answer to a connection that is not let in.
    fn overloaded(&self) -> Answer;

    /// Returns the limits as they are now.
    fn limits(&self) -> Rc<Limits>;

    /// Returns whether a peer begins its connections with the PROXY protocol, and is believed.
    ///
    /// Only such a peer is waited for to send a header. From anybody else the same octets are a
    /// malformed request: a client cannot give itself another address.
    fn introduces(&self, peer: Peer) -> bool;

    /// Returns what handshakes are made with, where TLS is spoken.
    fn tls(&self) -> Option<Arc<ServerConfig>>;

    /// Notes that the time for what still runs is over: it is broken off.
    fn over(&self);
}
