//! Facts as they are asked for: the ledger's, mirrored in memory, so that reading touches no SQL.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound::{Excluded, Unbounded},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use methodical_semantics::{
    error::{Error, Result},
    lock::{Lock, Locks},
    path::Path,
    timestamp::Timestamp,
};

use super::{
    Inner,
    debts::{Debt, Debts},
    ids::Asked,
    origins::Origins,
    pending::within,
    state::{Rooms, is_lost},
    types::Types,
};
use crate::ledger::{Edits, Ledger, Origin, Step, Tombstone};
use methodical_store::{properties::Properties, resource::Id};

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
    pub(crate) asked: Asked,
    /// Whether the ledger is yet to be told something.
    owes: AtomicBool,
    /// How often the ledger was turned to.
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

/// The ledger's facts in memory.
#[derive(Debug, Default)]
#[expect(clippy::zero_sized_map_values, reason = "one search by path serves all its maps")]
pub(crate) struct Mirror {
    pub(super) types: Types,
    pub(super) tombstones: BTreeMap<Path, Tombstone>,
    /// The places of the tombstones in the row of deletions.
    pub(super) row: BTreeMap<i64, Path>,
    /// The resources that have dead properties: what these say is asked of the ledger.
    pub(super) described: BTreeMap<Path, ()>,
    /// Shared with whoever looks at them, and copied when they change meanwhile.
    pub(super) locks: Arc<Locks>,
    /// What stands where something is known of it.
    pub(super) origins: Origins,
    /// The ids that do not follow from what stands there.
    pub(super) ids: BTreeMap<Path, Id>,
}

impl Facts {
    /// The media type that is remembered for the file at a path.
    pub(crate) fn media_type(&self, path: &Path) -> Option<Box<str>> {
        self.mirror().types.get(path).map(Into::into)
    }

    /// The media type that is remembered for the file at a path; else other paths by which
    /// something is known of the same file, if nothing is by this one.
    pub(crate) fn media_type_or_former(
        &self,
        path: &Path,
        origin: impl Fn() -> Option<Origin>,
    ) -> (Option<Box<str>>, Vec<Path>) {
        let mirror = self.mirror();
        match mirror.types.get(path) {
            Some(media_type) => (Some(media_type.into()), Vec::new()),
            None => (None, mirror.former(path, origin)),
        }
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

    /// Whether the ledger knows what was noticed of files and of those who asked.
    pub(crate) fn is_kept(&self) -> bool {
        self.asked.unkept().is_none() && !self.owes() && self.mirror().origins.is_kept()
    }

    /// Whether the ledger is yet to be told something.
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

    /// What was taken notice of.
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
        let lost: BTreeSet<&Path> = known.filter(|path| is_lost(path)).collect();
        lost.into_iter().cloned().collect()
    }

    /// Content came to stand at a path, which says what is known there from now on.
    pub(crate) fn replaced(&self, path: &Path, origin: impl Fn() -> Option<Origin>) {
        if self.mirror().knows(path) {
            self.mirror_mut().origins.replace(path, origin());
        }
    }

    /// When something was deleted at a path, whatever stands there now.
    pub(crate) fn tombstone(&self, path: &Path) -> Option<Timestamp> {
        self.mirror().tombstones.get(path).map(|tombstone| tombstone.when)
    }

    /// All locks, expired ones included.
    pub(crate) fn locks(&self) -> Arc<Locks> {
        Arc::clone(&self.mirror().locks)
    }

    /// Whether no deletion is remembered at all.
    pub(crate) fn remembers_none(&self) -> bool {
        self.mirror().tombstones.is_empty()
    }

    /// Whether the resource at a path has dead properties.
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

