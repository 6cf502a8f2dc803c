//! Path guards: writers whose footprints conflict take turns, all others run side by side.
//!
//! A writer draws a ticket and stands in a queue with its footprint. It may go when nobody with an
//! earlier ticket whose footprint conflicts is still present, waiting or at work. So writers on one
//! path go in the order in which they came, a writer on a tree is not starved by a stream of
//! writers below it, and nobody waits for a stranger. A writer asks once for all that it touches,
//! so that no two can wait for each other.
//!
//! ```
//! use methodical_semantics::{footprint::{Footprint, Touch}, path::Path};
//! use methodical_store::guard::Guards;
//! let of = |text| Footprint(vec![Touch::content(&Path::decode(text).unwrap().0)]);
//! let guards = Guards::new();
//! let held = guards.acquire(of("/a")).unwrap();
//! assert!(guards.try_acquire(of("/a")).is_none());
//! assert!(guards.try_acquire(of("/b")).is_some());
//! drop(held);
//! assert!(guards.try_acquire(of("/a")).is_some());
//! ```

use std::{
    collections::BTreeMap,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::Footprint,
};

/// The queue of all who write, or wait to.
#[derive(Debug)]
pub struct Guards {
    queue: Mutex<Queue>,
    released: Condvar,
    wait_max: Duration,
}

#[derive(Debug, Default)]
struct Queue {
    next: u64,
    present: BTreeMap<u64, Footprint>,
    waiting: usize,
}

/// The right to write within a footprint. Dropped, the next in turn may go.
#[derive(Debug)]
pub struct Held<'g> {
    guards: &'g Guards,
    ticket: u64,
}

impl Guards {
    /// An empty queue whose writers wait up to [`GUARD_WAIT_MAX`].
    pub fn new() -> Self {
        Self::waiting_up_to(GUARD_WAIT_MAX)
    }

    /// An empty queue whose writers wait up to the given time.
    pub fn waiting_up_to(wait_max: Duration) -> Self {
        Self { queue: Mutex::default(), released: Condvar::new(), wait_max }
    }

    /// Waits until no earlier writer's footprint conflicts.
    ///
    /// # Errors
    /// [`Condition::Overloaded`] when the wait exceeds the limit.
    pub fn acquire(&self, footprint: Footprint) -> Result<Held<'_>> {
        let mut queue = self.queue();
        let ticket = queue.join(footprint);
        if queue.may_go(ticket) {
            return Ok(Held { guards: self, ticket });
        }
        // From here on, leaving the queue on whatever way is dropping this.
        let held = Held { guards: self, ticket };
        let until = Instant::now() + self.wait_max;
        queue.waiting += 1;
        while !queue.may_go(ticket) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                queue.waiting -= 1;
                drop(queue);
                drop(held);
                return Err(Error::refused(
                    Condition::Overloaded,
                    "Others have been changing this for too long; try again in a moment.",
                ));
            }
            let waited = self.released.wait_timeout(queue, left);
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        queue.waiting -= 1;
        drop(queue);
        Ok(held)
    }

    /// The guard, if it can be had without waiting.
    pub fn try_acquire(&self, footprint: Footprint) -> Option<Held<'_>> {
        let mut queue = self.queue();
        let ticket = queue.join(footprint);
        if queue.may_go(ticket) {
            return Some(Held { guards: self, ticket });
        }
        queue.present.remove(&ticket);
        None
    }

    /// Whether a writer with this footprint would not have to wait, were it here now.
    pub fn is_free(&self, footprint: &Footprint) -> bool {
        !self.queue().present.values().any(|present| present.conflicts(footprint))
    }

    /// How many writers wait at this moment.
    pub fn waiting(&self) -> usize {
        self.queue().waiting
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // A writer that panicked left the queue whole: it is changed in single steps only.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Guards {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut queue = self.guards.queue();
        queue.present.remove(&self.ticket);
        if queue.waiting > 0 {
            self.guards.released.notify_all();
        }
    }
}

impl Queue {
    fn join(&mut self, footprint: Footprint) -> u64 {
        let ticket = self.next;
        self.next += 1;
        self.present.insert(ticket, footprint);
        ticket
    }

    fn may_go(&self, ticket: u64) -> bool {
        let Some(wanted) = self.present.get(&ticket) else { return true };
        !self.present.range(..ticket).any(|(_, earlier)| earlier.conflicts(wanted))
    }
}

/// How long a writer waits for those before it. Content is received before, so that only the work
/// on the disk is waited for; a copy of a large tree is the longest of it.
pub const GUARD_WAIT_MAX: Duration = Duration::from_secs(30);
