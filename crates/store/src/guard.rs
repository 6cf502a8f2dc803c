//! Path guards: writers whose footprints conflict take turns, all others run side by side.
//!
//! A writer draws a ticket and stands in a queue with its footprint. It may go when nobody with an
//! earlier ticket whose footprint conflicts is still present, waiting or at work. So writers on one
//! path go in the order in which they came, a writer on a tree is not starved by a stream of
//! writers below it, and nobody waits for a stranger. A writer asks once for all that it touches,
//! so that no two can wait for each other.
//!
//! Waiting takes no thread: a [`Turn`] is a future. Who has a thread to spare may block on it.
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
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::{Duration, Instant},
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::Footprint,
};

/// The queue of all who write, or wait to.
#[derive(Debug, Clone)]
pub struct Guards {
    queue: Arc<Mutex<Queue>>,
    wait_max: Duration,
}

#[derive(Debug, Default)]
struct Queue {
    next: u64,
    present: BTreeMap<u64, Present>,
    waiting: usize,
}

/// A writer that is present.
#[derive(Debug)]
struct Present {
    footprint: Arc<Footprint>,
    /// The first before it with which it conflicts; nothing for one that may go.
    behind: Option<u64>,
    /// The one who is told when it may go.
    waker: Option<Waker>,
}

/// The right to write within a footprint. Dropped, the next in turn may go.
#[derive(Debug)]
pub struct Held {
    queue: Arc<Mutex<Queue>>,
    ticket: u64,
    footprint: Arc<Footprint>,
}

/// A place in the queue. Awaited, it becomes the right to write; dropped, it leaves the queue.
#[derive(Debug)]
#[must_use = "dropped, it leaves the queue"]
pub struct Turn(Option<Held>);

/// The outcome of asking for a guard.
#[derive(Debug)]
pub enum Asked {
    /// It is had.
    Held(Held),
    /// Others are before.
    Waits(Turn),
}

impl Guards {
    /// An empty queue whose writers wait up to [`GUARD_WAIT_MAX`].
    pub fn new() -> Self {
        Self::waiting_up_to(GUARD_WAIT_MAX)
    }

    /// An empty queue whose writers wait up to the given time.
    pub fn waiting_up_to(wait_max: Duration) -> Self {
        Self { queue: Arc::default(), wait_max }
    }

    /// Stands in the queue; has the guard at once where no earlier writer's footprint conflicts.
    ///
    /// # Errors
    /// [`Condition::Overloaded`] where [`WAITING_MAX`] wait already.
    pub fn ask(&self, footprint: Footprint) -> Result<Asked> {
        let footprint = Arc::new(footprint);
        let (ticket, waits) = {
            let mut queue = lock(&self.queue);
            let behind = queue.first_in_the_way(&footprint, 0, queue.next);
            if behind.is_some() && queue.waiting >= WAITING_MAX {
                return Err(too_long());
            }
            (queue.join(&footprint, behind), behind.is_some())
        };
        let held = Held { queue: Arc::clone(&self.queue), ticket, footprint };
        Ok(if waits { Asked::Waits(Turn(Some(held))) } else { Asked::Held(held) })
    }

    /// Waits on this thread until no earlier writer's footprint conflicts.
    ///
    /// # Errors
    /// [`Condition::Overloaded`] when the wait exceeds the limit, or too many wait.
    pub fn acquire(&self, footprint: Footprint) -> Result<Held> {
        match self.ask(footprint)? {
            Asked::Held(held) => Ok(held),
            Asked::Waits(turn) => turn.wait(self.wait_max),
        }
    }

    /// The guard, if it can be had without waiting.
    pub fn try_acquire(&self, footprint: Footprint) -> Option<Held> {
        let footprint = Arc::new(footprint);
        let mut queue = lock(&self.queue);
        if queue.first_in_the_way(&footprint, 0, queue.next).is_some() {
            return None;
        }
        let ticket = queue.join(&footprint, None);
        Some(Held { queue: Arc::clone(&self.queue), ticket, footprint })
    }

