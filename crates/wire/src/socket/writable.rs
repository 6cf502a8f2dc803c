//! Waiting for a socket to take more.
//!
//! The kernel says that there is room when a third of its buffer is free. That can be a megabyte,
//! for which a slow client takes longer than anybody waits for one that is gone: so now and then it
//! is tried, too.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd},
    time::Duration,
};

use tokio::{
    io::Interest,
    net::{TcpStream, UnixStream},
    time::timeout,
};

use crate::pace::{Pace, TooSlow};

/// A socket of the kernel.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kernel<'s> {
    /// TCP, also beneath TLS.
    Tcp(&'s TcpStream),
    /// A socket in the file system.
    Unix(&'s UnixStream),
}

impl AsFd for Kernel<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(tcp) => tcp.as_fd(),
            Self::Unix(unix) => unix.as_fd(),
        }
    }
}

impl Kernel<'_> {
    /// Sends by a call to the kernel that does not wait, as soon as that sends anything.
    ///
    /// # Errors
    /// As the call; `TimedOut` when that takes too long.
    pub(crate) async fn send(
        self,
        pace: &mut Pace,
        mut call: impl FnMut() -> io::Result<usize>,
    ) -> io::Result<usize> {
        let sent = match self.attempt(&mut call) {
            // Boxed, as most never wait.
            Err(full) if is_full(&full) => {
                pace.wait(Box::pin(self.wait(&mut call))).await.map_err(late)??
            }
            sent => sent?,
        };
        pace.moved(sent as u64).map_err(late)?;
        Ok(sent)
    }

    /// The call, if there may be room as far as is known.
    ///
    /// # Errors
    /// As the call; `WouldBlock` if there is no room.
    pub(crate) fn attempt(self, call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
        match self {
            Self::Tcp(tcp) => tcp.try_io(Interest::WRITABLE, call),
            Self::Unix(unix) => unix.try_io(Interest::WRITABLE, call),
        }
    }

    /// Calls again whenever there may be room, and every [`LOOK_INTERVAL`] in any case.
    async fn wait(self, mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
        loop {
            let sent = match timeout(LOOK_INTERVAL, self.writable()).await {
                Ok(ready) => {
                    ready?;
                    self.attempt(&mut call)
                }
                Err(_) => call(),
            };
            match sent {
                Err(full) if is_full(&full) => {}
                sent => return sent,
            }
        }
    }

    async fn writable(self) -> io::Result<()> {
        match self {
            Self::Tcp(tcp) => tcp.writable().await,
            Self::Unix(unix) => unix.writable().await,
        }
    }
}

/// Returns whether there was no room.
///
/// The kernel's word for that is `EAGAIN`.
pub(crate) fn is_full(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

/// The error by which [`crate::message::End::of`] knows a stall.
fn late(TooSlow: TooSlow) -> io::Error {
    io::ErrorKind::TimedOut.into()
}

/// The time between two attempts to send where nobody says that there is room: short enough to see
/// that a slow client lives, and nothing beside what a connection costs anyway.
pub(crate) const LOOK_INTERVAL: Duration = Duration::from_secs(2);
