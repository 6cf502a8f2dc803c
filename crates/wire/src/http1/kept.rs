//! A run of prepared answers: for requests that came together, gathered and sent together.
//!
//! The log tells of each answer how much of it was sent. The answers of a run go out by one call,
//! so each notes where in the run its content stands, and the octets that went out tell afterwards
//! which were whole.

use std::{cell::RefCell, rc::Rc};

use methodical_content::FileSlice;

use crate::{
    message::End,
    pace::Pace,
    service::{Given, Service, Site, Ticket},
};

/// A run of prepared answers. Dropped, it tells of each as far as it was sent.
pub(super) struct Run<S: Service> {
    /// The service, and where tickets are kept between runs.
    site: Rc<Site<S>>,
    /// Octets of the requests.
    pub(super) used: usize,
    /// True if the connection ends behind them.
    pub(super) close: bool,
    /// The content of the last one, where it is a file that is still to be sent.
    pub(super) file: Option<FileSlice>,
    /// The patience with the sending; it counts what went out.
    pub(super) pace: Pace,
    /// The end of the answers that were not sent in whole.
    pub(super) end: Option<End>,
    /// The answers, in the order of their requests.
    pub(super) given: Vec<Given<S::Ticket>>,
}

impl<S: Service> Run<S> {
    /// A run of which nothing is there yet.
    pub(super) fn begin(site: &Rc<Site<S>>, pace: Pace) -> Self {
        Self {
            site: Rc::clone(site),
            used: 0,
            close: false,
            file: None,
            pace,
            end: None,
            given: site.tickets.take(),
        }
    }

    /// Takes down an answer, of which so many octets are content; so many of the run are there
    /// behind it.
    pub(super) fn add(
        &mut self,
        ticket: S::Ticket,
        file: Option<FileSlice>,
        (octets, behind): (u64, usize),
    ) {
        let joined = if file.is_some() { 0 } else { octets };
        let before = (behind as u64).saturating_sub(joined);
        self.given.push(Given { ticket, octets, before });
        self.file = file;
    }

    /// Returns how what is still to be read comes to the pool.
    pub(super) fn lane(&self) -> Option<<S::Ticket as Ticket>::Lane> {
        self.given.last().map(|last| last.ticket.lane())
    }
}

/// Notes that answers are not sent at once: they are under way then.
pub(super) fn wait<T: Ticket>(given: &mut [Given<T>]) {
    if let Some(last) = given.last_mut() {
        last.ticket.waits();
    }
}

impl<S: Service> Drop for Run<S> {
    fn drop(&mut self) {
        let went = self.pace.content();
        for Given { ticket, octets, before } in self.given.drain(..) {
            let whole = went >= before + octets;
            let end = if whole { Some(End::Complete) } else { self.end };
            ticket.sent(went.saturating_sub(before).min(octets), end);
        }
        self.site.tickets.replace(std::mem::take(&mut self.given));
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
    /// The room into which every connection of the thread reads first, so that idle ones hold no
    /// buffer.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Octets read at once from a connection that was idle.
const SCRATCH_BYTES: usize = 64 * 1024;
