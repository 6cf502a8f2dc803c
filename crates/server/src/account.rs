//! The account of one request, from its head to the end of its answer.

use std::{fmt, io, rc::Rc, time::Instant};

use http::{HeaderMap, HeaderName, header};

use crate::{
    access_log::{End, Entry, user},
    caller::Caller,
    config::LogFormat,
    live::Live,
    metrics::{self, InFlight},
    pace::Pace,
    pipeline::Asker,
    worker::Worker,
};

/// The account of one request. Dropped, it writes its line: however an answer ends, or if there
/// never is one, the log and the numbers tell.
pub(crate) struct Account {
    worker: Rc<Worker>,
    format: LogFormat,
    told: Told,
    /// Who made it, once that is known, and what it has open.
    pub(crate) asker: Asker,
    since: Instant,
    status: u16,
    /// How far the answer has come.
    pub(crate) pace: Pace,
    end: Option<End>,
    is_open: bool,
    _in_flight: InFlight,
}

/// What is kept of a head for the log, once the rest went to the method.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) caller: Caller,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) protocol: &'static str,
    pub(crate) referer: String,
    pub(crate) user_agent: String,
}

impl Told {
    /// What there is where there is no head.
    pub(crate) fn nothing(caller: Caller) -> Self {
        let [method, target, referer, user_agent] = [const { String::new() }; 4];
        Self { caller, method, target, protocol: "HTTP/1.1", referer, user_agent }
    }

    /// What is kept of a head, and of who sent it.
    pub(crate) fn of(
        caller: Caller,
        (method, target): (&str, &str),
        protocol: &'static str,
        fields: &HeaderMap,
    ) -> Self {
        let field = |name: HeaderName| {
            let value = fields.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or("-").to_owned()
        };
        Self {
            caller,
            method: method.to_owned(),
            target: target.to_owned(),
            protocol,
            referer: field(header::REFERER),
            user_agent: field(header::USER_AGENT),
        }
    }
}

impl Account {
    /// Opens the account of a request that began then.
    pub(crate) fn open(worker: &Rc<Worker>, live: &Live, told: Told, since: Instant) -> Self {
        Self {
            worker: Rc::clone(worker),
            format: live.log_format,
            told,
            asker: Asker::default(),
            since,
            status: 0,
            pace: live.limits.sending(),
            end: None,
            is_open: true,
            _in_flight: metrics::in_flight(),
        }
    }

    /// Notes that the answer begins.
    pub(crate) fn begins(&mut self, status: u16) {
        self.status = status;
    }

    /// Notes how the answer ended.
    pub(crate) fn ended(&mut self, end: End) {
        self.end = Some(end);
    }

    /// The same by what came of sending it.
    pub(crate) fn sent<T>(&mut self, sent: &io::Result<T>) {
        self.ended(sent.as_ref().map_or_else(End::of, |_| End::Complete));
    }

    /// Leaves it to somebody else to tell of the request.
    pub(crate) fn hand_over(mut self) {
        self.is_open = false;
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        let entry = Entry {
            caller: self.told.caller,
            user: user(self.asker.who.get().map(|who| &**who)),
            method: &self.told.method,
            target: &self.told.target,
            protocol: self.told.protocol,
            status: self.status,
            octets: self.pace.content(),
            end: self.end.unwrap_or_else(|| self.worker.broken_off()),
            since: self.since,
            referer: &self.told.referer,
            user_agent: &self.told.user_agent,
            through: None,
        };
        self.worker.tell(self.format, &entry);
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Account").field("told", &self.told).finish_non_exhaustive()
    }
}
