//! One connection, from its first octet: which protocol it speaks.
//!
//! Every step may end the connection without a word to the service: only what became HTTP has
//! requests, tickets and log lines. The long-lived future is the one of HTTP/1 that waits for a
//! request; everything that is rare or short is boxed beside it, since its size is what an idle
//! connection costs.

use std::{rc::Rc, sync::Arc};

use bytes::Bytes;
use tokio::time::timeout;

use crate::{
    admission::Admission,
    bind::ListenerKind,
    busy::Busy,
    http1::exchange::{Became, Connection},
    http2,
    peer::Peer,
    proxy_protocol,
    service::Service,
    socket::Socket,
    tls::accept::{Accepted, accept},
    worker::{Sites, Worker},
};

/// Serves a connection until it ends.
///
/// The permit is held to the end, and with it the connection's place among those that may be open.
pub(crate) async fn serve<A: Admission, M: Service, R: Service>(
    (worker, sites): (Rc<Worker<A>>, Sites<M, R>),
    (mut socket, kind): (Socket, ListenerKind),
    permit: A::Permit,
    busy: Arc<Busy>,
) {
    let admission = &*worker.admission;
    // Boxed, as it is over long before the connection is.
    let Some(told) = Box::pin(introduced(admission, &mut socket)).await else { return };
    let turns = &worker.turns;
    let socket = match (socket, kind) {
        // Boxed, as it is over long before the connection is.
        (Socket::Tcp(tcp), ListenerKind::Tls) => {
            match Box::pin(accept((admission, turns), tcp, &busy)).await {
                Accepted::Tls(socket) => socket,
                Accepted::Plain(tcp, bad) => {
                    let socket = Socket::Tcp(tcp);
                    let channel = socket.channel();
                    let connection = Connection::new(sites.main, (socket, channel), busy);
                    return Box::pin(connection.turn_away(bad)).await;
                }
                Accepted::Nothing => return,
            }
        }
        (socket, ListenerKind::Plain | ListenerKind::Tls | ListenerKind::Redirect) => socket,
    };
    let channel = socket.channel().speaks_for(told);
    let is_http2 = socket.is_http2();
    // Boxed, so that a connection that is served has no room for it.
    if kind == ListenerKind::Redirect {
        let mut connection = Connection::new(sites.redirect, (socket, channel), busy);
        let became = Box::pin(connection.serve()).await;
        return Box::pin(go_on(connection, became)).await;
    }
    let mut connection = Connection::new(sites.main, (socket, channel), busy);
    let became =
        if is_http2 { Some(Became::Http2(Bytes::new())) } else { connection.serve().await };
    Box::pin(go_on(connection, became)).await;
    drop(permit);
}

/// Goes on as what a connection has become.
async fn go_on<S: Service>(connection: Connection<S>, became: Option<Became<S>>) {
    match became {
        Some(Became::Http2(read)) => http2::serve(connection.hand_off(read)).await,
        Some(Became::Tunnel(tunnel, ticket)) => connection.carry(tunnel, ticket).await,
        None => {}
    }
}

/// Returns who is at the other end: where the PROXY protocol is spoken, the client for whom a
/// trusted proxy connected. Nothing if it does not say in time.
async fn introduced(admission: &impl Admission, socket: &mut Socket) -> Option<Peer> {
    let peer = socket.peer();
    if !admission.introduces(peer) {
        return Some(peer);
    }
    let longest = admission.limits().head;
    let told = timeout(longest, proxy_protocol::client(socket, peer)).await;
    told.ok()?.ok()
}
