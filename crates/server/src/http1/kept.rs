//! A run of kept answers: for requests that came together, gathered and sent together.

use std::{cell::RefCell, ops::Range, rc::Rc, time::Instant};

use methodical_content::FileSlice;

use crate::{
    access_log::{End, Entry},
    caller::Caller,
    config::LogFormat,
    hot::Served,
    live::Live,
    metrics::{self, InFlight},
    pace::Pace,
    worker::Worker,
};

/// A run of kept answers. Dropped, it tells of each as far as it was sent.
pub(super) struct Run {
    worker: Rc<Worker>,
    format: LogFormat,
    pub(super) held: Held,
    /// Whether the connection ends behind them.
    pub(super) close: bool,
    /// The content of the last one, where it is a file that is still to be sent.
    pub(super) file: Option<FileSlice>,
    pub(super) pace: Pace,
    pub(super) end: Option<End>,
    given: Vec<Given>,
}

/// What was read, of which the first are the requests.
#[derive(Default)]
pub(super) struct Held {
    pub(super) bytes: Vec<u8>,
    /// Octets of the requests.
    pub(super) used: usize,
    in_flight: Option<InFlight>,
}

/// One of the answers, and where what the log tells of its request stands in the octets read.
struct Given {
    caller: Caller,
    method: Range<usize>,
    target: Range<usize>,
    referer: Range<usize>,
    user_agent: Range<usize>,
    since: Instant,
    status: u16,
    /// Octets of its content.
    octets: u64,
    /// Octets of the run before those.
    before: u64,
}

impl Run {
    /// A run of which nothing is there yet.
    pub(super) fn begin(worker: &Rc<Worker>, live: &Live) -> Self {
        Self {
            worker: Rc::clone(worker),
            format: live.log_format,
            held: Held::default(),
            close: false,
            file: None,
            pace: live.limits.sending(),
            end: None,
            given: GIVEN.take(),
        }
    }

    /// Takes down an answer to a request among the octets read, behind which so many octets of the
    /// run are there.
    pub(super) fn add(
        &mut self,
        (bytes, request): (&[u8], &httparse::Request<'_, '_>),
        served: Served,
        (caller, since): (Caller, Instant),
        behind: usize,
    ) {
        let place = |part: &[u8]| {
            let start = part.as_ptr().addr().saturating_sub(bytes.as_ptr().addr());
            start..start + part.len()
        };
        let tells = matches!(self.format, LogFormat::Json | LogFormat::Combined);
        let field = |name: &str| {
            let lines = &mut request.headers.iter().filter(|_| tells);
            let line = lines.find(|line| line.name.eq_ignore_ascii_case(name));
            line.map_or(0..0, |line| place(line.value))
        };
        let Served { status, octets, file } = served;
        let joined = if file.is_some() { 0 } else { octets };
        self.given.push(Given {
            caller,
            method: place(request.method.unwrap_or_default().as_bytes()),
            target: place(request.path.unwrap_or_default().as_bytes()),
            referer: field("referer"),
            user_agent: field("user-agent"),
            since,
            status,
            octets,
            before: (behind as u64).saturating_sub(joined),
        });
        self.file = file;
    }

    fn tell(&self, given: &Given) {
        let text = |place: &Range<usize>| {
            let bytes = self.held.bytes.get(place.clone()).unwrap_or_default();
            std::str::from_utf8(bytes).unwrap_or("-")
        };
        let field = |place: &Range<usize>| if place.is_empty() { "-" } else { text(place) };
        let went = self.pace.content().saturating_sub(given.before);
        let whole = self.pace.content() >= given.before + given.octets;
        let end = if whole { Some(End::Complete) } else { self.end };
        let entry = Entry {
            caller: given.caller,
            // With credentials no kept answer is given.
            user: None,
            method: text(&given.method),
            target: text(&given.target),
            protocol: "HTTP/1.1",
            status: given.status,
            octets: went.min(given.octets),
            end: end.unwrap_or_else(|| self.worker.broken_off()),
            since: given.since,
            referer: field(&given.referer),
            user_agent: field(&given.user_agent),
            through: None,
        };
        self.worker.tell(self.format, &entry);
    }
}

impl Held {
    /// Notes that the answers are not sent at once: they are under way then, and hold no more than
    /// they need.
    pub(super) fn waits(&mut self) {
        self.in_flight = Some(metrics::in_flight());
        let used = self.bytes.get(..self.used).unwrap_or_default().to_vec();
        put_back(std::mem::replace(&mut self.bytes, used));
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.given.iter().for_each(|given| self.tell(given));
        self.given.clear();
        GIVEN.set(std::mem::take(&mut self.given));
        put_back(std::mem::take(&mut self.held.bytes));
    }
}

/// Room for what is read from a connection that was idle.
pub(super) fn room() -> Vec<u8> {
    let mut room = SCRATCH.take();
    room.resize(SCRATCH_BYTES, 0);
    room
}

/// Gives room back for the next one to read.
pub(super) fn put_back(room: Vec<u8>) {
    if room.len() == SCRATCH_BYTES {
        SCRATCH.set(room);
    }
}

thread_local! {
    /// Where every connection of the thread reads first, so that idle ones hold no buffer.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };

    /// Where a run takes down its answers.
    static GIVEN: RefCell<Vec<Given>> = const { RefCell::new(Vec::new()) };
}

/// Octets read at once from a connection that was idle.
const SCRATCH_BYTES: usize = 64 * 1024;
