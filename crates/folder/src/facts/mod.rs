//! Facts as they are asked for: the ledger's, mirrored in memory, so that reading touches no SQL.

pub(crate) mod asked_until;
pub(crate) mod debts;
pub(crate) mod found_again;
pub(crate) mod ids;
pub(crate) mod inodes;
pub(crate) mod ledger;
pub(crate) mod media_types;
pub(crate) mod mirror;
pub(crate) mod reconcile;
mod writing;

use std::{
    collections::BTreeSet,
    ops::Bound::{Excluded, Unbounded},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use methodical_semantics::{
    error::{Error, Result},
    lock::Locks,
    path::Path,
    rule::ordering::Side,
    timestamp::Timestamp,
};

use self::{
    asked_until::AskedUntil,
    debts::Debts,
    ledger::{Ledger, Origin},
    mirror::{Mirror, Seen},
};
use crate::state::{Rooms, is_lost};
use methodical_store::{facts::Row, properties::Properties, resource::Id, work};

/// All that is known beside what the disk shows.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    mirror: RwLock<Mirror>,
    /// Counts the changes of what is known of files: odd while one is being made.
    epoch: AtomicU64,
    writer: Mutex<Writer>,
    /// Paths at which something was found again of which another path is known.
    renamed: Mutex<BTreeSet<Path>>,
    /// Paths of which something is known and at which nothing stood at the last sweep.
    missing: Mutex<BTreeSet<Path>>,
    /// Until when ids were asked for.
    pub(crate) asked: AskedUntil,
    /// True if the ledger is yet to be told something.
    owes: AtomicBool,
    /// The number of times that the ledger was turned to.
    #[cfg(feature = "testing")]
    pub(crate) uses: AtomicU64,
}

/// The right to change facts, which one has at a time.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    open: Option<(Ledger, Arc<Rooms>)>,
    /// The ledger of a folder that is only read.
    read_only: Option<Ledger>,
    commits: i64,
    debts: Debts,
}

impl Facts {
    /// Returns what a look at what stands at a path tells; else other paths by which something is
    /// known of the same, if nothing is by this one.
    pub(crate) fn told_or_former(
        &self,
        path: &Path,
        origin: impl Fn() -> Option<Origin>,
    ) -> (Seen, Vec<Path>) {
        let mirror = self.mirror();
        let told = mirror.told(path);
        let is_known = told.media_type.is_some() || told.facts.is_some();
        let former = if is_known { Vec::new() } else { mirror.former(path, origin) };
        (told, former)
    }

    /// Returns what a look at what stands at a path tells.
    pub(crate) fn told(&self, path: &Path) -> Seen {
        self.mirror().told(path)
    }

    /// The paths by which something is known of what stands at another, if nothing is by that one.
    pub(crate) fn former(&self, path: &Path, origin: impl Fn() -> Option<Origin>) -> Vec<Path> {
        self.mirror().former(path, origin)
    }

    /// The id that is kept for a path; else those that are for what stood at other paths and is the
    /// same.
    pub(crate) fn ids(
        &self,
        path: &Path,
        origin: impl Fn() -> Option<Origin>,
    ) -> (Option<Id>, Vec<(Path, Id)>) {
        let mirror = self.mirror();
        let kept = mirror.ids.get(path).copied();
        if kept.is_some() || mirror.ids.is_empty() {
            return (kept, Vec::new());
        }
        let Some(origin) = origin() else { return (None, Vec::new()) };
        let others = mirror.origins.paths(origin);
        let others = others.filter_map(|path| Some((path.clone(), *mirror.ids.get(path)?)));
        (None, others.collect())
    }

    /// Forgets what stands at paths of which nothing else is known.
    pub(crate) fn forget_idle(&self) {
        let mut mirror = self.mirror_mut();
        let mut origins = std::mem::take(&mut mirror.origins);
        origins.retain(|path| mirror.knows(path));
        mirror.origins = origins;
    }

    /// Returns whether the ledger knows what was noticed of files and of those who asked.
    pub(crate) fn is_kept(&self) -> bool {
        self.asked.unkept().is_none() && !self.owes() && self.mirror().origins.is_kept()
    }

    /// Returns whether the ledger is yet to be told something.
    pub(crate) fn owes(&self) -> bool {
        self.owes.load(Ordering::Acquire)
    }

    /// Takes notice that what stands at a path is known by another, for the next sweep.
    pub(crate) fn see_renamed(&self, path: &Path) {
        let mut renamed = self.renamed.lock().unwrap_or_else(PoisonError::into_inner);
        if renamed.len() < RENAMED_MAX && !renamed.contains(path) {
            renamed.insert(path.clone());
        }
    }

