//! One connection, from its first octet: which protocol it speaks.

use std::{
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use tokio::time::timeout;

use crate::{
    caller::Caller, config::Bind, forwarded, http1, http2, live::Place, proxy_protocol,
    socket::Socket, tls::accept::accept, worker::Worker,
};

/// Which listener a connection came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// HTTP from the first octet on.
    Plain,
    /// TLS, and HTTP within.
    Tls,
    /// HTTP that is led on to TLS.
    Redirect,
}

impl Door {
    /// What a person types into a client to come here.
    pub(crate) fn url(self, bind: &Bind) -> String {
        match self {
            Self::Plain | Self::Redirect => bind.url(),
            Self::Tls => bind.secure_url(),
        }
    }
}

/// Serves a connection until it ends.
pub(crate) async fn serve(
    worker: Rc<Worker>,
    (socket, door): (Socket, Door),
    place: Place,
    busy: Arc<Busy>,
) {
    let mut socket = socket;
    // Boxed, as it is over long before the connection is.
    let Some(told) = Box::pin(introduced(&worker, &mut socket)).await else { return };
    let socket = match (socket, door) {
        (Socket::Tcp(tcp), Door::Tls) => {
            // Boxed, as it is over long before the connection is.
            let Some(socket) = Box::pin(accept(&worker, tcp, &busy)).await else { return };
            socket
        }
        (socket, _) => socket,
    };
    let is_http2 = socket.is_http2();
    let connection = http1::exchange::Connection::new(worker, socket, busy).of(told);
    let connection = if door == Door::Redirect { connection.that_redirects() } else { connection };
    let h2 =
        if is_http2 { Some(connection.hand_off(Bytes::new())) } else { connection.serve().await };
    if let Some(h2) = h2 {
        // Boxed, so that a connection of HTTP/1 has no room for it.
        Box::pin(http2::serve(h2)).await;
    }
    drop(place);
}

/// Who is at the other end: where the PROXY protocol is spoken, the client for whom a trusted proxy
/// connected. Nothing if it does not say in time.
async fn introduced(worker: &Worker, socket: &mut Socket) -> Option<Caller> {
    let (live, caller) = (worker.shared.live(), socket.caller());
    if !live.proxy_protocol || !forwarded::trusts(&live.proxies, caller) {
        return Some(caller);
    }
    let told = timeout(live.limits.head, proxy_protocol::client(socket, caller)).await;
    told.ok()?.ok()
}

/// Whether a connection has a request under way: one that has none may be ended at any moment.
#[derive(Debug, Default)]
pub(crate) struct Busy(AtomicBool);

impl Busy {
    /// Whether a request is under way.
    pub(crate) fn is(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Says whether a request is under way.
    pub(crate) fn set(&self, busy: bool) {
        self.0.store(busy, Ordering::Relaxed);
    }
}
