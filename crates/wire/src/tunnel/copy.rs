//! One way through a tunnel, copied: what is read on one side is written on the other.
//!
//! Whatever is read goes out at once from a buffer that all tunnels of a thread share; only what
//! the other side does not take yet is held, and nothing more is read before it is gone. So a
//! tunnel holds one bufferful at most, and an idle one nothing.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::meter::{End, Meter, State, Way};

/// One way through a tunnel.
#[derive(Debug)]
pub(super) struct Stretch {
    /// The direction, for counting and for naming who broke off.
    way: Way,
    /// Read and not yet written.
    held: Bytes,
    /// The state that it has come to.
    state: State,
}

impl Stretch {
    /// A way on which these octets came already.
    pub(super) fn new(way: Way, early: Bytes) -> Self {
        Self { way, held: early, state: State::Open }
    }

    /// Moves octets until one side is not ready, or all are through.
    ///
    /// # Errors
    /// The end of the tunnel, if it came before both sides had said all.
    pub(super) fn poll<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        (from, to): (&mut R, &mut W),
        meter: &Meter,
    ) -> Poll<Result<(), End>>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        for _ in 0..TURNS_MAX {
            if !self.held.is_empty() {
                let written = ready!(Pin::new(&mut *to).poll_write(cx, &self.held));
                self.held.advance(some(written).map_err(|_| self.way.reader_gone())?);
                continue;
            }
            match self.state {
                State::Done => return Poll::Ready(Ok(())),
                State::Ending => {
                    let told = ready!(Pin::new(&mut *to).poll_shutdown(cx));
                    told.map_err(|_| self.way.reader_gone())?;
                    self.state = State::Done;
                }
                State::Open => match self.read_on(cx, (from, to), meter)? {
                    Poll::Ready(()) => {}
                    Poll::Pending => {
                        // What a coder keeps back must not wait for more.
                        let flushed = ready!(Pin::new(&mut *to).poll_flush(cx));
                        flushed.map_err(|_| self.way.reader_gone())?;
                        return Poll::Pending;
                    }
                },
            }
        }
        // Others on this thread have their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Reads once, and writes of it what is taken at once.
    fn read_on<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        (from, to): (&mut R, &mut W),
        meter: &Meter,
    ) -> Result<Poll<()>, End>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        if meter.left() == 0 {
            return Err(End::Octets);
        }
        let most = usize::try_from(meter.left()).map_or(PIECE_BYTES, |left| left.min(PIECE_BYTES));
        SCRATCH.with_borrow_mut(|scratch| {
            let mut room = ReadBuf::new(scratch.get_mut(..most).unwrap_or_default());
            match Pin::new(from).poll_read(cx, &mut room) {
                Poll::Pending => return Ok(Poll::Pending),
                Poll::Ready(Err(_)) => return Err(self.way.writer_gone()),
                Poll::Ready(Ok(())) if room.filled().is_empty() => self.state = State::Ending,
                Poll::Ready(Ok(())) => {
                    meter.count(self.way, room.filled().len());
                    let taken = match Pin::new(to).poll_write(cx, room.filled()) {
                        Poll::Ready(written) => {
                            some(written).map_err(|_| self.way.reader_gone())?
                        }
                        Poll::Pending => 0,
                    };
                    let rest = room.filled().get(taken..).unwrap_or_default();
                    self.held = Bytes::copy_from_slice(rest);
                }
            }
            Ok(Poll::Ready(()))
        })
    }
}

impl Way {
    /// The end of a tunnel whose side that speaks on this way broke off.
    pub(super) const fn writer_gone(self) -> End {
        match self {
            Self::Up => End::ClientGone,
            Self::Down => End::HostGone,
        }
    }

    /// The end of a tunnel whose side that listens on this way broke off.
    pub(super) const fn reader_gone(self) -> End {
        match self {
            Self::Up => End::HostGone,
            Self::Down => End::ClientGone,
        }
    }
}

/// A writer that takes nothing is gone.
fn some(written: io::Result<usize>) -> io::Result<usize> {
    match written {
        Ok(0) => Err(io::ErrorKind::WriteZero.into()),
        other => other,
    }
}

thread_local! {
    /// The buffer into which all tunnels of the thread read first.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; PIECE_BYTES]);
}

/// Octets that are read at once, and held at most.
const PIECE_BYTES: usize = 64 * 1024;

/// Pieces that go through before others on the thread have their turn.
const TURNS_MAX: usize = 16;
