//! The handshake (RFC 8446 section 4), and what is said to those who do not begin one.
//!
//! A handshake is the dearest thing that a stranger can ask for: it has a time limit of its own,
//! its computing takes turns on the thread, and whoever speaks HTTP to the port gets one sentence
//! instead of an alert that no browser shows.

use std::{io, sync::Arc};

use methodical_semantics::condition::Condition;
use rustls::{ServerConfig, ServerConnection};
use tokio::{net::TcpStream, sync::Semaphore, task::yield_now, time::timeout};

use super::{
    ACME,
    stream::{Stream, feed, write_out},
};
use crate::{admission::Admission, bad_head::BadHead, busy::Busy, socket::Socket};

/// The outcome of a handshake.
#[derive(Debug)]
pub(crate) enum Accepted {
    /// The connection within TLS.
    Tls(Socket),
    /// The client speaks HTTP, which it is to be told.
    Plain(TcpStream, BadHead),
    /// Nothing in time.
    Nothing,
}

/// The connection after its handshake.
pub(crate) async fn accept(
    (admission, turns): (&impl Admission, &Semaphore),
    mut tcp: TcpStream,
    busy: &Arc<Busy>,
) -> Accepted {
    let Some(config) = admission.tls() else { return Accepted::Nothing };
    let longest = admission.limits().handshake;
    match timeout(longest, handshake(config, &mut tcp, turns)).await {
        Ok(Ok(Some(session))) => {
            let stream = Stream::new(tcp, session, Arc::clone(busy));
            Accepted::Tls(Socket::Tls(Box::new(stream)))
        }
        Ok(Ok(None)) => Accepted::Plain(tcp, BadHead(Condition::BadMessage, USE_HTTPS)),
        // Whoever speaks no TLS, or not ours, was told so by an alert.
        Ok(Err(_)) | Err(_) => Accepted::Nothing,
    }
}

/// Gives nothing if the client speaks HTTP without TLS.
///
/// Returns the session once it is through. A client that offered `acme-tls/1` alone is let go
/// behind the handshake, which was all that it wanted to see.
async fn handshake(
    config: Arc<ServerConfig>,
    tcp: &mut TcpStream,
    turns: &Semaphore,
) -> io::Result<Option<ServerConnection>> {
    let mut session = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut first = true;
    loop {
        flush(&mut session, tcp).await?;
        if !session.is_handshaking() {
            if session.alpn_protocol() == Some(ACME) {
                // RFC 8737 section 4: nothing is said after the handshake.
                session.send_close_notify();
                flush(&mut session, tcp).await?;
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            return Ok(Some(session));
        }
        let mut room = [0; ROOM_BYTES];
        tcp.readable().await?;
        let read = match tcp.try_read(&mut room) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => read,
            Err(none) if none.kind() == io::ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error),
        };
        let mut sealed = room.get(..read).unwrap_or_default();
        if first && sealed.first().is_some_and(u8::is_ascii_uppercase) {
            return Ok(None);
        }
        first = false;
        // Keys are agreed on and signed where such a record is read, which takes as long as a
        // thousand small answers do. Between two of them everybody else has a turn.
        let turn = match sealed.first() {
            Some(&HANDSHAKE) => Some(turns.acquire().await.map_err(io::Error::other)?),
            _ => None,
        };
        while !sealed.is_empty() {
            if let Err(error) = feed(&mut session, &mut sealed) {
                flush(&mut session, tcp).await?;
                return Err(error);
            }
        }
        if turn.is_some() {
            yield_now().await;
        }
    }
}

/// Sends what the session has to say, waiting for room; the time of the whole handshake bounds
/// that.
async fn flush(session: &mut ServerConnection, tcp: &TcpStream) -> io::Result<()> {
    while session.wants_write() {
        match write_out(session, tcp) {
            Ok(()) => {}
            Err(full) if full.kind() == io::ErrorKind::WouldBlock => tcp.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The type of the records that a handshake begins with (RFC 8446 section 5.1).
const HANDSHAKE: u8 = 22;

/// The sentence for whoever speaks HTTP here.
const USE_HTTPS: &str = "This port speaks TLS: begin the URL with https://.";

/// Octets read at once: a client's part of a handshake as a rule. No more than a session holds when
/// the first request comes right behind.
const ROOM_BYTES: usize = 4 * 1024;
