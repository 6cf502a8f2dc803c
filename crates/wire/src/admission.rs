//! How connections are let in, before anything is said on them.

use std::{fmt::Debug, net::IpAddr, rc::Rc, sync::Arc};

use rustls::ServerConfig;

use crate::{limits::Limits, message::Answer, peer::Peer};

/// What lets connections in, on one thread, whatever service they come to.
pub trait Admission: Debug + 'static {
    /// One of the connections that may be open; given back when dropped. It goes with its
    /// connection to another thread.
    type Permit: Debug + Send + 'static;

    /// Lets one more connection from an address in, or from a Unix socket, if it may.
    fn admit(&self, from: Option<IpAddr>) -> Option<Self::Permit>;

    /// Notes that this thread serves one more connection.
    fn accepted(&self);

    /// Returns the answer to a connection that is not let in.
    fn overloaded(&self) -> Answer;

    /// Returns the limits as they are now.
    fn limits(&self) -> Rc<Limits>;

    /// Whether a peer begins its connections with the PROXY protocol, and is believed.
    fn introduces(&self, peer: Peer) -> bool;

    /// Returns what handshakes are made with, where TLS is spoken.
    fn tls(&self) -> Option<Arc<ServerConfig>>;

    /// Notes that the time for what still runs is over: it is broken off.
    fn over(&self);
}