    /// Returns whether a guard is one of these, and for this footprint.
    pub fn guard(&self, held: &Held, footprint: &Footprint) -> bool {
        Arc::ptr_eq(&self.queue, &held.queue) && *held.footprint == *footprint
    }

    /// Returns whether a writer with this footprint would not have to wait, were it here now.
    pub fn is_free(&self, footprint: &Footprint) -> bool {
        let queue = lock(&self.queue);
        queue.first_in_the_way(footprint, 0, queue.next).is_none()
    }

    /// Returns how many writers wait at this moment.
    pub fn waiting(&self) -> usize {
        lock(&self.queue).waiting
    }
}

impl Default for Guards {
    fn default() -> Self {
        Self::new()
    }
}

impl Turn {
    /// Waits on this thread.
    ///
    /// # Errors
    /// [`Condition::Overloaded`] when the wait exceeds the time; the queue was left then.
    pub fn wait(mut self, most: Duration) -> Result<Held> {
        let until = Instant::now() + most;
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(held) = Pin::new(&mut self).poll(&mut context) {
                return Ok(held);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(too_long());
            }
            thread::park_timeout(left);
        }
    }
}

impl Future for Turn {
    type Output = Held;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Held> {
        let waits = self.0.as_ref().is_some_and(|held| {
            let mut queue = lock(&held.queue);
            let present = queue.present.get_mut(&held.ticket);
            let waits = present.filter(|present| present.behind.is_some());
            waits.map(|present| present.waker = Some(context.waker().clone())).is_some()
        });
        match self.0.take_if(|_| !waits) {
            Some(held) => Poll::Ready(held),
            None => Poll::Pending,
        }
    }
}

/// Wakes a thread that blocks.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let next = lock(&self.queue).leave(self.ticket);
        next.into_iter().for_each(Waker::wake);
    }
}

impl Queue {
    /// The first writer among the tickets of a range with which a footprint conflicts.
    fn first_in_the_way(&self, footprint: &Footprint, from: u64, to: u64) -> Option<u64> {
        let mut before = self.present.range(from..to);
        before.find(|(_, its)| its.footprint.conflicts(footprint)).map(|(ticket, _)| *ticket)
    }

    fn join(&mut self, footprint: &Arc<Footprint>, behind: Option<u64>) -> u64 {
        let ticket = self.next;
        self.next += 1;
        self.waiting += usize::from(behind.is_some());
        let footprint = Arc::clone(footprint);
        self.present.insert(ticket, Present { footprint, behind, waker: None });
        ticket
    }

    /// Takes a writer out, and gives those to be woken that may go now. Each looks on from where it
    /// was, so that it looks at every other once at the most, however long it waits.
    fn leave(&mut self, ticket: u64) -> Vec<Waker> {
        let Some(left) = self.present.remove(&ticket) else { return Vec::new() };
        self.waiting -= usize::from(left.behind.is_some());
        if self.waiting == 0 {
            return Vec::new();
        }
        let was_behind = |(its, present): (&u64, &Present)| {
            (present.behind == Some(ticket)).then(|| (*its, Arc::clone(&present.footprint)))
        };
        let behind: Vec<_> = self.present.range(ticket..).filter_map(was_behind).collect();
        let mut next = Vec::new();
        for (its, footprint) in behind {
            let now = self.first_in_the_way(&footprint, ticket, its);
            let Some(present) = self.present.get_mut(&its) else { continue };
            present.behind = now;
            if now.is_none() {
                self.waiting -= 1;
                next.extend(present.waker.take());
            }
        }
        next
    }
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    // A writer that panicked left the queue whole: it is changed in single steps only.
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The refusal of who has waited, or would wait, too long for others.
pub fn too_long() -> Error {
    Error::refused(
        Condition::Overloaded,
        "Others have been changing this for too long; try again in a moment.",
    )
}

/// The time that a writer waits for those before it. Content is received before, so that only the
/// work on the disk is waited for; a copy of a large tree is the longest of it.
pub const GUARD_WAIT_MAX: Duration = Duration::from_secs(30);

/// Writers that wait at one time: each holds its request, and is compared with those before it.
pub const WAITING_MAX: usize = 4096;
