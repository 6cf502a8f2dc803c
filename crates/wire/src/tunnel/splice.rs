//! One way through a tunnel from TCP to TCP, moved by the kernel through a pipe (Linux's splice):
//! the octets never come into our memory.
//!
//! A pipe is held while there is something in it. Quiet tunnels hold none.
//!
//! This saves two copies of each octet. Two descriptors for each busy way are the price, so spare
//! pipes are shared by the thread.

use std::{
    cell::RefCell,
    io,
    os::fd::OwnedFd,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use rustix::pipe::{PipeFlags, SpliceFlags, fcntl_setpipe_size, pipe_with, splice};
use tokio::{io::Interest, net::TcpStream};

use super::meter::{End, Meter, State, Way};

/// One way from TCP to TCP.
#[derive(Debug)]
pub(super) struct Spliced {
    /// The direction, for counting and for naming who broke off.
    way: Way,
    /// Octets that the client sent before it was answered; they go first.
    early: Bytes,
    /// There while octets are in it or expected at once.
    pipe: Option<Pipe>,
    /// The state that it has come to.
    state: State,
}

/// A pipe, and how much is in it.
#[derive(Debug)]
struct Pipe {
    /// The end that is read.
    exit: OwnedFd,
    /// The end that is written.
    entrance: OwnedFd,
    /// Octets in it.
    filled: usize,
}

impl Spliced {
    /// A way on which these octets came already.
    pub(super) fn new(way: Way, early: Bytes) -> Self {
        Self { way, early, pipe: None, state: State::Open }
    }

    /// Moves octets until one side is not ready, or all are through.
    ///
    /// # Errors
    /// The end of the tunnel, if it came before both sides had said all.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        (from, to): (&TcpStream, &TcpStream),
        meter: &Meter,
    ) -> Poll<Result<(), End>> {
        for _ in 0..TURNS_MAX {
            if !self.early.is_empty() {
                ready!(to.poll_write_ready(cx)).map_err(|_| self.way.reader_gone())?;
                let written = moved(to.try_write(&self.early));
                self.early.advance(written.map_err(|_| self.way.reader_gone())?.unwrap_or(0));
            } else if self.pipe.as_ref().is_some_and(|pipe| pipe.filled > 0) {
                ready!(to.poll_write_ready(cx)).map_err(|_| self.way.reader_gone())?;
                self.pour(to).map_err(|_| self.way.reader_gone())?;
            } else {
                match self.state {
                    State::Done => return Poll::Ready(Ok(())),
                    State::Ending => {
                        let shut = rustix::net::shutdown(to, rustix::net::Shutdown::Write);
                        shut.map_err(|_| self.way.reader_gone())?;
                        self.state = State::Done;
                    }
                    State::Open => match from.poll_read_ready(cx) {
                        Poll::Pending => {
                            if let Some(pipe) = self.pipe.take() {
                                pipe.put_back();
                            }
                            return Poll::Pending;
                        }
                        Poll::Ready(ready) => {
                            ready.map_err(|_| self.way.writer_gone())?;
                            self.fill(from, meter)?;
                        }
                    },
                }
            }
        }
        // Others on this thread have their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// From the socket into the pipe, which is empty.
    fn fill(&mut self, from: &TcpStream, meter: &Meter) -> Result<(), End> {
        if meter.left() == 0 {
            return Err(End::Octets);
        }
        let most = usize::try_from(meter.left()).map_or(PIPE_BYTES, |left| left.min(PIPE_BYTES));
        let mut pipe = match self.pipe.take() {
            Some(pipe) => pipe,
            // Out of descriptors: the tunnel cannot go on.
            None => Pipe::take().map_err(|_| End::Stopped)?,
        };
        let into = from.try_io(Interest::READABLE, || {
            Ok(splice(from, None, &pipe.entrance, None, most, FLAGS)?)
        });
        match moved(into).map_err(|_| self.way.writer_gone())? {
            Some(0) => {
                self.state = State::Ending;
                pipe.put_back();
            }
            Some(octets) => {
                meter.count(self.way, octets);
                pipe.filled = octets;
                self.pipe = Some(pipe);
            }
            None => self.pipe = Some(pipe),
        }
        Ok(())
    }

    /// Out of the pipe into the socket.
    fn pour(&mut self, to: &TcpStream) -> io::Result<()> {
        let Some(pipe) = &mut self.pipe else { return Ok(()) };
        let out = to.try_io(Interest::WRITABLE, || {
            Ok(splice(&pipe.exit, None, to, None, pipe.filled, FLAGS)?)
        });
        match moved(out)? {
            Some(0) => return Err(io::ErrorKind::WriteZero.into()),
            Some(octets) => pipe.filled -= octets.min(pipe.filled),
            None => {}
        }
        Ok(())
    }
}

impl Pipe {
    /// A pipe with nothing in it.
    fn take() -> io::Result<Self> {
        if let Some(pipe) = SPARE.with_borrow_mut(Vec::pop) {
            return Ok(pipe);
        }
        let (exit, entrance) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        // A system that grants no more than it grants everybody is a slower one, no worse.
        let _size = fcntl_setpipe_size(&entrance, PIPE_BYTES);
        Ok(Self { exit, entrance, filled: 0 })
    }

    /// Keeps an empty pipe for the next tunnel; one with octets in it is closed, since they are
    /// another's.
    fn put_back(self) {
        if self.filled == 0 {
            SPARE.with_borrow_mut(|spare| {
                if spare.len() < SPARE_MAX {
                    spare.push(self);
                }
            });
        }
    }
}

/// Returns how much was moved; nothing if the socket was not ready after all.
fn moved(result: io::Result<usize>) -> io::Result<Option<usize>> {
    match result {
        Ok(octets) => Ok(Some(octets)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}

thread_local! {
    /// Empty pipes for whoever needs one next.
    static SPARE: RefCell<Vec<Pipe>> = const { RefCell::new(Vec::new()) };
}

/// Neither end waits; pages may be moved rather than copied.
const FLAGS: SpliceFlags = SpliceFlags::MOVE.union(SpliceFlags::NONBLOCK);

/// Octets that a pipe holds, and that go through at once.
const PIPE_BYTES: usize = 256 * 1024;

/// Empty pipes that a thread keeps.
const SPARE_MAX: usize = 8;

/// Pieces that go through before others on the thread have their turn.
const TURNS_MAX: usize = 16;
