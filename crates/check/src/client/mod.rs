//! The client: its own, because it must be able to send wrong bytes and to see every 1xx.
//!
//! It blocks; each wait is bounded and ends early when the examination is interrupted.
//!
//! Its promises to whoever runs a server: no more requests a second than were permitted, no more
//! than [`Settings::requests_max`] altogether, and no going on with a server that leaves request
//! after request unanswered. The removal of what was made is exempt from the last two, within
//! bounds of its own. It keeps one connection for requests in a row, retries once on a new one
//! where the server ended the kept one, and follows no redirects: that is for probes to look at.

mod connection;
mod reading;
mod tls;
mod trouble;

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use connection::Limits;
pub(crate) use connection::{Connection, Next};
use tls::Tls;
pub(crate) use tls::Version;
pub use trouble::Trouble;
use trouble::UNANSWERED_MAX;

use crate::message::{Answer, Fields, Request};
use crate::url::Url;

/// The manners of the client towards the server.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `name:password` for the Basic scheme.
    /// Sent with every request but those made anonymous.
    pub user: Option<String>,
    /// Field lines for every request.
    pub fields: Vec<(String, String)>,
    /// True if certificates go unchecked. Signatures in the handshake are still checked.
    pub insecure: bool,
    /// Requests a second at most; nothing is as fast as it goes.
    pub rate: Option<u32>,
    /// Requests at most, over the whole examination.
    /// Beyond it nothing more is sent ([`Trouble::Spent`]), but for the removal of what was made.
    /// The default of 0 sends none.
    pub requests_max: usize,
    /// The time that an answer may take; 10 seconds if nothing is said. It holds for the head and
    /// for the content, each.
    pub answer_time: Option<Duration>,
    /// The time that the whole examination may take, but for the removal of what it made; an hour
    /// if nothing is said.
    pub time_max: Option<Duration>,
}

/// One request and what came back, for the report.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The method.
    pub method: String,
    /// The request in short.
    /// The request line and fields, without secrets; of content only its length.
    pub sent: String,
    /// The answer in short, or why there is none.
    /// The statuses of interim answers, then status and fields of the final one that are worth
    /// seeing.
    pub received: String,
    /// The answer without its content.
    /// Nothing, too, where the log is full: see the bound of it below.
    pub answer: Option<Answer>,
}

/// The client of one examination; threads may share it.
#[derive(Debug)]
pub(crate) struct Client {
    url: Url,
    /// Looked up once, so that all probes speak with the same server.
    addresses: Vec<SocketAddr>,
    /// For `https` only.
    tls: Option<Tls>,
    settings: Settings,
    /// The connection that is kept for the next request.
    idle: Mutex<Option<Connection>>,
    /// All exchanges since the examination began.
    log: Mutex<Log>,
    /// The moment from which on the next request may be sent, by the rate.
    next_at: Mutex<Instant>,
    /// The moment at which it is given up.
    ends: Mutex<Instant>,
    sent: AtomicUsize,
    /// Requests that were left without an answer.
    unanswered: AtomicUsize,
    /// The same, of raw ones too, since the last that had an answer.
    in_a_row: AtomicUsize,
    interrupted: Arc<AtomicBool>,
    /// Since when it is set, what was made is being removed.
    cleaning: AtomicBool,
}

impl Client {
    /// A client for the host of a URL.
    ///
    /// # Errors
    /// The host has no address, or there are no certificates to check against.
    pub(crate) fn new(
        url: Url,
        settings: Settings,
        interrupted: Arc<AtomicBool>,
    ) -> Result<Self, Trouble> {
        let unreachable = |cause: std::io::Error| {
            Trouble::Unreachable(format!("{} has no address: {cause}", url.host))
        };
        let addresses: Vec<SocketAddr> =
            (url.host.as_str(), url.port).to_socket_addrs().map_err(unreachable)?.collect();
        let tls = if url.tls { Some(Tls::new(settings.insecure)?) } else { None };
        let ends = Mutex::new(Instant::now() + settings.time_max.unwrap_or(TIME_MAX));
        Ok(Self {
            url,
            addresses,
            tls,
            settings,
            idle: Mutex::new(None),
            log: Mutex::default(),
            next_at: Mutex::new(Instant::now()),
            ends,
            sent: AtomicUsize::new(0),
            unanswered: AtomicUsize::new(0),
            in_a_row: AtomicUsize::new(0),
            interrupted,
            cleaning: AtomicBool::new(false),
        })
    }

    /// The URL that is examined.
    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    /// Returns whether the server is on this machine by its address.
    pub(crate) fn is_loopback(&self) -> bool {
        self.addresses.iter().all(|address| address.ip().is_loopback())
    }

    /// The time that an answer may take: its head, and then its content.
    fn answer_time(&self) -> Duration {
        self.settings.answer_time.unwrap_or(ANSWER_TIME)
    }

