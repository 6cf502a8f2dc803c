//! A tunnel over a connection of HTTP/1: the connection becomes it.
//!
//! The order of closing is what makes an end readable: a clean one passes the FIN on, a broken one
//! becomes a reset on the other side, so that nobody takes a part for the whole.

use std::{future::poll_fn, io, task::Poll, time::Duration};

use bytes::Bytes;
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{
    copy::Stretch,
    meter::{Account, End, Opened, Way},
    splice::Spliced,
};
use crate::{date, pace::Pace, service::Ticket, socket::Socket};

/// Tells the client that the tunnel is there, and serves it until it ends. `early` is what the
/// client sent before it knew.
pub(crate) async fn serve(
    mut tunnel: Opened<impl Ticket>,
    mut socket: Socket,
    early: Bytes,
    mut pace: Pace,
) {
    let mut head = OPENED.to_vec();
    date::append_date(&mut head);
    head.extend_from_slice(b"\r\n\r\n");
    if socket.send(&head, &mut pace).await.is_err() {
        return finish(&tunnel, End::ClientGone, None);
    }
    tunnel.account.meter.count(Way::Up, early.len());
    if let Socket::Tcp(near) = &mut socket {
        let end = relay_spliced(&tunnel, near, early).await;
        finish(&tunnel, end, Some(near));
        say_farewell(end, near).await;
    } else {
        let end = relay_copied(&mut tunnel, &mut socket, early).await;
        finish(&tunnel, end, None);
        say_farewell(end, &mut socket).await;
    }
}

/// Notes the end. Who broke off is told to the host by a reset (RFC 9113 section 8.5 has it so for
/// HTTP/2), and so are both when it was us.
fn finish(tunnel: &Opened<impl Ticket>, end: End, near: Option<&TcpStream>) {
    tunnel.account.ended(end);
    match end {
        End::Closed | End::HostGone => {}
        End::ClientGone => reset(&tunnel.far),
        End::Idle | End::Time | End::Octets | End::Stopped => {
            reset(&tunnel.far);
            if let Some(near) = near {
                reset(near);
            }
        }
    }
}

/// Returns where the host had the last word, the client hears all of it: closing with octets unread
/// would reset the connection (RFC 9110 section 9.3.6, RFC 9112 section 9.6).
async fn say_farewell(end: End, near: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    if !matches!(end, End::Closed | End::HostGone) {
        return;
    }
    let ending = async {
        near.shutdown().await?;
        let mut room = vec![0; FAREWELL_PIECE_BYTES];
        let mut left = FAREWELL_BYTES_MAX;
        while left > 0 {
            match near.read(&mut room).await? {
                0 => break,
                read => left = left.saturating_sub(read),
            }
        }
        io::Result::Ok(())
    };
    // Whether the client listens to the end is its own affair.
    let _ended = timeout(FAREWELL, ending).await;
}

/// Moves octets between two TCP sockets by the kernel. `deaf` is a host that takes no more but may
/// still speak.
async fn relay_spliced(tunnel: &Opened<impl Ticket>, near: &TcpStream, early: Bytes) -> End {
    let (far, meter) = (&tunnel.far, &tunnel.account.meter);
    let mut up = Spliced::new(Way::Up, early);
    let mut down = Spliced::new(Way::Down, Bytes::new());
    let mut deaf = false;
    let through = poll_fn(|cx| {
        let heard = down.poll(cx, (far, near), meter)?;
        let said = if deaf { Poll::Ready(Ok(())) } else { up.poll(cx, (near, far), meter) };
        both(heard, said, &mut deaf)
    });
    until_end(&tunnel.account, through).await
}

/// The same by copying, where the client is behind TLS or a Unix socket.
async fn relay_copied(tunnel: &mut Opened<impl Ticket>, near: &mut Socket, early: Bytes) -> End {
    let Opened { far, account, .. } = tunnel;
    let meter = &account.meter;
    let mut up = Stretch::new(Way::Up, early);
    let mut down = Stretch::new(Way::Down, Bytes::new());
    let mut deaf = false;
    let through = poll_fn(|cx| {
        let heard = down.poll(cx, (&mut *far, &mut *near), meter)?;
        let said =
            if deaf { Poll::Ready(Ok(())) } else { up.poll(cx, (&mut *near, &mut *far), meter) };
        both(heard, said, &mut deaf)
    });
    until_end(account, through).await
}

/// Returns whether both ways are through. A host that listens no more may still have something to
/// say.
fn both(heard: Poll<()>, said: Poll<Result<(), End>>, deaf: &mut bool) -> Poll<Result<(), End>> {
    *deaf |= said == Poll::Ready(Err(End::HostGone));
    match (heard, said) {
        (_, Poll::Ready(Err(end))) if !*deaf => Poll::Ready(Err(end)),
        (Poll::Ready(()), Poll::Ready(_)) => Poll::Ready(Ok(())),
        (Poll::Ready(()) | Poll::Pending, _) => Poll::Pending,
    }
}

/// Moves octets until both sides are done, one breaks off, or the tunnel has to end.
pub(super) async fn until_end(
    account: &Account<impl Ticket>,
    through: impl Future<Output = Result<(), End>>,
) -> End {
    tokio::select! {
        moved = through => moved.err().unwrap_or(End::Closed),
        end = account.end() => end,
    }
}

/// Makes closing a reset, so that the other end does not take this for all.
pub(super) fn reset(stream: &TcpStream) {
    // A socket that is gone already needs none.
    let _set = SockRef::from(stream).set_linger(Some(Duration::ZERO));
}

/// The status line of the answer behind which the tunnel begins, and the start of its only field:
/// RFC 9110 section 9.3.6 forbids those that frame content.
const OPENED: &[u8] = b"HTTP/1.1 200 OK\r\nDate: ";

/// The time that a client may take to hear the end.
const FAREWELL: Duration = Duration::from_secs(5);

/// Octets of a client that are dropped meanwhile.
const FAREWELL_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Octets of them that are read at once.
const FAREWELL_PIECE_BYTES: usize = 16 * 1024;
