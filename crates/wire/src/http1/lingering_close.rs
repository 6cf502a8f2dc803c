//! The end of a connection on which more may be coming.

use std::{cell::RefCell, future::poll_fn, io, pin::Pin, task::Poll};

use tokio::{
    io::{AsyncRead, AsyncWriteExt, ReadBuf},
    sync::watch,
};

use crate::{
    lingering_close::{LINGER_BYTES_MAX, LINGER_QUIET, lingers},
    socket::Socket,
};

/// Ends the connection so that the client can read the last answer: closing with octets unread
/// would reset it (RFC 9112 section 9.6).
pub(super) async fn lingering_close(socket: &mut Socket, stopping: watch::Receiver<bool>) {
    let ending = async {
        socket.shutdown().await?;
        let mut left = LINGER_BYTES_MAX;
        while left > 0 {
            match tokio::time::timeout(LINGER_QUIET, skip(socket)).await?? {
                0 => break,
                read => left = left.saturating_sub(read),
            }
        }
        io::Result::Ok(())
    };
    lingers(ending, stopping).await;
}

/// Reads octets that nobody wants. Gives how many.
async fn skip(socket: &mut Socket) -> io::Result<usize> {
    poll_fn(|cx| {
        UNWANTED.with_borrow_mut(|room| {
            let mut room = ReadBuf::new(room);
            let polled = Pin::new(&mut *socket).poll_read(cx, &mut room);
            match polled {
                Poll::Ready(read) => Poll::Ready(read.map(|()| room.filled().len())),
                Poll::Pending => Poll::Pending,
            }
        })
    })
    .await
}

thread_local! {
    /// The room that such octets are read into; all connections of the thread share it.
    static UNWANTED: RefCell<Vec<u8>> = RefCell::new(vec![0; UNWANTED_BYTES]);
}

/// Octets that are dropped at once.
const UNWANTED_BYTES: usize = 64 * 1024;
