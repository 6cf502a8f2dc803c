//! The signals by which a server is told to stop, or to read its configuration again.
//!
//! The handlers only wake the first thread; all that is done for a signal is done there. A program
//! that embeds the server gives a future instead, and keeps its signals.

use std::{io, pin::Pin};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The orders that a server gets while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// To stop, by such an order.
    Stop(By),
    /// To read the configuration again.
    Reread,
}

/// The one that says that a server shall stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// SIGINT, which a terminal sends for Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// The program that the server is a part of.
    Program,
}

impl By {
    /// Returns what ends it at once.
    pub(crate) const fn again(self) -> &'static str {
        match self {
            Self::Interrupt => "; Ctrl-C again ends it",
            Self::Terminate => "; SIGTERM or Ctrl-C again ends it",
            Self::Program => "",
        }
    }
}

/// The one that gives orders.
pub(crate) trait Orders {
    /// Waits for the next order.
    async fn next(&mut self) -> Order;
}

/// The signals of the process: SIGTERM and SIGINT stop, SIGHUP re-reads.
#[derive(Debug)]
pub(crate) struct Signals {
    /// SIGTERM, as service managers send it.
    terminate: Signal,
    /// SIGINT, as Ctrl-C sends it.
    interrupt: Signal,
    /// SIGHUP, to read the configuration again.
    hang_up: Signal,
}

impl Signals {
    /// Listens to the signals, inside of a runtime.
    ///
    /// # Errors
    /// An error when the system does not let us.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }
}

impl Orders for Signals {
    async fn next(&mut self) -> Order {
        tokio::select! {
            _ = self.terminate.recv() => Order::Stop(By::Terminate),
            _ = self.interrupt.recv() => Order::Stop(By::Interrupt),
            _ = self.hang_up.recv() => Order::Reread,
        }
    }
}

/// A future that is ready when the server shall stop; no other order comes.
pub(crate) struct Until<F>(pub(crate) Option<Pin<Box<F>>>);

impl<F: Future<Output = ()>> Orders for Until<F> {
    async fn next(&mut self) -> Order {
        match &mut self.0 {
            Some(stop) => stop.as_mut().await,
            None => std::future::pending().await,
        }
        self.0 = None;
        Order::Stop(By::Program)
    }
}
