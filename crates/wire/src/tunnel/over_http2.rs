//! A tunnel over one stream of HTTP/2: its DATA frames are the octets, `END_STREAM` is the FIN
//! (RFC 9113 section 8.5).
//!
//! Flow control does what buffers would: the window is given back only for octets that the host
//! took, and the host is read only when the stream has room. So one slow tunnel holds up no other
//! stream of its connection, and holds at most its window.

use std::{future::poll_fn, io};

use bytes::{Bytes, BytesMut};
use h2::{Reason, RecvStream, SendStream, server::SendResponse};
use http::{HeaderValue, Response, StatusCode, header};
use tokio::{
    io::AsyncWriteExt as _,
    net::tcp::{ReadHalf, WriteHalf},
};

use super::{
    meter::{End, Meter, Opened, Way},
    over_http1::{reset, until_end},
};
use crate::{date, http2::coalesced::Noise, service::Ticket};

/// Tells the client that the tunnel is there, and serves it until it ends.
pub(crate) async fn serve(
    mut tunnel: Opened<impl Ticket>,
    (body, respond): (&mut RecvStream, &mut SendResponse<Bytes>),
    noise: &Noise,
) {
    let Ok(mut stream) = respond.send_response(opened(), false) else {
        tunnel.account.ended(End::ClientGone);
        reset(&tunnel.far);
        return;
    };
    let end = relay(&mut tunnel, (body, &mut stream), noise).await;
    tunnel.account.ended(end);
    match end {
        End::Closed => return,
        End::HostGone => {
            // What the host said before goes out first.
            tokio::task::yield_now().await;
            stream.send_reset(Reason::CONNECT_ERROR);
        }
        End::ClientGone => {}
        End::Idle | End::Time | End::Octets | End::Stopped => stream.send_reset(Reason::CANCEL),
    }
    // RFC 9113 section 8.5: an error of the stream is a reset to the host.
    reset(&tunnel.far);
}

/// RFC 9110 section 9.3.6: neither Content-Length nor Transfer-Encoding.
fn opened() -> Response<()> {
    let mut opened = Response::new(());
    *opened.status_mut() = StatusCode::OK;
    let mut date = Vec::new();
    date::append_date(&mut date);
    if let Ok(date) = HeaderValue::from_maybe_shared(Bytes::from(date)) {
        opened.headers_mut().insert(header::DATE, date);
    }
    opened
}

/// Moves octets both ways until the end of the tunnel.
async fn relay(
    tunnel: &mut Opened<impl Ticket>,
    (body, stream): (&mut RecvStream, &mut SendStream<Bytes>),
    noise: &Noise,
) -> End {
    let Opened { far, account, .. } = tunnel;
    let meter = &account.meter;
    let (mut from, mut to) = far.split();
    let through = async {
        let up = async {
            match up(body, &mut to, (meter, noise)).await {
                // A host that listens no more may still have something to say.
                Err(End::HostGone) => Ok(()),
                other => other,
            }
        };
        tokio::try_join!(up, down(&mut from, stream, (meter, noise))).map(drop)
    };
    until_end(account, through).await
}

/// From the client to the host.
async fn up(
    body: &mut RecvStream,
    to: &mut WriteHalf<'_>,
    (meter, noise): (&Meter, &Noise),
) -> Result<(), End> {
    while let Some(piece) = body.data().await {
        let piece = piece.map_err(|_| End::ClientGone)?;
        if (piece.len() as u64) > meter.left() {
            return Err(End::Octets);
        }
        meter.count(Way::Up, piece.len());
        if !piece.is_empty() {
            noise.end();
        }
        to.write_all(&piece).await.map_err(|_| End::HostGone)?;
        // Only what the host took makes room for more (RFC 9113 section 5.2).
        let released = body.flow_control().release_capacity(piece.len());
        released.map_err(|_| End::ClientGone)?;
    }
    // RFC 9113 section 8.5: other frames than DATA are errors.
    if !matches!(body.trailers().await, Ok(None)) {
        return Err(End::ClientGone);
    }
    to.shutdown().await.map_err(|_| End::HostGone)
}

/// From the host to the client.
async fn down(
    from: &mut ReadHalf<'_>,
    stream: &mut SendStream<Bytes>,
    (meter, noise): (&Meter, &Noise),
) -> Result<(), End> {
    loop {
        readable(from, stream).await?;
        if meter.left() == 0 {
            return Err(End::Octets);
        }
        // Asked for only now: a stream that waits takes nothing from the others of its connection.
        let room = room(stream).await?;
        let most = usize::try_from(meter.left()).map_or(room, |left| left.min(room));
        let mut piece = BytesMut::zeroed(most);
        match from.try_read(&mut piece) {
            Ok(0) => {
                return stream.send_data(Bytes::new(), true).map_err(|_| End::ClientGone);
            }
            Ok(octets) => {
                meter.count(Way::Down, octets);
                noise.end();
                piece.truncate(octets);
                stream.send_data(piece.freeze(), false).map_err(|_| End::ClientGone)?;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return Err(End::HostGone),
        }
        stream.reserve_capacity(0);
    }
}

/// Waits for octets of the host, or for the client to give the stream up.
async fn readable(from: &ReadHalf<'_>, stream: &mut SendStream<Bytes>) -> Result<(), End> {
    tokio::select! {
        ready = from.readable() => ready.map_err(|_| End::HostGone),
        _ = poll_fn(|cx| stream.poll_reset(cx)) => Err(End::ClientGone),
    }
}

/// Waits until the client takes more. Gives how much.
async fn room(stream: &mut SendStream<Bytes>) -> Result<usize, End> {
    stream.reserve_capacity(PIECE_BYTES);
    loop {
        match poll_fn(|cx| stream.poll_capacity(cx)).await {
            Some(Ok(0)) => {}
            Some(Ok(room)) => return Ok(room.min(PIECE_BYTES)),
            Some(Err(_)) | None => return Err(End::ClientGone),
        }
    }
}

/// Octets that are read at once.
const PIECE_BYTES: usize = 64 * 1024;
