//! The octets of an HTTP/2 connection: what many streams answer at one time goes out together, and
//! what is neither head nor content is counted.
//!
//! The engine writes and flushes frame by frame. Here frames are held until the connection has
//! nothing more to do, which saves a system call for each, and with TLS a record.

use std::{
    cell::{Cell, RefCell},
    io,
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

use crate::socket::writable::LOOK_INTERVAL;

/// A stream to which can be sent without being told that there is room.
pub(crate) trait Push {
    /// Tries to. Gives how many of the bytes went out.
    ///
    /// # Errors
    /// An error when the client is gone.
    fn push(&mut self, bytes: &[u8]) -> io::Result<usize>;
}

/// A connection's stream, held by the engine and by whoever drives the engine.
#[derive(Debug)]
pub(crate) struct Coalesced<S>(Rc<Inner<S>>);

#[derive(Debug)]
struct Inner<S> {
    /// The connection beneath.
    stream: RefCell<S>,
    /// Frames that wait.
    held: RefCell<Held>,
    /// Octets that came since the last of use.
    noise: Arc<Noise>,
    /// There once too much of no use came, with whether that was told.
    noisy: Cell<Option<Told>>,
}

/// The two states of that news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Not,
    Yes,
}

/// Frames that wait to be sent together.
#[derive(Debug, Default)]
struct Held {
    /// The frames, one behind the other.
    octets: Vec<u8>,
    /// Octets of them that went out.
    sent: usize,
    /// True if a flush waits for [`Coalesced::poll_send`].
    defers: bool,
    /// Fires when it is tried to send although nobody says that there is room.
    look: Option<Pin<Box<Sleep>>>,
}

impl Held {
    /// The octets that did not go out yet.
    fn rest(&self) -> &[u8] {
        self.octets.get(self.sent..).unwrap_or_default()
    }

    /// Ready when it is time to try, for a socket whose room nobody reports (see
    /// `socket/writable.rs`).
    fn poll_look(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let look = self.look.get_or_insert_with(|| Box::pin(sleep(LOOK_INTERVAL)));
        ready!(look.as_mut().poll(cx));
        self.look = None;
        Poll::Ready(())
    }
}

/// Octets that came since the last that were of use.
#[derive(Debug, Default)]
pub(crate) struct Noise(AtomicUsize);

