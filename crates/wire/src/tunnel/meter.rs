//! The account of a tunnel: what goes through, until when it may, and the ticket on which that is
//! told.
//!
//! A tunnel is the one answer without an end of its own, so each has three: a quiet time, a time in
//! all, and octets in all. The counters are plain cells, as both ways run on one thread.

use std::{
    any::Any,
    cell::Cell,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{net::TcpStream, sync::watch, time::sleep_until};

use crate::{
    message,
    service::{Carried, Ticket},
};

/// The bounds of a tunnel in time and octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Time without one octet in either direction.
    pub idle: Duration,
    /// Time since it was asked for.
    pub total: Duration,
    /// Octets, both directions together.
    pub octets_max: u64,
}

/// A tunnel that was dialled, of which the client has not heard yet.
#[derive(Debug)]
pub struct Tunnel {
    /// The connection to the host.
    far: TcpStream,
    /// The limits of this one.
    bounds: Bounds,
    /// The moment when it was asked for, from which its time counts.
    since: Instant,
    /// The permit, and whatever else is given back when the tunnel ends.
    keep: Box<dyn Any>,
}

/// A tunnel that is owed to the log.
#[derive(Debug)]
pub(crate) struct Opened<T: Ticket> {
    /// The connection to the host.
    pub(super) far: TcpStream,
    /// Its account, which tells at the end.
    pub(super) account: Account<T>,
    /// Given back when the tunnel ends.
    _keep: Box<dyn Any>,
}

/// The account of one tunnel. Dropped, it tells: however a tunnel ends, the log says so.
#[derive(Debug)]
pub(super) struct Account<T: Ticket> {
    /// The limits of it.
    bounds: Bounds,
    /// The moment when it was asked for.
    since: Instant,
    /// Turns true when the server was told to stop.
    stopping: watch::Receiver<bool>,
    /// The counters.
    pub(super) meter: Meter,
    /// The end, as far as it is known.
    end: Cell<End>,
    /// Taken when it is told, which happens once.
    ticket: Option<T>,
}

impl Tunnel {
    /// A tunnel to a host, within bounds since it was asked for.
    pub fn new(far: TcpStream, (bounds, since): (Bounds, Instant), keep: Box<dyn Any>) -> Self {
        Self { far, bounds, since, keep }
    }

    /// Returns where the host was found.
    pub fn address(&self) -> Option<SocketAddr> {
        self.far.peer_addr().ok()
    }

    /// The same on a server that runs until it is told to stop, to be told of by its ticket.
    pub(crate) fn owed_for<T: Ticket>(
        self,
        ticket: T,
        stopping: watch::Receiver<bool>,
    ) -> Opened<T> {
        let Self { far, bounds, since, keep } = self;
        let meter = Meter {
            up: Cell::new(0),
            down: Cell::new(0),
            last: Cell::new(Instant::now()),
            octets_max: bounds.octets_max,
        };
        // Whoever drops it without a word is told to stop.
        let (end, ticket) = (Cell::new(End::Stopped), Some(ticket));
        let account = Account { bounds, since, stopping, meter, end, ticket };
        Opened { far, account, _keep: keep }
    }
}

/// Octets that went through, and when the last ones did.
#[derive(Debug)]
pub(super) struct Meter {
    /// Octets from the client to the host.
    up: Cell<u64>,
    /// Octets from the host to the client.
    down: Cell<u64>,
    /// The moment when octets came last, on either way.
    last: Cell<Instant>,
    /// Octets that may go through, both ways together.
    octets_max: u64,
}

/// One of the two ways through a tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From the client to the host.
    Up,
    /// From the host to the client.
    Down,
}

/// The state of one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// More may come.
    Open,
    /// Nothing more comes; the other side is to be told.
    Ending,
    /// It was told.
    Done,
}

/// The end of a tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Both sides have said all that they had to.
    Closed,
    /// The client broke off.
    ClientGone,
    /// The host broke off.
    HostGone,
    /// Nothing went through for too long.
    Idle,
    /// It was open for as long as it may be.
    Time,
    /// As much went through as may.
    Octets,
    /// The server stops.
    Stopped,
}

impl<T: Ticket> Account<T> {
    /// Notes how it ended.
    pub(super) fn ended(&self, end: End) {
        self.end.set(end);
    }

    /// Waits until the tunnel has to end, though both sides would go on. A server that was told to
    /// stop lets those finish that are not quiet.
    pub(super) async fn end(&self) -> End {
        let mut stopping = self.stopping.clone();
        loop {
            let stops = *stopping.borrow();
            let quiet = if stops { STOP_QUIET.min(self.bounds.idle) } else { self.bounds.idle };
            let (idle, time) = (self.meter.last.get() + quiet, self.since + self.bounds.total);
            let now = Instant::now();
            if now >= time {
                return End::Time;
            }
            if now >= idle {
                return if stops { End::Stopped } else { End::Idle };
            }
            tokio::select! {
                () = sleep_until(idle.min(time).into()) => {}
                () = turned(&mut stopping), if !stops => {}
            }
        }
    }
}

impl<T: Ticket> Drop for Account<T> {
    fn drop(&mut self) {
        let (up, down, end) = (self.meter.up.get(), self.meter.down.get(), self.end.get());
        if let Some(ticket) = self.ticket.take() {
            ticket.carried(Carried { up, down, name: end.name(), end: end.of_answer() });
        }
    }
}

impl Meter {
    /// Counts octets that arrived on one side.
    pub(super) fn count(&self, way: Way, octets: usize) {
        let counter = match way {
            Way::Up => &self.up,
            Way::Down => &self.down,
        };
        counter.set(counter.get().saturating_add(octets as u64));
        self.last.set(Instant::now());
    }

    /// Returns how many octets may still be taken.
    pub(super) fn left(&self) -> u64 {
        self.octets_max.saturating_sub(self.up.get()).saturating_sub(self.down.get())
    }
}

impl End {
    /// Returns what it is as the end of an answer.
    const fn of_answer(self) -> message::End {
        match self {
            Self::Closed => message::End::Complete,
            Self::ClientGone => message::End::Aborted,
            Self::HostGone => message::End::Failed,
            Self::Idle | Self::Time => message::End::TimedOut,
            Self::Octets | Self::Stopped => message::End::Stopped,
        }
    }

    /// The word for it in the log.
    const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::ClientGone => "client gone",
            Self::HostGone => "host gone",
            Self::Idle => "idle",
            Self::Time => "time is up",
            Self::Octets => "bytes are up",
            Self::Stopped => "stopped",
        }
    }
}

/// Waits until the server is told to stop; for ever if it never is.
async fn turned(stopping: &mut watch::Receiver<bool>) {
    if stopping.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The time for which a tunnel may be quiet once the server was told to stop.
const STOP_QUIET: Duration = Duration::from_secs(1);
