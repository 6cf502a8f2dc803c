//! A connection's socket: TCP, TLS on it, or Unix, and what the kernel can send by itself.
//!
//! Sending is written out for each kind, as what matters is which call the kernel gets: `sendfile`
//! for files on plain TCP, a flag that more follows (`MSG_MORE`) so that head and content share
//! packets, and records where TLS is. Whoever sends brings a pace, which ends the wait for a client
//! that does not read.

pub(crate) mod writable;

use std::{
    fs::File,
    io,
    os::fd::{AsFd, BorrowedFd},
    pin::Pin,
    task::{Context, Poll},
};

use rustix::net::SendFlags;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, UnixStream},
};

use crate::{
    http2::coalesced::Push,
    message::Channel,
    pace::Pace,
    peer::Peer,
    socket::writable::{Kernel, is_full},
    tls::{HTTP2, stream::Stream},
};

/// A connected socket.
#[derive(Debug)]
pub(crate) enum Socket {
    /// Plain TCP.
    Tcp(TcpStream),
    /// A socket in the file system.
    Unix(UnixStream),
    /// TLS on TCP; boxed, as most others are small.
    Tls(Box<Stream>),
}

impl Socket {
    /// Sends bytes that more will follow at once, so that both share a packet.
    ///
    /// # Errors
    /// An error when the client is gone, or slower than the pace bears.
    pub(crate) async fn send_with_more(&mut self, bytes: &[u8], pace: &mut Pace) -> io::Result<()> {
        let how = (bytes, SendFlags::MORE);
        match self {
            Self::Tcp(tcp) => send(Kernel::Tcp(tcp), how, pace).await,
            Self::Unix(unix) => send(Kernel::Unix(unix), how, pace).await,
            Self::Tls(tls) => tls.hold(bytes, pace).await,
        }
    }

    /// Sends at most `length` bytes of a file from `offset` on, without copying them where nothing
    /// is sealed. Gives how many went out: 0 means that the file ends there.
    ///
    /// # Errors
    /// As [`Self::send_with_more`].
    pub(crate) async fn send_file(
        &mut self,
        file: &File,
        (offset, length): (u64, u64),
        pace: &mut Pace,
    ) -> io::Result<u64> {
        let piece = usize::try_from(length.min(SENDFILE_BYTES_MAX)).unwrap_or(usize::MAX);
        let send = |socket: BorrowedFd<'_>| {
            let mut at = offset;
            Ok(rustix::fs::sendfile(socket, file, Some(&mut at), piece)?)
        };
        let sent = match self {
            Self::Tcp(tcp) => Kernel::Tcp(tcp).send(pace, || send(tcp.as_fd())).await?,
            Self::Unix(unix) => Kernel::Unix(unix).send(pace, || send(unix.as_fd())).await?,
            Self::Tls(tls) => return tls.send_file(file, (offset, length), pace).await,
        };
        pace.went_out(sent as u64);
        Ok(sent as u64)
    }

    /// Lets whole packets go out only until it is undone, which sends what is left. Each piece of a
    /// file ends within a packet else, which goes out short and wakes the other end for little.
    pub(crate) fn cork(&self, corked: bool) {
        if let Self::Tcp(tcp) = self {
            // It is quicker with it, and right without.
            let _quicker = rustix::net::sockopt::set_tcp_cork(tcp, corked);
        }
    }

    /// Sends bytes in whole.
    ///
    /// # Errors
    /// As [`Self::send_with_more`].
    pub(crate) async fn send(&mut self, bytes: &[u8], pace: &mut Pace) -> io::Result<()> {
        let how = (bytes, SendFlags::empty());
        match self {
            Self::Tcp(tcp) => send(Kernel::Tcp(tcp), how, pace).await,
            Self::Unix(unix) => send(Kernel::Unix(unix), how, pace).await,
            Self::Tls(tls) => tls.send(bytes, pace).await,
        }
    }

    /// Returns who is at the other end.
    pub(crate) fn peer(&self) -> Peer {
        match self {
            Self::Tcp(tcp) => Peer { address: tcp.peer_addr().ok(), secure: false },
            Self::Unix(_) => Peer { address: None, secure: true },
            Self::Tls(tls) => Peer { address: tls.tcp().peer_addr().ok(), secure: true },
        }
    }

    /// The same, who speaks for itself as far as is known.
    pub(crate) fn channel(&self) -> Channel {
        let caller = self.peer();
        Channel { caller, direct: caller, sealed: self.is_tls() }
    }

    /// Returns whether it was agreed in the handshake to speak HTTP/2 (RFC 9113 section 3.2).
    pub(crate) fn is_http2(&self) -> bool {
        matches!(self, Self::Tls(tls) if tls.protocol() == Some(HTTP2))
    }

    /// Returns whether what is said is sealed by TLS.
    pub(crate) fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }
}