impl Noise {
    /// Says that something of use came, or was taken.
    pub(crate) fn end(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

impl<S> Clone for Coalesced<S> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<S: AsyncRead + AsyncWrite + Push + Unpin> Coalesced<S> {
    /// A stream of which nothing is held back yet.
    pub(crate) fn new(stream: S) -> Self {
        let (stream, held) = (RefCell::new(stream), RefCell::default());
        Self(Rc::new(Inner { stream, held, noise: Arc::default(), noisy: Cell::default() }))
    }

    /// Holds back from now on what is written, until it is sent by [`Self::poll_send`].
    ///
    /// Called when the handshake is through, which must not wait.
    pub(crate) fn hold(&self) {
        self.0.held.borrow_mut().defers = true;
    }

    /// Returns what counts the octets of no use.
    pub(crate) fn noise(&self) -> Arc<Noise> {
        Arc::clone(&self.0.noise)
    }

    /// Returns whether too much of no use came; that is told once. Nothing is read any more then.
    pub(crate) fn became_noisy(&self) -> bool {
        let now = self.0.noisy.get() == Some(Told::Not);
        if now {
            self.0.noisy.set(Some(Told::Yes));
        }
        now
    }

    /// Ends the connection, behind what is held; drops what still comes until the other side has
    /// ended it, too.
    ///
    /// The wait for the other side is bounded by the caller.
    pub(crate) fn poll_end(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        let mut stream = self.0.stream.borrow_mut();
        ready!(Pin::new(&mut *stream).poll_shutdown(cx))?;
        let mut room = [0; UNWANTED_BYTES];
        loop {
            let mut room = ReadBuf::new(&mut room);
            ready!(Pin::new(&mut *stream).poll_read(cx, &mut room))?;
            if room.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Sends what is held.
    ///
    /// Ready also means that the stream beneath was flushed.
    pub(crate) fn poll_send(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut held = self.0.held.borrow_mut();
        let mut stream = self.0.stream.borrow_mut();
        while !held.rest().is_empty() {
            match Pin::new(&mut *stream).poll_write(cx, held.rest()) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(sent) => (held.sent, held.look) = (held.sent + sent?, None),
                Poll::Pending => {
                    ready!(held.poll_look(cx));
                    let pushed = stream.push(held.rest())?;
                    held.sent += pushed;
                }
            }
        }
        // An idle connection holds no room.
        (held.octets, held.sent, held.look) = (Vec::new(), 0, None);
        Pin::new(&mut *stream).poll_flush(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Coalesced<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Inner { stream, noise, noisy, .. } = &*self.0;
        if noisy.get().is_some() {
            return Poll::Pending;
        }
        let before = into.filled().len();
        ready!(Pin::new(&mut *stream.borrow_mut()).poll_read(cx, into))?;
        let more = into.filled().len() - before;
        let octets = noise.0.fetch_add(more, Ordering::Relaxed) + more;
        if octets > NOISE_BYTES_MAX {
            noisy.set(Some(Told::Not));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Push + Unpin> AsyncWrite for Coalesced<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.0.held.borrow().octets.len() >= HELD_BYTES_MAX {
            ready!(self.poll_send(cx))?;
        }
        let mut held = self.0.held.borrow_mut();
        let before = held.octets.len();
        for piece in pieces {
            let room = HELD_BYTES_MAX - held.octets.len();
            held.octets.extend_from_slice(piece.get(..room).unwrap_or(piece));
        }
        Poll::Ready(Ok(held.octets.len() - before))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let defers = self.0.held.borrow().defers;
        if defers { Poll::Ready(Ok(())) } else { self.poll_send(cx) }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        Pin::new(&mut *self.0.stream.borrow_mut()).poll_shutdown(cx)
    }
}

/// Octets that are dropped at once.
const UNWANTED_BYTES: usize = 4 * 1024;

/// Octets of frames that are held at most: four records of TLS.
const HELD_BYTES_MAX: usize = 64 * 1024;

/// Octets that may come without a request, content that is read, or an answer that is taken between
/// them: four times what the windows let a client send ahead. Who sends more sends frames that mean
/// nothing.
const NOISE_BYTES_MAX: usize = 4 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, time::Duration};

    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    impl Push for DuplexStream {
        fn push(&mut self, _: &[u8]) -> io::Result<usize> {
            Ok(0)
        }
    }

    #[tokio::test]
    async fn rfc9113_5_2_what_is_held_goes_out_in_order() {
        let (near, mut far) = duplex(1000);
        let mut gathered = Coalesced::new(near);
        gathered.hold();
        let wanted: Vec<u8> = (0..200_000_u32).map(|at| at.to_le_bytes()[0]).collect();
        let writing = async {
            for piece in wanted.chunks(7001) {
                gathered.write_all(piece).await.unwrap();
                gathered.flush().await.unwrap();
            }
            poll_fn(|cx| gathered.poll_send(cx)).await.unwrap();
        };
        let mut got = vec![0; wanted.len()];
        let (read, ()) = tokio::join!(far.read_exact(&mut got), writing);
        read.unwrap();
        assert!(got == wanted);
    }

    #[tokio::test]
    async fn rfc9113_10_5_noise_without_use_is_told_once_and_no_more_is_read() {
        let (near, mut far) = duplex(64 * 1024);
        let mut gathered = Coalesced::new(near);
        let noise = gathered.noise();
        let sending = async { while far.write_all(&[0; 4096]).await.is_ok() {} };
        let reading = async {
            let (mut room, mut octets) = (vec![0; 16 * 1024], 0);
            while octets < 3 * NOISE_BYTES_MAX {
                octets += gathered.read(&mut room).await.unwrap();
                noise.end();
            }
            assert!(!gathered.became_noisy());
            octets = 0;
            while !gathered.became_noisy() {
                octets += gathered.read(&mut room).await.unwrap();
            }
            assert!(octets > NOISE_BYTES_MAX && octets < 2 * NOISE_BYTES_MAX);
            let more = tokio::time::timeout(Duration::from_millis(50), gathered.read(&mut room));
            assert!(more.await.is_err());
            assert!(!gathered.became_noisy());
        };
        tokio::select! {
            () = sending => panic!("the other end is open"),
            () = reading => {}
        }
    }
}
