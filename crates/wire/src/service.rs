//! All that a protocol knows of the server, and all that it is held to.
//!
//! A protocol reads requests and sends answers; what is answered, who may ask and what is told of
//! it is the service's. A service is one of a thread.
//!
//! There are three implementations in the server (a folder, the admin listener, the redirect to
//! TLS). A service may be neither `Send` nor locked: it never leaves its thread.

use std::{cell::RefCell, fmt::Debug, io, rc::Rc};

use tokio::sync::watch;

use crate::{
    bad_head::BadHead,
    incoming::Incoming,
    limits::Limits,
    message::{Answer, Asked, Call, Channel, End, Lines},
    pace::Pace,
    pool::Lane,
    prepared::Out,
    tunnel::meter::Tunnel,
};

/// The one that answers requests, on one thread.
pub trait Service: Debug + 'static {
    /// The ticket: what is owed to the log for an answer.
    type Ticket: Ticket;

    /// True if connections without TLS may turn out to be HTTP/2.
    const TAKES_HTTP2: bool;

    /// The limits as they are now. A protocol asks before each request; what it asks of the service
    /// behind that is judged by the choices of this moment.
    fn limits(&self) -> Rc<Limits>;

    /// Returns whether a request of HTTP/1 may ask to go on as HTTP/2.
    fn upgrades(&self, channel: &Channel) -> bool;

    /// Gives an answer that is there at once, if there is one. Whether the connection goes on is
    /// the protocol's affair: fields about that decide nothing here.
    fn ready<'h, L: Lines<'h>>(
        &self,
        asked: &Asked<'h, L>,
        channel: &Channel,
        out: &mut impl Out,
    ) -> Option<Self::Ticket>;

    /// Carries a request out.
    fn call(
        &self,
        call: Call,
        incoming: &mut Incoming<'_>,
    ) -> impl Future<Output = (Outcome, Self::Ticket)>;

    /// The answer to what is no request, as far as it was understood.
    fn malformed(
        &self,
        channel: &Channel,
        call: Option<&Call>,
        bad: BadHead,
    ) -> (Answer, Self::Ticket);

    /// Lets go of what is not needed any more. Called now and then.
    fn tidy(&self) {}
}

/// The outcome of a request.
#[derive(Debug)]
pub enum Outcome {
    /// An answer to send.
    Answered(Answer),
    /// A tunnel, which the client is to be told of.
    Tunnel(Box<Tunnel>),
    /// The client went away before there was one.
    Aborted,
}

/// The ticket of one answer: what is owed for it to the log and the numbers. Dropped without a
/// word, it tells of one that was broken off.
pub trait Ticket: Debug + 'static {
    /// The way of what is still to be read.
    type Lane: Lane;

    /// Returns how what is still to be read for the answer comes to the pool.
    fn lane(&self) -> Self::Lane;

    /// Notes that the answer is not sent at once.
    fn waits(&mut self);

    /// Tells that the answer ended, with so many octets of its content sent; where nobody knows
    /// how, it was broken off.
    fn sent(self, octets: u64, end: Option<End>);

    /// The same of a tunnel.
    fn carried(self, carried: Carried);
}

/// The octets that went through a tunnel, and its end.
#[derive(Debug, Clone, Copy)]
pub struct Carried {
    /// Octets from the client to the host.
    pub up: u64,
    /// Octets from the host to the client.
    pub down: u64,
    /// The word for its end, of those that tunnels have.
    pub name: &'static str,
    /// The same as the end of an answer.
    pub end: End,
}

/// A service, and what the connections to it share with all others of the thread.
#[derive(Debug)]
pub(crate) struct Site<S: Service> {
    /// The one that answers.
    pub(crate) service: S,
    /// Turns true when the server was told to stop.
    pub(crate) stopping: watch::Receiver<bool>,
    /// The room in which a run of answers takes down its tickets; kept between runs, so that none
    /// allocates.
    pub(crate) tickets: RefCell<Vec<Given<S::Ticket>>>,
}

/// One of the answers of a run.
#[derive(Debug)]
pub(crate) struct Given<T> {
    /// To be told how far its answer came.
    pub(crate) ticket: T,
    /// Octets of its content.
    pub(crate) octets: u64,
    /// Octets of the run before those.
    pub(crate) before: u64,
}

impl<S: Service> Site<S> {
    /// A service on a thread of a server that runs until it is told to stop.
    pub(crate) fn new(service: S, stopping: watch::Receiver<bool>) -> Rc<Self> {
        Rc::new(Self { service, stopping, tickets: RefCell::default() })
    }

    /// Returns whether the server was told to stop.
    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }
}

/// The ticket of an answer on its way. Dropped, it is told how far that came: however an answer
/// ends, the log and the numbers tell.
pub(crate) struct Owed<T: Ticket> {
    /// Taken when it is told, which happens once.
    ticket: Option<T>,
    /// The patience with its client, which knows how far it has come.
    pub(crate) pace: Pace,
    /// The way of what is still to be read to the pool.
    pub(crate) lane: T::Lane,
    /// The end, once it is known; nothing is an answer that was broken off.
    end: Option<End>,
}

impl<T: Ticket> Owed<T> {
    /// The ticket of an answer that is about to be sent.
    pub(crate) fn of(ticket: T, pace: Pace) -> Self {
        let lane = ticket.lane();
        Self { ticket: Some(ticket), pace, lane, end: None }
    }

    /// Notes how the answer ended, by what came of sending it.
    pub(crate) fn sent<R>(&mut self, sent: &io::Result<R>) {
        self.end = Some(sent.as_ref().map_or_else(End::of, |_| End::Complete));
    }
}

impl<T: Ticket> Drop for Owed<T> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            ticket.sent(self.pace.content(), self.end);
        }
    }
}