    /// The count of changes of what is known of files; odd while one is being made.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
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
        let known: BTreeSet<&Path> = typed.chain(described).chain(identified).collect();
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
    /// The ledger, opened or made if it is not yet, and anew where others removed the state folder.
    /// It is told first what it is yet to be told.
    pub(crate) fn ledger(&mut self, store: &Inner) -> Result<&mut Ledger> {
        let rooms = store.rooms()?;
        if self.open.as_ref().is_none_or(|(_, of)| !Arc::ptr_eq(of, &rooms)) {
            self.reopen(store, rooms)?;
        }
        let Self { open, debts, .. } = self;
        // It was opened just now.
        let (ledger, _) = open.as_mut().ok_or_else(|| Error::failed("there is no ledger"))?;
        if !debts.is_empty() {
            let paid = debts.pay(ledger);
            store.facts.owes.store(!debts.is_empty(), Ordering::Release);
            paid?;
        }
        Ok(ledger)
    }

    /// The ledger is to be told later.
    pub(crate) fn owe(&mut self, store: &Inner, debt: Debt) {
        self.debts.owe(debt);
        store.facts.owes.store(true, Ordering::Release);
    }

    fn reopen(&mut self, store: &Inner, rooms: Arc<Rooms>) -> Result<()> {
        let mut ledger = Ledger::open(&rooms.base, store.syncs.is_full())?;
        store.syncs.directory(&rooms.base, store.tree.root())?;
        let is_lost = self.open.is_some();
        if is_lost {
            // What the removed ledger said is gone with it.
            self.debts.forget();
        } else if self.read_only.is_some() {
            self.debts.pay(&mut ledger)?;
        }
        if is_lost || self.read_only.take().is_some() {
            store.log.lose();
            store.facts.mirror_mut().load(&ledger, store.options.tombstones_max)?;
            store.facts.asked.load(ledger.ids_asked()?);
        }
        self.take(ledger, rooms);
        Ok(())
    }

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

impl Mirror {
    /// Shows what a ledger says.
    pub(crate) fn load(&mut self, ledger: &Ledger, tombstones_max: usize) -> Result<()> {
        self.types = ledger.media_types()?.into_iter().collect();
        self.tombstones = ledger.tombstones(tombstones_max)?.into_iter().collect();
        let row = self.tombstones.iter().map(|(path, tombstone)| (tombstone.place, path.clone()));
        self.row = row.collect();
        self.described = ledger.described()?.into_iter().map(|path| (path, ())).collect();
        self.ids = ledger.ids()?.into_iter().collect();
        self.origins = Origins::default();
        for (path, origin) in ledger.origins()? {
            self.origins.set(&self.shared(&path), Some(origin));
        }
        let mut locks = Locks::default();
        ledger.locks()?.into_iter().for_each(|lock| locks.set(lock));
        self.locks = Arc::new(locks);
        Ok(())
    }

    /// Shows what was written to the ledger.
    pub(crate) fn apply(&mut self, edits: &Edits) {
        edits.steps.iter().for_each(|step| self.take(step));
        for (path, media_type) in &edits.types {
            match media_type {
                Some(media_type) => self.types.insert(path, media_type),
                None => self.types.remove(path),
            }
        }
        for (path, tombstone) in &edits.tombstones {
            if let Some(former) = self.tombstones.remove(path) {
                self.row.remove(&former.place);
            }
            if let Some(tombstone) = tombstone {
                self.tombstones.insert(path.clone(), *tombstone);
                self.row.insert(tombstone.place, path.clone());
            }
        }
        for (path, origin) in &edits.origins {
            let origin = origin.filter(|_| self.knows(path));
            self.origins.set(&self.shared(path), origin);
        }
        if edits.locks.is_empty() {
            return;
        }
        let locks = Arc::make_mut(&mut self.locks);
        for (token, lock) in &edits.locks {
            match lock {
                Some(lock) => locks.set(lock.clone()),
                None => locks.remove(token),
            }
        }
    }

