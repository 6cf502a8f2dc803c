//! One connection, from its first octet: which protocol it speaks.

use std::rc::Rc;

use crate::{http1, http2, live::Place, socket::Socket, worker::Worker};

/// Serves a connection until it ends.
pub(crate) async fn serve(worker: Rc<Worker>, socket: Socket, place: Place, busy: Rc<Busy>) {
    let connection = http1::exchange::Connection::new(worker, socket, busy);
    if let Some(h2) = connection.serve().await {
        // Boxed, so that a connection of HTTP/1 has no room for it.
        Box::pin(http2::serve(h2)).await;
    }
    drop(place);
}

/// Whether a connection has a request under way: one that has none may be ended at any moment.
#[derive(Debug, Default)]
pub(crate) struct Busy(std::cell::Cell<bool>);

impl Busy {
    /// Whether a request is under way.
    pub(crate) fn is(&self) -> bool {
        self.0.get()
    }

    /// Says whether a request is under way.
    pub(crate) fn set(&self, busy: bool) {
        self.0.set(busy);
    }
}
