//! The things that the services of a thread have in common: the operator's choices as they were
//! seen last, and where it is told what became of requests.
//!
//! It is also the thread's door (`Admission`): connections are counted by address here, before
//! anything is read from them.

use std::{
    cell::{Cell, RefCell},
    net::IpAddr,
    rc::Rc,
    sync::Arc,
};

use http::{HeaderValue, header};
use methodical_methods::{method::Method, table};
use methodical_semantics::condition::Condition;
use methodical_wire::{
    admission::Admission,
    bad_head::BadHead,
    limits::Limits,
    message::{Answer, Asked, Call, Channel, End},
    peer::Peer,
};
use rustls::ServerConfig;
use tokio::sync::watch;

use crate::{
    observe::access_log::Entry,
    observe::metrics,
    reloadable::{ConnectionPermit, Reloadable, Shared},
    request::answer::{self, HSTS},
    request::forwarded,
    request::proxies,
    request::routed::Routed,
    services::ticket::Ticket,
    settings::LogFormat,
};

/// The things that the services of a thread have in common.
#[derive(Debug)]
pub(crate) struct Desk {
    /// The things that all threads share.
    pub(crate) shared: Arc<Shared>,
    /// The news of settings, and the settings that were seen last. A request keeps those that it
    /// began with.
    seen: RefCell<(watch::Receiver<Arc<Reloadable>>, Rc<Seen>)>,
    /// Room for the words of requests.
    words: RefCell<Vec<String>>,
    /// True if the time for what runs is over.
    is_over: Cell<bool>,
}

/// The operator's choices as a thread saw them last.
#[derive(Debug)]
pub(crate) struct Seen {
    /// All choices.
    pub(crate) live: Arc<Reloadable>,
    /// Those of them that protocols ask for.
    pub(crate) limits: Rc<Limits>,
}

impl Seen {
    /// The choices, with the limits taken out once for all requests.
    fn of(live: Arc<Reloadable>) -> Rc<Self> {
        let limits = Rc::new(live.settings.limits.wire.clone());
        Rc::new(Self { live, limits })
    }

    /// The field that there will always be TLS, where it is said.
    pub(crate) fn hsts(&self, channel: &Channel) -> Option<HeaderValue> {
        (self.live.settings.hsts && channel.sealed).then_some(HSTS)
    }

    /// An answer with it.
    pub(crate) fn sealed(&self, mut answer: Answer, channel: &Channel) -> Answer {
        if let Some(hsts) = self.hsts(channel) {
            answer.fields.insert(header::STRICT_TRANSPORT_SECURITY, hsts);
        }
        answer
    }
}

impl Desk {
    /// That of a thread.
    pub(crate) fn new(shared: &Arc<Shared>) -> Rc<Self> {
        let mut told = shared.live.clone();
        let live = Arc::clone(&told.borrow_and_update());
        Rc::new(Self {
            shared: Arc::clone(shared),
            seen: RefCell::new((told, Seen::of(live))),
            words: RefCell::default(),
            is_over: Cell::new(false),
        })
    }

    /// Looks whether the choices changed, and gives the limits.
    pub(crate) fn limits(&self) -> Rc<Limits> {
        let (told, seen) = &mut *self.seen.borrow_mut();
        if told.has_changed().unwrap_or(false) {
            *seen = Seen::of(Arc::clone(&told.borrow_and_update()));
        }
        Rc::clone(&seen.limits)
    }

    /// The choices as they were seen last.
    pub(crate) fn seen(&self) -> Rc<Seen> {
        Rc::clone(&self.seen.borrow().1)
    }

    /// Returns whether a request of HTTP/1 may ask to go on as HTTP/2. What a proxy passes on,
    /// perhaps unaware, would make a tunnel past the proxy's rules, in which anybody may say what
    /// only the proxy should.
    pub(crate) fn upgrades(&self, channel: &Channel) -> bool {
        let live = &self.seen.borrow().1.live;
        live.settings.h2c_upgrade
            && !proxies::trusts(&live.settings.trusted_proxies, channel.direct)
    }

