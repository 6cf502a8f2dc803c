//! A store in memory: the model that other stores are compared with, and the ground for tests of
//! methods. It promises all that [`Store`] promises but to be there after the process ended.
//!
//! The whole state is one immutable value behind an [`Arc`]; a commit makes the next one and swaps
//! the pointer.
//!
//! ```
//! use methodical_semantics::{path::Path, timestamp::Timestamp};
//! use methodical_store::{memory::{MemoryOptions, MemoryStore}, store::Store};
//! let store = MemoryStore::new(MemoryOptions::default(), || Timestamp::new(784_111_777, 0));
//! assert!(store.snapshot().find(&Path::root()).unwrap().unwrap().is_collection());
//! ```

mod changes;
mod options;
mod snapshot;
mod staging;
mod state;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use methodical_content::staging::Staging;
use methodical_semantics::{error::Result, footprint::Footprint, path::Path, timestamp::Timestamp};

pub use self::options::MemoryOptions;
use self::{
    changes::MemoryChanges,
    snapshot::MemorySnapshot,
    staging::{MemoryStaging, no_room},
    state::State,
};
use crate::{
    guard::{Asked, Guards, Held},
    names::Shown,
    resource::Witness,
    store::{Begun, Snapshot, Store},
    sync::Log,
};

/// Resources in memory.
pub struct MemoryStore {
    options: MemoryOptions,
    clock: Clock,
    guards: Guards,
    current: Arc<Mutex<Arc<State>>>,
    log: Arc<Log>,
}

/// The mark that tells a store the moment of a commit.
pub type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;

impl MemoryStore {
    /// An empty root collection, with a clock that says when commits are made.
    pub fn new(
        options: MemoryOptions,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        let current = Arc::new(Mutex::new(Arc::new(State::new(clock()))));
        let (clock, guards, log) = (Box::new(clock), Guards::new(), Arc::default());
        Self { options, clock, guards, current, log }
    }

    fn current(&self) -> MutexGuard<'_, Arc<State>> {
        // A writer that panicked left a whole state: it is swapped in one step.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn view(&self) -> MemorySnapshot {
        let MemoryOptions { hidden, mac_junk, bytes_max, .. } = self.options;
        let bytes_max = Some(bytes_max).filter(|most| *most < u64::MAX);
        let shown = Shown { hidden, mac_junk };
        let store = (Arc::clone(&self.current), Arc::clone(&self.log));
        MemorySnapshot { state: Arc::clone(&self.current()), shown, store, bytes_max }
    }

    fn staging(&self, length: Option<u64>) -> Result<Box<dyn Staging>> {
        let room = self.options.bytes_max.saturating_sub(self.current().bytes());
        if length.is_some_and(|length| length > room) {
            return Err(no_room());
        }
        Ok(Box::new(MemoryStaging { bytes: Vec::new(), room }))
    }
}

impl Store for MemoryStore {
    fn snapshot(&self) -> Box<dyn Snapshot + '_> {
        Box::new(self.view())
    }

    fn stage(&self, _path: &Path, length: Option<u64>) -> Result<Box<dyn Staging>> {
        self.staging(length)
    }

    fn reads_fast(&self, _: &Path) -> bool {
        true
    }

    fn begin(&self, footprint: &Footprint, held: Option<Held>) -> Result<Begun<'_>> {
        let held = match held.filter(|held| self.guards.guard(held, footprint)) {
            Some(held) => held,
            None => match self.guards.ask(footprint.clone())? {
                Asked::Held(held) => held,
                Asked::Waits(turn) => return Ok(Begun::Waits(turn)),
            },
        };
        Ok(Begun::Changes(Box::new(MemoryChanges::new(self, held))))
    }

    fn unchanged(&self, _path: &Path, _witness: &Witness) -> bool {
        // This store gives no witness.
        false
    }

    fn keep_secret(&self, _: &[PathBuf]) -> Result<()> {
        // It has no files of the disk.
        Ok(())
    }

    fn sweep(&self, now: Timestamp) -> Result<()> {
        let mut current = self.current();
        let mut next = State::clone(&current);
        next.forget_older(self.options.tombstone_age_max, now);
        next.forget_expired(now);
        next.forget_left_behind();
        *current = Arc::new(next);
        Ok(())
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("MemoryStore").field("options", &self.options).finish_non_exhaustive()
    }
}
