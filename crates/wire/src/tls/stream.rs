//! A TCP connection on which everything is sealed (RFC 8446 section 5).
//!
//! Bytes are sealed into records that wait in the session until the socket takes them; what is sent
//! by one call shares as few records and system calls as it can. Content of files goes through a
//! buffer that all connections of the thread share.

use std::{
    cell::RefCell,
    fs::File,
    io::{self, BufRead as _, IoSlice, Write},
    os::{fd::AsFd as _, unix::fs::FileExt as _},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use rustix::net::SendFlags;
use rustls::ServerConnection;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use crate::{busy::Busy, pace::Pace, socket::writable::Kernel};

/// A connection after its handshake.
#[derive(Debug)]
pub(crate) struct Stream {
    /// The socket that records go over.
    tcp: TcpStream,
    /// The keys, and records that wait on either side.
    session: ServerConnection,
    /// Tells at the end whether an answer was cut short.
    busy: Arc<Busy>,
}

impl Stream {
    /// A connection of which the handshake was done.
    pub(super) fn new(tcp: TcpStream, mut session: ServerConnection, busy: Arc<Busy>) -> Self {
        session.set_buffer_limit(Some(SEALED_BYTES_MAX));
        Self { tcp, session, busy }
    }

    /// The protocol that was agreed on (RFC 7301), if one was.
    pub(crate) fn protocol(&self) -> Option<&[u8]> {
        self.session.alpn_protocol()
    }

    /// The connection beneath.
    pub(crate) fn tcp(&self) -> &TcpStream {
        &self.tcp
    }

    /// As [`crate::socket::Socket::send`].
    ///
    /// Bytes are sealed as far as the session has room for, sent, and so on until all are out.
    pub(crate) async fn send(&mut self, mut bytes: &[u8], pace: &mut Pace) -> io::Result<()> {
        loop {
            let sealed = self.session.writer().write(bytes)?;
            bytes = bytes.get(sealed..).unwrap_or_default();
            self.flush(pace).await?;
            pace.went_out(sealed as u64);
            if bytes.is_empty() {
                return Ok(());
            }
        }
    }

    /// As [`crate::socket::Socket::send_with_more`].
    ///
    /// Sealed bytes wait in the session and go out with what follows.
    pub(crate) async fn hold(&mut self, bytes: &[u8], pace: &mut Pace) -> io::Result<()> {
        let sealed = self.session.writer().write(bytes)?;
        pace.went_out(sealed as u64);
        match bytes.get(sealed..).unwrap_or_default() {
            [] => Ok(()),
            rest => self.send(rest, pace).await,
        }
    }

    /// As [`crate::socket::Socket::send_file`].
    ///
    /// The file's octets are read into the thread's buffer and sealed from there: the kernel cannot
    /// send them by itself.
    pub(crate) async fn send_file(
        &mut self,
        file: &File,
        (offset, length): (u64, u64),
        pace: &mut Pace,
    ) -> io::Result<u64> {
        loop {
            let (read, sealed) = ROOM.with_borrow_mut(|room| {
                let most = usize::try_from(length).unwrap_or(usize::MAX).min(room.len());
                let room = room.get_mut(..most).unwrap_or_default();
                let read = file.read_at(room, offset)?;
                let bytes = room.get(..read).unwrap_or_default();
                io::Result::Ok((read, self.session.writer().write(bytes)?))
            })?;
            self.flush(pace).await?;
            pace.went_out(sealed as u64);
            // Nothing is sealed while too much waits: then it was sent now.
            if sealed > 0 || read == 0 {
                return Ok(sealed as u64);
            }
        }
    }

    /// Sends all records that wait, at the pace that the client must keep. That counts octets as
    /// sealed: a little more than the content.
    async fn flush(&mut self, pace: &mut Pace) -> io::Result<()> {
        let (session, tcp) = (&mut self.session, &self.tcp);
        while session.wants_write() {
            let sent = Kernel::Tcp(tcp).send(pace, || session.write_tls(&mut Wire(tcp))).await?;
            if sent == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }

    /// Tries to send what is sealed where nobody says that there is room. Gives how much went out.
    ///
    /// # Errors
    /// An error when there is no room, or the client is gone.
    pub(crate) fn push(&mut self) -> io::Result<usize> {
        if !self.session.wants_write() {
            return Ok(0);
        }
        self.session.write_tls(&mut Wire(&self.tcp))
    }

    /// The same as far as it goes now, for callers that keep no pace: HTTP/2 and tunnels.
    fn poll_out(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.session.wants_write() {
            match write_out(&mut self.session, &self.tcp) {
                Ok(()) => {}
                Err(full) if full.kind() == io::ErrorKind::WouldBlock => {
                    ready!(self.tcp.poll_write_ready(cx))?;
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Opens what was received; what the session has to say to it goes out as far as it can.
    ///
    /// Alerts, key updates and tickets are the session's own affair and are answered here.
    fn open(
        &mut self,
        cx: &mut Context<'_>,
        mut sealed: &[u8],
        into: &mut ReadBuf<'_>,
    ) -> io::Result<()> {
        while !sealed.is_empty() {
            let opened = feed(&mut self.session, &mut sealed);
            if self.session.wants_write()
                && let Poll::Ready(sent) = self.poll_out(cx)
            {
                sent?;
            }
            opened?;
            self.take(into)?;
        }
        Ok(())
    }

    /// Moves what was opened. Gives whether the client will send no more.
    fn take(&mut self, into: &mut ReadBuf<'_>) -> io::Result<bool> {
        while into.remaining() > 0 {
            let mut reader = self.session.reader();
            let length = match reader.fill_buf() {
                Ok([]) => return Ok(true),
                Ok(opened) => {
                    let length = opened.len().min(into.remaining());
                    into.put_slice(opened.get(..length).unwrap_or_default());
                    length
                }
                Err(none) if none.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            };
            reader.consume(length);
        }
        Ok(false)
    }
}

/// Lets the session read some of the records, and opens those that are whole.
pub(super) fn feed(session: &mut ServerConnection, sealed: &mut &[u8]) -> io::Result<()> {
    if session.read_tls(sealed)? == 0 {
        // Behind a farewell nothing counts.
        *sealed = &[];
    }
    session
        .process_new_packets()
        .map_err(|cause| io::Error::new(io::ErrorKind::InvalidData, cause))?;
    Ok(())
}

/// Sends what is sealed, as far as the socket takes it at once.
pub(super) fn write_out(session: &mut ServerConnection, tcp: &TcpStream) -> io::Result<()> {
    match Kernel::Tcp(tcp).attempt(|| session.write_tls(&mut Wire(tcp)))? {
        0 => Err(io::ErrorKind::WriteZero.into()),
        _ => Ok(()),
    }
}

/// A socket as the session writes to it, whether there may be room or not.
struct Wire<'s>(&'s TcpStream);

impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::net::send(self.0.as_fd(), bytes, SendFlags::NOSIGNAL)?)
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(rustix::io::writev(self.0.as_fd(), pieces)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = into.filled().len();
        loop {
            if this.take(into)? || into.filled().len() > before || into.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            // No more than there is room for: opened, it is less.
            let most = into.remaining();
            ready!(SEALED.with_borrow_mut(|room| {
                let most = most.min(room.len());
                let mut sealed = ReadBuf::new(room.get_mut(..most).unwrap_or_default());
                ready!(Pin::new(&mut this.tcp).poll_read(cx, &mut sealed))?;
                if sealed.filled().is_empty() {
                    // Without a farewell nobody knows whether this is all (RFC 8446 section 6.1).
                    return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
                }
                Poll::Ready(this.open(cx, sealed.filled(), into))
            }))?;
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        // What waited goes first; a client that takes nothing gets nothing more sealed.
        ready!(this.poll_out(cx))?;
        let sealed = this.session.writer().write_vectored(pieces)?;
        if let Poll::Ready(sent) = this.poll_out(cx) {
            sent?;
        }
        Poll::Ready(Ok(sealed))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_out(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.session.send_close_notify();
        ready!(this.poll_out(cx))?;
        Pin::new(&mut this.tcp).poll_shutdown(cx)
    }
}

impl Drop for Stream {
    /// Between two answers the connection ends with a farewell (RFC 8446 section 6.1); in the midst
    /// of one the client must not take what it has for the whole.
    fn drop(&mut self) {
        if !self.busy.is() {
            self.session.send_close_notify();
            // As far as it goes: a client that does not listen misses nothing.
            let _sent = write_out(&mut self.session, &self.tcp);
        }
    }
}

thread_local! {
    /// The room into which records are read before they are opened.
    static SEALED: RefCell<Vec<u8>> = RefCell::new(vec![0; ROOM_BYTES]);
    /// The room into which content of files is read before it is sealed.
    static ROOM: RefCell<Vec<u8>> = RefCell::new(vec![0; ROOM_BYTES]);
}

/// Octets read at once: four records, which fit into the cache of a core twice.
const ROOM_BYTES: usize = 64 * 1024;

/// Octets that are sealed and wait in one connection for the client to take them.
const SEALED_BYTES_MAX: usize = 256 * 1024;
