//! The end of a connection on which more may be coming.

use std::{cell::RefCell, future::poll_fn, io, pin::Pin, task::Poll, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWriteExt, ReadBuf},
    time::timeout,
};

use crate::socket::Socket;

/// Ends the connection so that the client can read the last answer: closing with octets unread
/// would reset it (RFC 9112 section 9.6).
pub(super) async fn linger(socket: &mut Socket) {
    let ending = async {
        socket.shutdown().await?;
        let mut left = LINGER_BYTES_MAX;
        while left > 0 {
            match skip(socket).await? {
                0 => break,
                read => left = left.saturating_sub(read),
            }
        }
        io::Result::Ok(())
    };
    // Whether the client listens to the end is its own affair.
    let _ended = timeout(LINGER, ending).await;
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
    static UNWANTED: RefCell<Vec<u8>> = RefCell::new(vec![0; UNWANTED_BYTES]);
}

/// Octets that are dropped at once.
const UNWANTED_BYTES: usize = 64 * 1024;

/// Octets that are read and dropped so that the client can read the last answer: many clients send
/// all of an upload before they read.
const LINGER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How long this may take.
const LINGER: Duration = Duration::from_secs(5);