    /// The time that the examination may take.
    pub(crate) fn time_max(&self) -> Duration {
        self.settings.time_max.unwrap_or(TIME_MAX)
    }

    /// Returns whether that is over.
    pub(crate) fn is_overdue(&self) -> bool {
        *held(&self.ends) <= Instant::now()
    }

    /// Returns whether a login was given.
    pub(crate) const fn has_login(&self) -> bool {
        self.settings.user.is_some()
    }

    /// Requests sent so far.
    pub(crate) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// From now on an interruption or a spent budget stops nothing: what was made is removed, as
    /// long as the server answers to that, and not for ever.
    pub(crate) fn start_cleaning(&self) {
        *held(&self.ends) = Instant::now() + CLEANING_TIME_MAX;
        self.in_a_row.store(0, Ordering::Relaxed);
        self.cleaning.store(true, Ordering::Relaxed);
    }

    /// All exchanges so far, from the one of this index on.
    pub(crate) fn exchanges(&self, from: usize) -> Vec<Exchange> {
        held(&self.log).exchanges.get(from..).unwrap_or_default().to_vec()
    }

    /// The number of exchanges so far.
    pub(crate) fn exchange_count(&self) -> usize {
        held(&self.log).exchanges.len()
    }

    /// Sends a request on a kept connection or a new one and reads its answer.
    ///
    /// # Errors
    /// There is no whole answer.
    pub(crate) fn ask(&self, request: &Request) -> Result<Answer, Trouble> {
        self.pace()?;
        let bytes = request.wire(&self.fields(request.anonymous));
        let kept = held(&self.idle).take().filter(Connection::is_quiet);
        let reused = kept.is_some();
        let mut outcome = match kept {
            Some(connection) => self.exchange(connection, &bytes, &request.method),
            None => self.exchange(self.connect()?, &bytes, &request.method),
        };
        // A server may end a kept connection at any time (RFC 9112 section 9.3.1).
        if reused && matches!(outcome, Err(Trouble::Closed)) {
            outcome = self.exchange(self.connect()?, &bytes, &request.method);
        }
        self.count_silence(&outcome);
        self.note(request.method.clone(), request.brief(), &outcome);
        outcome
    }

    /// Sends a request on one connection and keeps that for the next one, where it can be.
    fn exchange(
        &self,
        mut connection: Connection,
        bytes: &[u8],
        method: &str,
    ) -> Result<Answer, Trouble> {
        // A server may answer and close before it read everything; the answer counts.
        let sent = connection.send(bytes);
        match connection.next(method, self.answer_time()) {
            Ok(Next::Answer(answer)) => {
                if sent.is_ok() && !connection.is_ending() {
                    *held(&self.idle) = Some(connection);
                }
                Ok(answer)
            }
            Ok(Next::Closed) => Err(Trouble::Closed),
            Ok(Next::Silence) => Err(Trouble::Silent(self.answer_time())),
            Err(trouble) => Err(trouble),
        }
    }

    /// A new connection.
    ///
    /// # Errors
    /// There is none to be had, or the examination is over.
    pub(crate) fn connect(&self) -> Result<Connection, Trouble> {
        self.connect_for(Version::Http1)
    }

    /// A new connection for this version: by ALPN, or in the clear by prior knowledge.
    ///
    /// # Errors
    /// There is none to be had, or the examination is over.
    pub(crate) fn connect_for(&self, version: Version) -> Result<Connection, Trouble> {
        let stop = if self.cleaning.load(Ordering::Relaxed) {
            Arc::new(AtomicBool::new(false))
        } else {
            Arc::clone(&self.interrupted)
        };
        let limits = Limits { stop, content_time: self.answer_time() };
        let tls = self.tls.as_ref().map(|tls| tls.of(version));
        Connection::open(&self.addresses, tls, &self.url.host, limits)
    }

    /// The fields that the operator gave.
    pub(crate) fn given_fields(&self) -> &[(String, String)] {
        &self.settings.fields
    }

    /// The fields that every request has.
    pub(crate) fn fields(&self, anonymous: bool) -> Fields {
        let mut fields = Fields::default();
        fields.push("Host", &self.url.authority());
        fields.push("User-Agent", USER_AGENT);
        if anonymous {
            return fields;
        }
        if let Some(user) = &self.settings.user {
            fields.push("Authorization", &format!("Basic {}", STANDARD.encode(user)));
        }
        for (name, value) in &self.settings.fields {
            fields.remove(name);
            fields.push(name, value);
        }
        fields
    }

