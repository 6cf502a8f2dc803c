//! A run of prepared answers: for requests that came together, gathered and sent together.

use std::{cell::RefCell, rc::Rc};

use methodical_content::FileSlice;

use crate::{
    message::End,
    pace::Pace,
    service::{Given, Service, Site, Ticket},
};

/// A run of prepared answers. Dropped, it tells of each as far as it was sent.
pub(super) struct Run<S: Service> {
    site: Rc<Site<S>>,
    /// Octets of the requests.
    pub(super) used: usize,
    /// Whether the connection ends behind them.
    pub(super) close: bool,
    /// The content of the last one, where it is a file that is still to be sent.
    pub(super) file: Option<FileSlice>,
    pub(super) pace: Pace,
    pub(super) end: Option<End>,
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

    /// How what is still to be read comes to the pool.
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
    /// Where every connection of the thread reads first, so that idle ones hold no buffer.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Octets read at once from a connection that was idle.
const SCRATCH_BYTES: usize = 64 * 1024;
