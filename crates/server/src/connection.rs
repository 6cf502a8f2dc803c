//! One connection, from its first octet: which protocol it speaks.

use std::{rc::Rc, sync::Arc};

use bytes::Bytes;
use tokio::time::timeout;

use crate::{
    busy::Busy,
    caller::Caller,
    config::Bind,
    forwarded,
    http1::exchange::{Became, Connection},
    http2,
    live::Place,
    proxy_protocol,
    service::Service,
    socket::Socket,
    tls::accept::{Accepted, accept},
    worker::{Sites, Worker},
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
pub(crate) async fn serve<S: Service>(
    (worker, sites): (Rc<Worker>, Sites<S>),
    (mut socket, door): (Socket, Door),
    place: Place,
    busy: Arc<Busy>,
) {
    // Boxed, as it is over long before the connection is.
    let Some(told) = Box::pin(introduced(&worker, &mut socket)).await else { return };
    let socket = match (socket, door) {
        // Boxed, as it is over long before the connection is.
        (Socket::Tcp(tcp), Door::Tls) => match Box::pin(accept(&worker, tcp, &busy)).await {
            Accepted::Tls(socket) => socket,
            Accepted::Plain(tcp, bad) => {
                let socket = Socket::Tcp(tcp);
                let peer = socket.peer();
                let connection = Connection::new(sites.main, (socket, peer), busy);
                return Box::pin(connection.turn_away(bad)).await;
            }
            Accepted::Nothing => return,
        },
        (socket, Door::Plain | Door::Tls | Door::Redirect) => socket,
    };
    let peer = socket.peer().speaks_for(told);
    let is_http2 = socket.is_http2();
    // Boxed, so that a connection that is served has no room for it.
    if door == Door::Redirect {
        let mut connection = Connection::new(sites.redirect, (socket, peer), busy);
        let became = Box::pin(connection.serve()).await;
        return Box::pin(go_on(connection, became)).await;
    }
    let mut connection = Connection::new(sites.main, (socket, peer), busy);
    let became =
        if is_http2 { Some(Became::Http2(Bytes::new())) } else { connection.serve().await };
    Box::pin(go_on(connection, became)).await;
    drop(place);
}

/// Goes on as what a connection has become.
async fn go_on<S: Service>(connection: Connection<S>, became: Option<Became<S>>) {
    match became {
        Some(Became::Http2(read)) => http2::serve(connection.hand_off(read)).await,
        Some(Became::Tunnel(tunnel, ticket)) => connection.carry(tunnel, ticket).await,
        None => {}
    }
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
