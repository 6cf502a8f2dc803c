//! A connection's socket: TCP, TLS on it, or Unix, and what the kernel can send by itself.

use std::{
    fs::File,
    io,
    os::fd::{AsFd, BorrowedFd},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use rustix::net::SendFlags;
use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::{TcpStream, UnixStream},
    time::timeout,
};

use crate::{
    caller::Caller,
    tls::{HTTP2, stream::Stream},
};

/// A connected socket.
#[derive(Debug)]
pub(crate) enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
    Tls(Box<Stream>),
}

impl Socket {
    /// Sends bytes that more will follow at once, so that both share a packet.
    ///
    /// # Errors
    /// When the client is gone, or takes nothing for as long as `stall`.
    pub(crate) async fn send_with_more(
        &mut self,
        mut bytes: &[u8],
        stall: Duration,
    ) -> io::Result<()> {
        let flags = SendFlags::MORE | SendFlags::NOSIGNAL;
        while !bytes.is_empty() {
            let sent = match self {
                Self::Tcp(tcp) => {
                    let send = || Ok(rustix::net::send(tcp.as_fd(), bytes, flags)?);
                    bounded(stall, tcp.async_io(Interest::WRITABLE, send)).await?
                }
                Self::Unix(unix) => {
                    let send = || Ok(rustix::net::send(unix.as_fd(), bytes, flags)?);
                    bounded(stall, unix.async_io(Interest::WRITABLE, send)).await?
                }
                Self::Tls(tls) => return tls.hold(bytes, stall).await,
            };
            bytes = bytes.get(sent..).unwrap_or_default();
        }
        Ok(())
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
        stall: Duration,
    ) -> io::Result<u64> {
        let piece = usize::try_from(length.min(SENDFILE_BYTES_MAX)).unwrap_or(usize::MAX);
        let send = |socket: BorrowedFd<'_>| {
            let mut at = offset;
            Ok(rustix::fs::sendfile(socket, file, Some(&mut at), piece)?)
        };
        let sent = match self {
            Self::Tcp(tcp) => {
                bounded(stall, tcp.async_io(Interest::WRITABLE, || send(tcp.as_fd()))).await?
            }
            Self::Unix(unix) => {
                bounded(stall, unix.async_io(Interest::WRITABLE, || send(unix.as_fd()))).await?
            }
            Self::Tls(tls) => return tls.send_file(file, (offset, length), stall).await,
        };
        Ok(sent as u64)
    }

    /// Sends bytes in whole.
    ///
    /// # Errors
    /// As [`Self::send_with_more`].
    pub(crate) async fn send(&mut self, mut bytes: &[u8], stall: Duration) -> io::Result<()> {
        while !bytes.is_empty() {
            let sent = match self {
                Self::Tcp(tcp) => tcp.try_write(bytes),
                Self::Unix(unix) => unix.try_write(bytes),
                Self::Tls(tls) => return tls.send(bytes, stall).await,
            };
            match sent {
                Ok(sent) => bytes = bytes.get(sent..).unwrap_or_default(),
                Err(full) if full.kind() == io::ErrorKind::WouldBlock => {
                    bounded(stall, self.writable()).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Who is at the other end.
    pub(crate) fn caller(&self) -> Caller {
        match self {
            Self::Tcp(tcp) => Caller { peer: tcp.peer_addr().ok(), secure: false },
            Self::Unix(_) => Caller { peer: None, secure: true },
            Self::Tls(tls) => Caller { peer: tls.tcp().peer_addr().ok(), secure: true },
        }
    }

    /// Whether it was agreed in the handshake to speak HTTP/2 (RFC 9113 section 3.2).
    pub(crate) fn is_http2(&self) -> bool {
        matches!(self, Self::Tls(tls) if tls.protocol() == Some(HTTP2))
    }

    /// Whether what is said is sealed by TLS.
    pub(crate) fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    async fn writable(&self) -> io::Result<()> {
        match self {
            Self::Tcp(tcp) => tcp.writable().await,
            Self::Unix(unix) => unix.writable().await,
            Self::Tls(tls) => tls.tcp().writable().await,
        }
    }
}

/// Waits for room in the socket, but not for a client that takes nothing. Each wait counts alone: a
/// client that takes an octet now and then is alive, however slow.
pub(crate) async fn bounded<T>(
    stall: Duration,
    sending: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    timeout(stall, sending).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
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
    before: bytes::Bytes,
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
        let (sent, ()) = tokio::join!(socket.send(&bytes, STALL), reading);
        sent.unwrap();
    }

    #[tokio::test]
    async fn rfc9112_9_5_a_client_that_reads_nothing_is_given_up() {
        let (mut socket, _client) = pair();
        let bytes = vec![b'a'; 64 * 1024];
        let given_up = socket.send(&bytes, STALL).await.unwrap_err();
        assert_eq!(given_up.kind(), io::ErrorKind::TimedOut);
        let given_up = socket.send_with_more(&bytes, STALL).await.unwrap_err();
        assert_eq!(given_up.kind(), io::ErrorKind::TimedOut);
    }
}