    /// A request as it is for the server: a trusted proxy tells who made it. With it what is owed
    /// from now on.
    pub(crate) fn receive(self: &Rc<Self>, mut call: Call, seen: &Seen) -> (Routed, Ticket) {
        let live = &*seen.live;
        let caller = forwarded::origin(
            call.channel.caller,
            &mut call.fields,
            &live.settings.trusted_proxies,
        );
        let ticket = Ticket::open((self, seen), caller, &call.asked());
        let passed_on = (call.channel.direct, live);
        let policy = forwarded::policy(passed_on, &call.fields);
        let by_gateway = forwarded::is_by_gateway(passed_on);
        let row = table::find(&call.method);
        (Routed { row, call, caller, by_gateway, policy }, ticket)
    }

    /// The answer to what is no request, as far as it was understood; what is owed for it.
    pub(crate) fn malformed(
        self: &Rc<Self>,
        channel: &Channel,
        call: Option<&Call>,
        bad: BadHead,
    ) -> (Answer, Ticket) {
        let seen = self.seen();
        let mut answer = answer::of_bad_message(bad.0, bad.1);
        let mut ticket = match call {
            Some(call) => {
                let lines = call.asked().lines;
                let caller =
                    forwarded::of_lines(channel.caller, lines, &seen.live.settings.trusted_proxies);
                Ticket::open((self, &seen), caller, &call.asked())
            }
            None => Ticket::open((self, &seen), channel.caller, &Asked::nothing()),
        };
        if call.and_then(|call| table::find(&call.method)).is_some_and(Method::omits_content) {
            answer = answer.without_content();
        }
        ticket.status = answer.status.as_u16();
        (seen.sealed(answer, channel), ticket)
    }

    /// Tells of a request that came to its end.
    pub(crate) fn tell(&self, format: LogFormat, entry: &Entry<'_>) {
        metrics::answered(entry);
        if !entry.is_sign_of_life() {
            self.shared.log.add(format, entry);
        }
    }

    /// Returns how an answer ended of which nothing was heard any more.
    pub(crate) fn broken_off(&self) -> End {
        if self.is_over.get() { End::Stopped } else { End::Aborted }
    }

    /// Empty room for the words of a request.
    pub(crate) fn room(&self) -> String {
        self.words.borrow_mut().pop().unwrap_or_default()
    }

    /// Gives such room back.
    pub(crate) fn put_back(&self, mut room: String) {
        let mut words = self.words.borrow_mut();
        if words.len() < ROOMS_MAX && room.capacity() <= ROOM_BYTES_MAX {
            room.clear();
            words.push(room);
        }
    }
}

impl Admission for Desk {
    type Permit = ConnectionPermit;

    fn admit(&self, from: Option<IpAddr>) -> Option<ConnectionPermit> {
        self.shared.permit(from)
    }

    fn accepted(&self) {
        metrics::accepted();
    }

    fn overloaded(&self) -> Answer {
        let detail = "The server has as many connections as it takes, or as one address may have; \
                      try again in a moment.";
        answer::of_bad_message(Condition::Overloaded, detail)
    }

    fn limits(&self) -> Rc<Limits> {
        Self::limits(self)
    }

    fn introduces(&self, peer: Peer) -> bool {
        let live = self.shared.live();
        live.settings.proxy_protocol && proxies::trusts(&live.settings.trusted_proxies, peer)
    }

    fn tls(&self) -> Option<Arc<ServerConfig>> {
        self.shared.keeper.as_ref().map(|keeper| Arc::clone(&keeper.config))
    }

    fn over(&self) {
        self.is_over.set(true);
    }
}

/// Rooms for the words of requests that are kept for the next ones: as many as come together.
const ROOMS_MAX: usize = 64;

/// Octets of a room that is kept.
const ROOM_BYTES_MAX: usize = 2 * 1024;