    /// Counts a request whose answer did not come to its end, in time or within what we read.
    fn count_silence(&self, outcome: &Result<Answer, Trouble>) {
        if never_ended(outcome) {
            self.unanswered.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits for the next turn and counts it.
    ///
    /// # Errors
    /// The examination is over.
    pub(crate) fn pace(&self) -> Result<(), Trouble> {
        let cleaning = self.cleaning.load(Ordering::Relaxed);
        let in_a_row_max = if cleaning { UNREMOVED_MAX } else { UNANSWERED_MAX };
        if self.in_a_row.load(Ordering::Relaxed) >= in_a_row_max {
            return Err(Trouble::Unanswered);
        }
        if self.is_overdue() {
            return Err(Trouble::Overdue(self.time_max()));
        }
        if !cleaning {
            if self.interrupted.load(Ordering::Relaxed) {
                return Err(Trouble::Interrupted);
            }
            if self.sent() >= self.settings.requests_max {
                return Err(Trouble::Spent);
            }
            if self.unanswered.load(Ordering::Relaxed) >= UNANSWERED_MAX {
                return Err(Trouble::Unanswered);
            }
        }
        // What is not sent any more is not counted.
        self.sent.fetch_add(1, Ordering::Relaxed);
        if let Some(rate) = self.settings.rate {
            let mut next_at = held(&self.next_at);
            let now = Instant::now();
            let turn = (*next_at).max(now);
            *next_at = turn + Duration::from_secs(1) / rate.max(1);
            drop(next_at);
            thread::sleep(turn.saturating_duration_since(now));
        }
        Ok(())
    }

    /// Writes an exchange down.
    pub(crate) fn note(&self, method: String, sent: String, outcome: &Result<Answer, Trouble>) {
        if never_ended(outcome) {
            self.in_a_row.fetch_add(1, Ordering::Relaxed);
        } else {
            self.in_a_row.store(0, Ordering::Relaxed);
        }
        let received = match outcome {
            Ok(answer) => {
                let interim = answer.interim.iter().map(|head| format!("{}\n", head.status));
                format!("{}{}", interim.collect::<String>(), answer.head.brief())
            }
            Err(trouble) => trouble.to_string(),
        };
        let answer = outcome.as_ref().ok().map(|answer| Answer {
            interim: answer.interim.clone(),
            head: answer.head.clone(),
            content: Vec::new(),
            framing: answer.framing,
        });
        self.write_down(Exchange { method, sent, received, answer });
    }

    /// Writes down what was seen otherwise than by asking, or is to be seen again.
    pub(crate) fn write_down(&self, exchange: Exchange) {
        held(&self.log).push(exchange);
    }
}

/// All exchanges, the first of them with all that was in them.
/// The bound keeps a server that answers with large heads from filling the memory of the examiner.
#[derive(Debug, Default)]
struct Log {
    exchanges: Vec<Exchange>,
    /// Octets of the exchanges that were kept whole.
    octets: usize,
}

impl Log {
    /// Keeps an exchange; in short where there is no room for the whole.
    fn push(&mut self, mut exchange: Exchange) {
        let heads = exchange
            .answer
            .iter()
            .flat_map(|answer| answer.interim.iter().chain(std::iter::once(&answer.head)));
        let fields = heads.flat_map(|head| head.fields.iter());
        let in_fields: usize = fields.map(|(name, value)| name.len() + value.len()).sum();
        let octets = in_fields + exchange.sent.len() + exchange.received.len();
        if octets > SHORT_BYTES && self.octets + octets > LOG_BYTES_MAX {
            exchange.answer = None;
            exchange.sent = shortened(&exchange.sent);
            exchange.received = shortened(&exchange.received);
        } else {
            self.octets += octets;
        }
        self.exchanges.push(exchange);
    }
}

/// The first 256 characters.
fn shortened(text: &str) -> String {
    text.chars().take(SHORT_BYTES / 8).collect()
}

/// Returns whether an answer did not come to its end, in time or within what we read.
fn never_ended(outcome: &Result<Answer, Trouble>) -> bool {
    matches!(outcome, Err(Trouble::Silent(_) | Trouble::TooLarge(_)))
}

/// A thread that panicked while it held the lock left nothing half done.
/// So a poisoned lock is taken as any other.
pub(crate) fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The longest time from a request to the end of its answer's head, and of its content, if the
/// operator says nothing.
const ANSWER_TIME: Duration = Duration::from_secs(10);

/// The longest time of an examination: a full one of a server far away takes some ten minutes, one
/// of a server that answers each request just in time would take half a day.
const TIME_MAX: Duration = Duration::from_hours(1);

/// The longest time of the removal of what was made.
const CLEANING_TIME_MAX: Duration = Duration::from_mins(5);
/// Requests without an answer in a row while what was made is removed: what is left behind is told.
const UNREMOVED_MAX: usize = 3;
/// Octets of exchanges that are kept with all that was in them (8 MiB): some kilobytes of each of
/// two thousand. A report holds them a second time.
const LOG_BYTES_MAX: usize = 8 << 20;
/// Octets of an exchange that is kept whatever was kept before.
const SHORT_BYTES: usize = 2048;
/// Operators find the examination in their logs by it.
const USER_AGENT: &str = concat!("methodical-check/", env!("CARGO_PKG_VERSION"));
