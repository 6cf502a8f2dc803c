//! The numbers of one thread, and sums of them.
//!
//! Every number is an atomic of its own that only its thread adds to as a rule, so counting is one
//! uncontended instruction without order; whoever reads adds the threads up and may see a request
//! in one number and not yet in another.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use methodical_methods::{METHODS, table};

use super::codes;
use crate::observe::access_log::Entry;
use methodical_wire::message::End;

/// The numbers of one thread.
#[derive(Debug)]
pub(super) struct Shard {
    /// By method, and by code within.
    requests: Box<[AtomicU64]>,
    /// By how the answer ended.
    ends: Box<[AtomicU64]>,
    /// By method, and by [`BOUNDS`] within.
    durations: Box<[AtomicU64]>,
    /// By method.
    nanoseconds: Box<[AtomicU64]>,
    /// Octets of answers' content.
    sent: AtomicU64,
    /// Octets of requests' content.
    received: AtomicU64,
    /// Connections.
    accepted: AtomicU64,
    /// Requests of this thread that are under way.
    in_flight: AtomicI64,
    /// Uploads that began.
    uploads: AtomicU64,
    /// Uploads that are under way; they may end on another thread.
    uploading: AtomicI64,
}

/// The numbers of all threads together.
#[derive(Debug)]
pub(super) struct Sums {
    /// By method, and by code within.
    requests: Vec<u64>,
    /// By how the answer ended.
    ends: Vec<u64>,
    /// By method, and by [`BOUNDS`] within.
    durations: Vec<u64>,
    /// By method.
    nanoseconds: Vec<u64>,
    /// Octets of answers' content.
    pub(super) sent: u64,
    /// Octets of requests' content.
    pub(super) received: u64,
    /// Connections.
    pub(super) accepted: u64,
    /// Requests under way.
    pub(super) in_flight: i64,
    /// Uploads that began.
    pub(super) uploads: u64,
    /// Uploads under way.
    pub(super) uploading: i64,
}

/// A request under way.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<Shard>);

/// Content that is being staged.
#[derive(Debug)]
pub(crate) struct Upload(Arc<Shard>);

impl Default for Shard {
    fn default() -> Self {
        let zeros = |length: usize| (0..length).map(|_| AtomicU64::new(0)).collect();
        Self {
            requests: zeros(ROWS * codes::SLOTS),
            ends: zeros(End::ALL.len()),
            durations: zeros(ROWS * BUCKETS),
            nanoseconds: zeros(ROWS),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            in_flight: AtomicI64::new(0),
            uploads: AtomicU64::new(0),
            uploading: AtomicI64::new(0),
        }
    }
}

impl Shard {
    /// Counts a request that came to its end.
    pub(super) fn answered(&self, entry: &Entry<'_>) {
        let row = table::position(entry.method).unwrap_or(METHODS.len());
        let elapsed = entry.since.elapsed();
        let nanoseconds = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.partition_point(|(bound, _)| *bound < nanoseconds);
        for (numbers, at, more) in [
            (&self.requests, row * codes::SLOTS + codes::slot(entry.status), 1),
            (&self.ends, entry.end as usize, 1),
            (&self.durations, row * BUCKETS + bucket, 1),
            (&self.nanoseconds, row, nanoseconds),
        ] {
            if let Some(number) = numbers.get(at) {
                add(number, more);
            }
        }
        add(&self.sent, entry.octets);
    }

    /// Counts octets of content that came in.
    pub(super) fn received(&self, octets: u64) {
        add(&self.received, octets);
    }

    /// Counts a connection that was let in.
    pub(super) fn accepted(&self) {
        add(&self.accepted, 1);
    }
}

/// Only its own thread adds to a number of these, so that nobody else's addition is lost between
/// the reading and the writing.
fn add(number: &AtomicU64, more: u64) {
    number.store(number.load(Ordering::Relaxed).wrapping_add(more), Ordering::Relaxed);
}

