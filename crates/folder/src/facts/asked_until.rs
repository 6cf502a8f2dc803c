//! Until when the ids of resources were asked for.

use std::{
    collections::BTreeSet,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    timestamp::Timestamp,
};
use rustix::time::ClockId;

use crate::bytes::identity::clock;

/// Until when ids were asked for, in seconds since 1970.
#[derive(Debug)]
pub(crate) struct AskedUntil {
    /// The moment by which whatever was there may have told its id: for those who write.
    pub(super) by: AtomicI64,
    /// Until then nobody who asks need wait for those who write.
    pub(super) settled: AtomicI64,
    /// The part of that which the ledger knows.
    kept: AtomicI64,
    /// The commits that are being made, by number, and the number of the next.
    commits: Mutex<(BTreeSet<u64>, u64)>,
    /// One of them ended.
    ended: Condvar,
}

/// A commit that is being made: it knows of all who asked for ids before it began.
#[derive(Debug)]
pub(crate) struct Committing<'a> {
    asked: &'a AskedUntil,
    number: u64,
}

impl Default for AskedUntil {
    fn default() -> Self {
        let never = || AtomicI64::new(i64::MIN);
        let (commits, ended) = (Mutex::default(), Condvar::new());
        Self { by: never(), settled: never(), kept: never(), commits, ended }
    }
}

impl AskedUntil {
    /// Begins with what the ledger knows.
    pub(crate) fn load(&self, by: Option<Timestamp>) {
        let by = by.map_or(i64::MIN, Timestamp::seconds);
        self.by.fetch_max(by, Ordering::AcqRel);
        self.kept.store(by, Ordering::Release);
    }

    /// The moment that the ledger does not know yet.
    pub(crate) fn unkept(&self) -> Option<Timestamp> {
        let by = self.by.load(Ordering::Acquire);
        (by > self.kept.load(Ordering::Acquire)).then(|| Timestamp::new(by, 0))
    }

    /// The ledger knows of this moment.
    pub(crate) fn keep(&self, by: Timestamp) {
        self.kept.store(by.seconds(), Ordering::Release);
    }

    /// Until when ids were asked for by now.
    pub(crate) fn by(&self) -> i64 {
        self.by.load(Ordering::Acquire)
    }

    /// A commit begins. What it does not know yet of who asked for ids, it has to find out after
    /// this.
    pub(crate) fn committing(&self) -> Committing<'_> {
        let mut commits = self.commits();
        let number = commits.1;
        commits.1 += 1;
        commits.0.insert(number);
        Committing { asked: self, number }
    }

    /// Waits for the commits that began by now. Those that begin later are not waited for, and wait
    /// for nobody.
    pub(super) fn wait_for_commits(&self) -> Result<()> {
        let commits = self.commits();
        let before = commits.1;
        let runs = |commits: &mut (BTreeSet<u64>, u64)| commits.0.range(..before).next().is_some();
        let waited = self.ended.wait_timeout_while(commits, COMMIT_WAIT_MAX, runs);
        if waited.is_ok_and(|(_, waited)| !waited.timed_out()) {
            return Ok(());
        }
        let detail = "Others have been writing for too long for an id to last; try again.";
        Err(Error::refused(Condition::Overloaded, detail))
    }

    fn commits(&self) -> MutexGuard<'_, (BTreeSet<u64>, u64)> {
        // It is changed in single steps only.
        self.commits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether the id of something that was made at a moment may have been told.
    pub(super) fn may_have_told(&self, born: Timestamp) -> bool {
        let by = self.by.load(Ordering::Acquire);
        // What seems to be made later than now was made when the clock was ahead.
        by > i64::MIN && (born.seconds() <= by || born > clock(ClockId::RealtimeCoarse))
    }
}

impl Drop for Committing<'_> {
    fn drop(&mut self) {
        self.asked.commits().0.remove(&self.number);
        self.asked.ended.notify_all();
    }
}

/// The time that who asks for ids waits for commits that began before and do not know of it: each
/// takes some renames and syncs.
const COMMIT_WAIT_MAX: Duration = Duration::from_secs(1);