/// Sends all of some bytes by the kernel, as it takes them.
async fn send(
    kernel: Kernel<'_>,
    (mut bytes, flags): (&[u8], SendFlags),
    pace: &mut Pace,
) -> io::Result<()> {
    while !bytes.is_empty() {
        let sent = kernel.send(pace, || at_once(kernel, (bytes, flags))).await?;
        pace.went_out(sent as u64);
        bytes = bytes.get(sent..).unwrap_or_default();
    }
    Ok(())
}

/// Sends what the kernel takes without waiting.
fn at_once(socket: impl AsFd, (bytes, flags): (&[u8], SendFlags)) -> io::Result<usize> {
    Ok(rustix::net::send(socket, bytes, flags | SendFlags::NOSIGNAL)?)
}

impl Push for Rewound<Socket> {
    fn push(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let pushed = match &mut self.stream {
            Socket::Tcp(tcp) => at_once(tcp, (bytes, SendFlags::empty())),
            Socket::Unix(unix) => at_once(unix, (bytes, SendFlags::empty())),
            // What is sealed already goes first.
            Socket::Tls(tls) => tls.push().map(|_sealed| 0),
        };
        match pushed {
            Err(full) if is_full(&full) => Ok(0),
            pushed => pushed,
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_read(cx, into),
            Self::Unix(unix) => Pin::new(unix).poll_read(cx, into),
            Self::Tls(tls) => Pin::new(tls).poll_read(cx, into),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Self::Unix(unix) => Pin::new(unix).poll_write(cx, bytes),
            Self::Tls(tls) => Pin::new(tls).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Unix(unix) => Pin::new(unix).poll_flush(cx),
            Self::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Unix(unix) => Pin::new(unix).poll_shutdown(cx),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_write_vectored(cx, pieces),
            Self::Unix(unix) => Pin::new(unix).poll_write_vectored(cx, pieces),
            Self::Tls(tls) => Pin::new(tls).poll_write_vectored(cx, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}

/// A stream of which some bytes were read already.
#[derive(Debug)]
pub(crate) struct Rewound<S> {
    /// Bytes that are read first.
    before: bytes::Bytes,
    /// The stream behind them.
    stream: S,
}

impl<S> Rewound<S> {
    /// The stream with these bytes put back before it.
    pub(crate) fn new(before: bytes::Bytes, stream: S) -> Self {
        Self { before, stream }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Rewound<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.before.is_empty() {
            return Pin::new(&mut this.stream).poll_read(cx, into);
        }
        let piece = this.before.split_to(this.before.len().min(into.remaining()));
        into.put_slice(&piece);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Rewound<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Octets that one sendfile call may send, so that one fast client does not hold a runtime.
const SENDFILE_BYTES_MAX: u64 = 1024 * 1024;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{io::AsyncReadExt, time::sleep};

    use super::*;

    const STALL: Duration = Duration::from_millis(300);

    /// A socket that takes little at once, and its other end.
    fn pair() -> (Socket, UnixStream) {
        let (near, far) = std::os::unix::net::UnixStream::pair().unwrap();
        socket2::SockRef::from(&near).set_send_buffer_size(4096).unwrap();
        near.set_nonblocking(true).unwrap();
        far.set_nonblocking(true).unwrap();
        let near = UnixStream::from_std(near).unwrap();
        (Socket::Unix(near), UnixStream::from_std(far).unwrap())
    }

    #[tokio::test]
    async fn rfc9112_9_5_a_client_that_reads_slowly_gets_all() {
        let (mut socket, mut client) = pair();
        let reading = async {
            let (mut room, mut octets) = ([0; 2048], 0);
            while octets < 64 * 1024 {
                sleep(STALL / 10).await;
                octets += client.read(&mut room).await.unwrap();
            }
        };
        let bytes = vec![b'a'; 64 * 1024];
        let mut pace = Pace::new((STALL, STALL), 1);
        let (sent, ()) = tokio::join!(socket.send(&bytes, &mut pace), reading);
        sent.unwrap();
    }

    #[tokio::test]
    async fn rfc9112_9_5_a_client_that_reads_nothing_is_given_up() {
        let (mut socket, _client) = pair();
        let bytes = vec![b'a'; 64 * 1024];
        let mut pace = Pace::new((STALL, STALL), 0);
        let given_up = socket.send(&bytes, &mut pace).await.unwrap_err();
        assert_eq!(given_up.kind(), io::ErrorKind::TimedOut);
        let given_up = socket.send_with_more(&bytes, &mut pace).await.unwrap_err();
        assert_eq!(given_up.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn rfc9112_9_5_a_client_that_reads_a_trickle_is_given_up() {
        let (mut socket, mut client) = pair();
        let reading = async {
            let mut room = [0; 2048];
            loop {
                sleep(STALL / 10).await;
                client.read_exact(&mut room).await.unwrap();
            }
        };
        let bytes = vec![b'a'; 64 * 1024];
        let mut pace = Pace::new((STALL, Duration::ZERO), 1_000_000);
        tokio::select! {
            given_up = socket.send(&bytes, &mut pace) => {
                assert_eq!(given_up.unwrap_err().kind(), io::ErrorKind::TimedOut);
            }
            () = reading => {}
        }
    }
}