impl InFlight {
    /// One more in the numbers of a thread.
    pub(super) fn of(shard: &Arc<Shard>) -> Self {
        shard.in_flight.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(shard))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Upload {
    /// One more in the numbers of a thread.
    pub(super) fn of(shard: &Arc<Shard>) -> Self {
        add(&shard.uploads, 1);
        shard.uploading.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(shard))
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        // Where content is staged this is another thread than the one that began it.
        self.0.uploading.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            requests: vec![0; ROWS * codes::SLOTS],
            ends: vec![0; End::ALL.len()],
            durations: vec![0; ROWS * BUCKETS],
            nanoseconds: vec![0; ROWS],
            sent: 0,
            received: 0,
            accepted: 0,
            in_flight: 0,
            uploads: 0,
            uploading: 0,
        }
    }
}

impl Sums {
    /// Adds the numbers of one thread.
    pub(super) fn add(&mut self, shard: &Shard) {
        let get = |number: &AtomicU64| number.load(Ordering::Relaxed);
        for (sums, numbers) in [
            (&mut self.requests, &shard.requests),
            (&mut self.ends, &shard.ends),
            (&mut self.durations, &shard.durations),
            (&mut self.nanoseconds, &shard.nanoseconds),
        ] {
            for (sum, number) in sums.iter_mut().zip(numbers) {
                *sum = sum.wrapping_add(get(number));
            }
        }
        self.sent += get(&shard.sent);
        self.received += get(&shard.received);
        self.accepted += get(&shard.accepted);
        self.in_flight += shard.in_flight.load(Ordering::Relaxed);
        self.uploads += get(&shard.uploads);
        self.uploading += shard.uploading.load(Ordering::Relaxed);
    }

    /// Method, code and number of all requests that there were.
    pub(super) fn requests(&self) -> impl Iterator<Item = (&'static str, String, u64)> {
        let numbers = self.requests.iter().enumerate().filter(|(_, number)| **number > 0);
        numbers.map(|(at, number)| {
            (method(at / codes::SLOTS), codes::label(at % codes::SLOTS), *number)
        })
    }

    /// Returns how many answers ended so that all of them was not sent, by how they did.
    pub(super) fn unfinished(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let ends = End::ALL.into_iter().zip(&self.ends);
        let unfinished = ends.filter(|(end, _)| *end != End::Complete);
        unfinished.map(|(end, number)| (end.name(), *number))
    }

    /// Returns how many requests were answered with a code.
    pub(super) fn with_code(&self, code: u16) -> u64 {
        self.requests.iter().skip(codes::slot(code)).step_by(codes::SLOTS).sum()
    }

    /// The methods that were used, with the seconds of all their requests, and how many requests
    /// took at most how many seconds, but more than those before.
    pub(super) fn durations(&self) -> impl Iterator<Item = (&'static str, f64, Vec<(f64, u64)>)> {
        let by_method = self.durations.chunks(BUCKETS).zip(&self.nanoseconds).enumerate();
        let used = by_method.filter(|(_, (numbers, _))| numbers.iter().any(|number| *number > 0));
        used.map(|(row, (numbers, nanoseconds))| {
            let bounds = BOUNDS.iter().map(|(_, seconds)| *seconds).chain([f64::INFINITY]);
            let buckets = bounds.zip(numbers.iter().copied()).collect();
            #[expect(clippy::cast_precision_loss, reason = "a sum of times is no exact number")]
            let seconds = *nanoseconds as f64 / 1e9;
            (method(row), seconds, buckets)
        })
    }
}

/// The label of a row: registered names and `other` only, whatever clients make up.
fn method(row: usize) -> &'static str {
    METHODS.get(row).map_or("other", |method| method.name)
}

/// The methods of the table, and behind them whatever is none.
const ROWS: usize = METHODS.len() + 1;

/// The bounds of durations, in nanoseconds and in seconds: from an answer out of memory to an
/// upload.
const BOUNDS: [(u64, f64); 13] = [
    (50_000, 0.000_05),
    (100_000, 0.000_1),
    (250_000, 0.000_25),
    (500_000, 0.000_5),
    (1_000_000, 0.001),
    (2_500_000, 0.002_5),
    (5_000_000, 0.005),
    (10_000_000, 0.01),
    (50_000_000, 0.05),
    (250_000_000, 0.25),
    (1_000_000_000, 1.0),
    (10_000_000_000, 10.0),
    (60_000_000_000, 60.0),
];

/// The bounds, and one bucket beyond the last.
const BUCKETS: usize = BOUNDS.len() + 1;