    /// Returns what was taken notice of.
    pub(crate) fn take_renamed(&self) -> BTreeSet<Path> {
        std::mem::take(&mut *self.renamed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes notice that nothing stands at paths of which something is known.
    pub(crate) fn miss(&self, missing: BTreeSet<Path>) {
        *self.missing.lock().unwrap_or_else(PoisonError::into_inner) = missing;
    }

    /// The paths of which the last sweep took notice.
    pub(crate) fn take_missing(&self) -> BTreeSet<Path> {
        std::mem::take(&mut *self.missing.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The names of what is known and nowhere to be seen, the oldest first.
    pub(crate) fn lost(&self) -> Vec<Path> {
        let mirror = self.mirror();
        let known = mirror.types.paths().chain(mirror.described.keys()).chain(mirror.ids.keys());
        let root = Path::root();
        let known = known.chain(mirror.facts.behind(&root, usize::MAX));
        let lost: BTreeSet<&Path> = known.filter(|path| is_lost(path)).collect();
        lost.into_iter().cloned().collect()
    }

    /// Content came to stand at a path, which says what is known there from now on.
    pub(crate) fn replaced(&self, path: &Path, origin: impl Fn() -> Option<Origin>) {
        if self.mirror().knows(path) {
            self.mirror_mut().origins.replace(path, origin());
        }
    }

    /// Returns when something was deleted at a path, whatever stands there now.
    pub(crate) fn tombstone(&self, path: &Path) -> Option<Timestamp> {
        self.mirror().tombstones.get(path).map(|tombstone| tombstone.when)
    }

    /// All locks, expired ones included.
    pub(crate) fn locks(&self) -> Arc<Locks> {
        Arc::clone(&self.mirror().locks)
    }

    /// Returns whether no deletion is remembered at all.
    pub(crate) fn remembers_none(&self) -> bool {
        self.mirror().tombstones.is_empty()
    }

    /// Returns whether the resource at a path has dead properties.
    pub(crate) fn has_properties(&self, path: &Path) -> bool {
        self.mirror().described.contains_key(path)
    }

    /// The dead properties of the resource at a path, as the ledger says.
    pub(crate) fn properties(&self, path: &Path) -> Result<Properties> {
        let writer = self.writer();
        let open = writer.open.as_ref().map(|(ledger, _)| ledger);
        let ledger = open.or(writer.read_only.as_ref());
        ledger.map_or_else(|| Ok(Properties::default()), |ledger| ledger.properties(path))
    }

    /// Returns whether anything is kept by a row.
    pub(crate) fn has_any(&self, row: &Row) -> bool {
        self.mirror().facts.rows().any(|kept| kept.name == row.name)
    }

    /// A fact at a path: as the ledger says, where it is not held in memory.
    pub(crate) fn fact(&self, row: &Row, path: &Path) -> Result<Option<Vec<u8>>> {
        let held = self.mirror().facts.get(row, path).cloned();
        let Some(None) = held else { return Ok(held.flatten().map(|value| value.to_vec())) };
        if work::would_wait() {
            // For others who write to the ledger.
            return Err(Error::failed(
                "the ledger was not turned to by a thread that may not wait",
            ));
        }
        let writer = self.writer();
        let open = writer.open.as_ref().map(|(ledger, _)| ledger);
        let ledger = open.or(writer.read_only.as_ref());
        ledger.map_or(Ok(None), |ledger| ledger.fact(row, path))
    }

    /// As [`methodical_store::store::Snapshot::nearest`].
    pub(crate) fn nearest(
        &self,
        row: &Row,
        between: (&[u8], &[u8]),
        side: Side,
    ) -> Option<Vec<u8>> {
        self.mirror().facts.nearest(row, between, side).map(<[u8]>::to_vec)
    }

    /// The count of changes of what is known of files; odd while one is being made.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Looks again while what is known of files changes, so that a file and what is known of it are
    /// of one moment.
    pub(crate) fn steady<T>(&self, look: impl Fn() -> T) -> T {
        for _ in 0..STEADY_ATTEMPTS_MAX {
            let before = self.epoch();
            if before.is_multiple_of(2) {
                let found = look();
                if self.epoch() == before {
                    return found;
                }
            }
            if work::would_wait() {
                break;
            }
            std::thread::yield_now();
        }
        look()
    }

    /// Says that the disk is about to be changed together with what is known of its files.
    pub(crate) fn begin_change(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// Says that the disk and what is known agree again.
    pub(crate) fn end_change(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// The paths of resources of which something is known, behind the given one, up to so many.
    pub(crate) fn known_behind(&self, behind: &Path, max: usize) -> Vec<Path> {
        let mirror = self.mirror();
        let range = (Excluded(behind), Unbounded);
        let typed = mirror.types.behind(behind).take(max);
        let described = mirror.described.range(range).take(max).map(|(path, ())| path);
        let identified = mirror.ids.range(range).take(max).map(|(path, _)| path);
        let stated = mirror.facts.behind(behind, max);
        let known: BTreeSet<&Path> =
            typed.chain(described).chain(identified).chain(stated).collect();
        known.into_iter().take(max).cloned().collect()
    }

    /// The deletions that were made before a moment.
    pub(crate) fn deleted_before(&self, moment: Timestamp) -> Vec<Path> {
        let mirror = self.mirror();
        let old = mirror.tombstones.iter().filter(|(_, tombstone)| tombstone.when < moment);
        old.map(|(path, _)| path.clone()).collect()
    }

    pub(crate) fn mirror(&self) -> RwLockReadGuard<'_, Mirror> {
        self.mirror.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn mirror_mut(&self) -> RwLockWriteGuard<'_, Mirror> {
        self.mirror.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the right to change facts. Nobody gets at the ledger without it.
    pub(crate) fn writer(&self) -> MutexGuard<'_, Writer> {
        #[cfg(feature = "testing")]
        self.uses.fetch_add(1, Ordering::Relaxed);
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    /// A number that no commit of this process had.
    pub(crate) fn next_commit(&mut self) -> i64 {
        self.commits += 1;
        self.commits
    }

    /// Keeps the ledger of a folder that is only read.
    pub(crate) fn keep(&mut self, ledger: Ledger) {
        self.read_only = Some(ledger);
    }

    /// Takes a ledger that was opened already.
    pub(crate) fn take(&mut self, ledger: Ledger, rooms: Arc<Rooms>) {
        // Rows of an earlier process may still be there.
        self.commits = self.commits.max(ledger.last_commit());
        self.open = Some((ledger, rooms));
    }
}

/// The number of paths of what others renamed that are taken notice of between two sweeps: the
/// next ones are found in their turn.
const RENAMED_MAX: usize = 1000;

/// The number of times that a look is repeated while what is known of files keeps changing: each
/// change takes some renames only.
const STEADY_ATTEMPTS_MAX: u32 = 1000;
