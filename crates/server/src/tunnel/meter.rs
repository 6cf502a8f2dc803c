//! What goes through a tunnel, until when it may, and the line that is written about it.

use std::{cell::Cell, net::SocketAddr, sync::Arc, time::Instant};

use methodical_semantics::authority::Authority;
use tokio::{sync::watch, time::sleep_until};

use crate::{
    access_log::{self, Entry, Through},
    caller::Caller,
    config::LogFormat,
    limits::TunnelLimits,
    live::{Live, Shared},
    metrics::{self, InFlight},
};

/// The account of one tunnel. Dropped, it writes its line: however a tunnel ends, the log tells.
#[derive(Debug)]
pub(crate) struct Account {
    shared: Arc<Shared>,
    format: LogFormat,
    limits: TunnelLimits,
    method: &'static str,
    protocol: &'static str,
    caller: Caller,
    user: Option<String>,
    to: String,
    address: Option<SocketAddr>,
    since: Instant,
    pub(super) meter: Meter,
    end: Cell<End>,
    _in_flight: InFlight,
}

/// Octets that went through, and when the last ones did.
#[derive(Debug)]
pub(super) struct Meter {
    up: Cell<u64>,
    down: Cell<u64>,
    last: Cell<Instant>,
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

/// How far one way has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// More may come.
    Open,
    /// Nothing more comes; the other side is to be told.
    Ending,
    /// It was told.
    Done,
}

/// How a tunnel ended.
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

impl Account {
    /// Opens the account of a tunnel that was dialled.
    pub(super) fn begin(
        shared: &Arc<Shared>,
        live: &Live,
        (caller, user): (Caller, Option<String>),
        (method, to): (&'static str, &Authority),
        (since, address): (Instant, Option<SocketAddr>),
    ) -> Self {
        let limits = live.limits.tunnel.clone();
        let meter = Meter {
            up: Cell::new(0),
            down: Cell::new(0),
            last: Cell::new(Instant::now()),
            octets_max: limits.octets_max,
        };
        Self {
            shared: Arc::clone(shared),
            format: live.log_format,
            limits,
            method,
            protocol: "HTTP/1.1",
            caller,
            user,
            to: to.to_string(),
            address,
            since,
            meter,
            // Whoever drops it without a word is told to stop.
            end: Cell::new(End::Stopped),
            _in_flight: metrics::in_flight(),
        }
    }

    /// Notes which protocol carries the tunnel, if it is not HTTP/1.1.
    pub(super) fn is_over(&mut self, protocol: &'static str) {
        self.protocol = protocol;
    }

    /// Notes how it ended.
    pub(super) fn ended(&self, end: End) {
        self.end.set(end);
    }

    /// Waits until the tunnel has to end, though both sides would go on. A server that was told to
    /// stop lets those finish that are not quiet.
    pub(super) async fn end(&self) -> End {
        let mut stopping = self.shared.stopping.clone();
        loop {
            let stops = *stopping.borrow();
            let quiet = if stops { STOP_QUIET.min(self.limits.idle) } else { self.limits.idle };
            let (idle, time) = (self.meter.last.get() + quiet, self.since + self.limits.total);
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

impl Drop for Account {
    fn drop(&mut self) {
        let (up, down, end) = (self.meter.up.get(), self.meter.down.get(), self.end.get());
        let entry = Entry {
            caller: self.caller,
            user: self.user.as_deref(),
            method: self.method,
            target: &self.to,
            protocol: self.protocol,
            status: 200,
            octets: down,
            end: end.of_answer(),
            since: self.since,
            referer: "-",
            user_agent: "-",
            through: Some(Through { address: self.address, up, down, end: end.name() }),
        };
        metrics::answered(&entry);
        self.shared.log.add(self.format, &entry);
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

    /// How many octets may still be taken.
    pub(super) fn left(&self) -> u64 {
        self.octets_max.saturating_sub(self.up.get()).saturating_sub(self.down.get())
    }
}

impl End {
    /// What it is as the end of an answer.
    const fn of_answer(self) -> access_log::End {
        match self {
            Self::Closed => access_log::End::Complete,
            Self::ClientGone => access_log::End::Aborted,
            Self::HostGone => access_log::End::Failed,
            Self::Idle | Self::Time => access_log::End::TimedOut,
            Self::Octets | Self::Stopped => access_log::End::Stopped,
        }
    }

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

/// How long a tunnel may be quiet once the server was told to stop.
const STOP_QUIET: std::time::Duration = std::time::Duration::from_secs(1);
