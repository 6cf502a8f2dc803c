//! The ticket: what is owed for one request, from its head to the end of its answer: the only place
//! where the log and the numbers are told of it, whatever protocol and service it was.
//!
//! It counts and logs when it is dropped, so there is no way through the server, not even a panic
//! or an aborted task, on which a request leaves no line. Words of the head are copied into one
//! string that the desk lends and takes back, so that a request under way allocates nothing for its
//! line.

use methodical_wire::{
    message::{Asked, End, Lines, Protocol},
    peer::Peer,
    service::{self, Carried},
};
use std::{net::SocketAddr, rc::Rc, time::Instant};

use crate::{
    observe::access_log::{Entry, Through, user},
    observe::metrics::{self, InFlight},
    pool::lane::Lane,
    request::routed::Asker,
    services::desk::{Desk, Seen},
    settings::LogFormat,
};

/// The ticket of one request: what is owed for it. Dropped, it writes its line: however an answer
/// ends, or if there never is one, the log and the numbers tell.
#[derive(Debug)]
pub(crate) struct Ticket {
    /// The place where it is told.
    desk: Rc<Desk>,
    /// The format of its line.
    format: LogFormat,
    /// The client, as trusted proxies tell.
    caller: Peer,
    /// The protocol that it came by.
    protocol: Protocol,
    /// The words of its head.
    words: Words,
    /// The moment when its head came.
    since: Instant,
    /// The one who made it, once that is known, and what it has open.
    pub(crate) asker: Asker,
    /// 0 until there is an answer.
    pub(crate) status: u16,
    /// The address to which its tunnel leads, if it has one.
    towards: Option<SocketAddr>,
    /// Counts it as under way; an answer that goes out at once is never counted so.
    in_flight: Option<InFlight>,
    /// Octets of content that were sent.
    octets: u64,
    /// The end, once it is known.
    end: Option<End>,
    /// The octets and the end of a tunnel, where it was one.
    carried: Option<Carried>,
}

/// The words of a head that the log tells, one behind the other: the method, the target, the page
/// that led here, and the client's program.
#[derive(Debug, Default)]
struct Words {
    /// All words, without anything between.
    text: String,
    /// The places where all but the last end.
    ends: [usize; 3],
}

impl Words {
    /// The page and the program are looked for only where the format tells them.
    fn of<'h, L: Lines<'h>>(mut text: String, asked: &Asked<'h, L>, format: LogFormat) -> Self {
        text.push_str(asked.method);
        let method = text.len();
        text.push_str(asked.target);
        let target = text.len();
        let tells = matches!(format, LogFormat::Json | LogFormat::Combined);
        let field = |name: &str| {
            let mut lines = asked.lines.each().filter(|_| tells);
            lines.find(|line| line.0.eq_ignore_ascii_case(name)).map_or("-", |line| shown(line.1))
        };
        text.push_str(field("referer"));
        let referer = text.len();
        text.push_str(field("user-agent"));
        Self { text, ends: [method, target, referer] }
    }

    /// The nth of them.
    fn word(&self, at: usize) -> &str {
        let from = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied();
        let to = self.ends.get(at).copied().unwrap_or(self.text.len());
        self.text.get(from.unwrap_or(0)..to).unwrap_or_default()
    }
}

/// A value as the log tells it: nothing of what is no text.
fn shown(value: &[u8]) -> &str {
    let is_text = value.iter().all(|octet| matches!(octet, b'\t' | b' '..=b'~'));
    std::str::from_utf8(value).ok().filter(|_| is_text).unwrap_or("-")
}

impl Ticket {
    /// That of a request without content that is answered at once, with this status.
    pub(crate) fn at_once<'h, L: Lines<'h>>(
        (desk, seen): (&Rc<Desk>, &Seen),
        caller: Peer,
        asked: &Asked<'h, L>,
        status: u16,
    ) -> Self {
        let format = seen.live.settings.log_format;
        Self {
            desk: Rc::clone(desk),
            format,
            caller,
            protocol: asked.protocol,
            words: Words::of(desk.room(), asked, format),
            since: asked.since,
            asker: Asker::default(),
            status,
            towards: None,
            in_flight: None,
            octets: 0,
            end: None,
            carried: None,
        }
    }

    /// That of a request that is under way from now on.
    pub(crate) fn open<'h, L: Lines<'h>>(
        at: (&Rc<Desk>, &Seen),
        caller: Peer,
        asked: &Asked<'h, L>,
    ) -> Self {
        let in_flight = Some(metrics::in_flight());
        let mut ticket = Self::at_once(at, caller, asked, 0);
        ticket.in_flight = in_flight;
        ticket
    }

    /// Makes it that of a tunnel to a host, which was found at an address.
    pub(crate) fn leads_to(&mut self, host: &str, address: Option<SocketAddr>) {
        self.towards = address;
        self.status = TUNNEL;
        let method = self.words.ends.first().copied().unwrap_or_default();
        let text = &mut self.words.text;
        text.truncate(method);
        text.push_str(host);
        let target = text.len();
        text.push_str("--");
        self.words.ends = [method, target, target + 1];
    }
}

impl service::Ticket for Ticket {
    type Lane = Lane;

    fn lane(&self) -> Lane {
        self.asker.lane()
    }

    fn waits(&mut self) {
        self.in_flight.get_or_insert_with(metrics::in_flight);
    }

    fn sent(mut self, octets: u64, end: Option<End>) {
        (self.octets, self.end) = (octets, end);
    }

    fn carried(mut self, carried: Carried) {
        self.carried = Some(carried);
        (self.octets, self.end) = (carried.down, Some(carried.end));
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let entry = Entry {
            caller: self.caller,
            user: user(self.asker.who.get().map(|who| &**who)),
            method: self.words.word(0),
            target: self.words.word(1),
            protocol: self.protocol.name(),
            status: self.status,
            octets: self.octets,
            end: self.end.unwrap_or_else(|| self.desk.broken_off()),
            since: self.since,
            referer: self.words.word(2),
            user_agent: self.words.word(3),
            through: self.carried.map(|Carried { up, down, name, .. }| Through {
                address: self.towards,
                up,
                down,
                end: name,
            }),
        };
        self.desk.tell(self.format, &entry);
        self.desk.put_back(std::mem::take(&mut self.words.text));
    }
}

/// The status of the answer behind which a tunnel begins (RFC 9110 section 9.3.6).
const TUNNEL: u16 = 200;