    /// Shows where dead properties are after a step.
    fn take(&mut self, step: &Step) {
        match step {
            Step::Move { from, to } => {
                let moved = self.forget_described(from);
                self.forget_described(to);
                self.described.extend(moved.iter().map(|path| (path.rebased(from, to), ())));
                let ids: Vec<_> =
                    within(&self.ids, from.clone()).map(|(path, id)| (path.clone(), *id)).collect();
                self.forget_ids(from);
                self.forget_ids(to);
                self.ids.extend(ids.iter().map(|(path, id)| (path.rebased(from, to), *id)));
                self.origins.rename(from, to);
            }
            Step::Carry { from, to } => {
                if self.described.remove(from).is_some() {
                    self.described.insert(to.clone(), ());
                }
                if let Some(id) = self.ids.remove(from) {
                    self.ids.insert(to.clone(), id);
                }
                self.origins.carry(from, to);
            }
            Step::Copy { from, to, tree } => {
                self.forget_described(to);
                let known = within(&self.described, from.clone()).map(|(path, ())| path);
                let copied = known.filter(|path| *tree || *path == from);
                let made: Vec<_> = copied.map(|path| (path.rebased(from, to), ())).collect();
                self.described.extend(made);
            }
            Step::Forget(path) => {
                self.forget_described(path);
                self.forget_ids(path);
            }
            Step::Identify(path, Some(id)) => {
                self.ids.insert(path.clone(), *id);
            }
            Step::Identify(path, None) => {
                self.ids.remove(path);
            }
            Step::Describe(path, properties) if properties.is_empty() => {
                self.described.remove(path);
            }
            Step::Describe(path, _) => {
                self.described.insert(path.clone(), ());
            }
        }
    }

    fn forget_ids(&mut self, path: &Path) {
        let known = within(&self.ids, path.clone()).map(|(path, _)| path.clone());
        for path in known.collect::<Vec<_>>() {
            self.ids.remove(&path);
        }
    }

    fn forget_described(&mut self, path: &Path) -> Vec<Path> {
        let known = within(&self.described, path.clone());
        let known: Vec<Path> = known.map(|(path, ())| path.clone()).collect();
        for path in &known {
            self.described.remove(path);
        }
        known
    }

    /// Whether something is known of what stands at a path, by this path.
    pub(super) fn knows(&self, path: &Path) -> bool {
        self.types.get(path).is_some()
            || self.described.contains_key(path)
            || self.ids.contains_key(path)
    }

    fn former(&self, path: &Path, origin: impl Fn() -> Option<Origin>) -> Vec<Path> {
        if self.origins.is_empty() {
            return Vec::new();
        }
        let Some(origin) = origin() else { return Vec::new() };
        let former = self.origins.paths(origin).filter(|former| self.knows(former));
        let former: Vec<Path> = former.cloned().collect();
        if former.is_empty() || self.knows(path) { Vec::new() } else { former }
    }

    /// What undoes changes that were not applied here yet, but for their steps.
    pub(crate) fn opposite(&self, edits: &Edits) -> Edits {
        let types =
            edits.types.keys().map(|path| (path.clone(), self.types.get(path).map(Into::into)));
        let tombstones = edits.tombstones.keys();
        let tombstones = tombstones.map(|path| (path.clone(), self.tombstones.get(path).copied()));
        let held = |token: &str| self.locks.find(token).map(|lock| Lock::clone(lock));
        let locks = edits.locks.keys().map(|token| (token.clone(), held(token)));
        let origins = edits.origins.keys().map(|path| (path.clone(), self.origins.get(path)));
        Edits {
            steps: Vec::new(),
            types: types.collect(),
            tombstones: tombstones.collect(),
            locks: locks.collect(),
            origins: origins.collect(),
        }
    }

    pub(super) fn types_within<'m>(
        &'m self,
        path: &Path,
    ) -> impl Iterator<Item = (&'m Path, &'m str)> {
        self.types.within(path)
    }

    /// A path in the memory of the same one by which something is known.
    fn shared(&self, path: &Path) -> Path {
        let known = [
            self.types.path(path),
            self.described.get_key_value(path).map(|(path, ())| path),
            self.ids.get_key_value(path).map(|(path, _)| path),
        ];
        known.into_iter().flatten().next().unwrap_or(path).clone()
    }
}

/// How many paths of what was renamed by others are taken notice of between two sweeps: the next
/// ones are found in their turn.
const RENAMED_MAX: usize = 1000;
