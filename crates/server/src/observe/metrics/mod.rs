//! The numbers of what the server has done and does. Each thread counts for itself, without waiting
//! for any other; whoever asks adds them up.

mod codes;
mod plain;
mod shard;
pub(crate) mod text;

use std::{cell::RefCell, sync::Arc};

use methodical_semantics::timestamp::Timestamp;

use crate::{clock, observe::access_log::Entry};
pub(crate) use shard::{InFlight, Upload};
use shard::{Shard, Sums};

/// The numbers of all threads.
#[derive(Debug)]
pub(crate) struct Metrics {
    /// The numbers of each thread.
    shards: Box<[Arc<Shard>]>,
    /// The moment when the server began to serve.
    started: Timestamp,
}

impl Metrics {
    /// Zeros for so many threads.
    pub(crate) fn of(threads: usize) -> Self {
        let shards = (0..threads).map(|_| Arc::default()).collect();
        Self { shards, started: clock::now() }
    }

    /// Makes this thread count as the nth; one beyond them counts for nobody.
    pub(crate) fn count_as(&self, index: usize) {
        let shard = self.shards.get(index).map(Arc::clone).unwrap_or_default();
        HERE.with_borrow_mut(|here| *here = shard);
    }

    /// Requests under way.
    pub(crate) fn in_flight(&self) -> i64 {
        self.sums().in_flight
    }

    /// Adds the threads up. Numbers may move meanwhile: a sum is exact only of what had ended
    /// before.
    fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        self.shards.iter().for_each(|shard| sums.add(shard));
        sums
    }
}

/// Counts a request that came to its end.
pub(crate) fn answered(entry: &Entry<'_>) {
    HERE.with_borrow(|here| here.answered(entry));
}

/// Counts octets of content that came in.
pub(crate) fn received(octets: usize) {
    HERE.with_borrow(|here| here.received(octets as u64));
}

/// Counts a connection that was let in.
pub(crate) fn accepted() {
    HERE.with_borrow(|here| here.accepted());
}

/// Counts a request as under way until the answer is dropped.
pub(crate) fn in_flight() -> InFlight {
    HERE.with_borrow(InFlight::of)
}

/// Counts content as being staged until it is dropped.
pub(crate) fn upload() -> Upload {
    HERE.with_borrow(Upload::of)
}

thread_local! {
    /// The numbers of this thread.
    static HERE: RefCell<Arc<Shard>> = RefCell::default();
}
