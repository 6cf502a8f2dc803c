//! Facts as they are asked for: the ledger's, mirrored in memory, so that reading touches no SQL.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use methodical_semantics::{
    error::{Error, Result},
    lock::{Lock, Locks},
    path::Path,
    timestamp::Timestamp,
};

use super::{Inner, pending::below, state::Rooms};
use crate::{
    ledger::{Edits, Ledger, Step, Tombstone},
    locking::check_room,
    properties::Properties,
};

/// All that is known beside what the disk shows.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    mirror: RwLock<Mirror>,
    /// Counts the changes of what is known of files: odd while one is being made.
    epoch: AtomicU64,
    writer: Mutex<Writer>,
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
}

/// The ledger's facts in memory.
#[derive(Debug, Default)]
#[expect(clippy::zero_sized_map_values, reason = "one search by path serves all its maps")]
pub(crate) struct Mirror {
    types: BTreeMap<Path, Box<str>>,
    tombstones: BTreeMap<Path, Tombstone>,
    /// The places of the tombstones in the row of deletions.
    row: BTreeMap<i64, Path>,
    /// The resources that have dead properties: what these say is asked of the ledger.
    described: BTreeMap<Path, ()>,
    /// Shared with whoever looks at them, and copied when they change meanwhile.
    locks: Arc<Locks>,
}

/// The changes of facts that a transaction will make.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    steps: Vec<Step>,
    types: BTreeMap<Path, Option<Box<str>>>,
    revived: BTreeSet<Path>,
    dead: Vec<Path>,
    locks: BTreeMap<Box<str>, Option<Lock>>,
}

impl Facts {
    /// The media type that is remembered for the file at a path.
    pub(crate) fn media_type(&self, path: &Path) -> Option<Box<str>> {
        self.mirror().types.get(path).cloned()
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
        use std::ops::Bound::{Excluded, Unbounded};
        let mirror = self.mirror();
        let range = (Excluded(behind), Unbounded);
        let typed = mirror.types.range(range).take(max).map(|(path, _)| path);
        let described = mirror.described.range(range).take(max).map(|(path, ())| path);
        let known: BTreeSet<&Path> = typed.chain(described).collect();
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
    pub(crate) fn ledger(&mut self, store: &Inner) -> Result<&mut Ledger> {
        let rooms = store.rooms()?;
        let open = match self.open.take() {
            Some((ledger, of)) if Arc::ptr_eq(&of, &rooms) => (ledger, of),
            lost => {
                let full = store.syncs.is_full();
                let ledger = Ledger::open(&rooms.base, full).map_err(Error::failed)?;
                if lost.is_some() {
                    store.log.lose();
                    // What the removed ledger said is gone with it.
                    store.facts.mirror_mut().load(&ledger, store.options.tombstones_max)?;
                }
                store.syncs.directory(&rooms.base, store.tree.root())?;
                (ledger, rooms)
            }
        };
        Ok(&mut self.open.insert(open).0)
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
                Some(media_type) => self.types.insert(path.clone(), media_type.clone()),
                None => self.types.remove(path),
            };
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
                self.described.extend(moved.iter().map(|path| (below(to, path, from), ())));
            }
            Step::Copy { from, to, tree } => {
                self.forget_described(to);
                let known = within(&self.described, from.clone()).map(|(path, ())| path);
                let copied = known.filter(|path| *tree || *path == from);
                let made: Vec<_> = copied.map(|path| (below(to, path, from), ())).collect();
                self.described.extend(made);
            }
            Step::Forget(path) => {
                self.forget_described(path);
            }
            Step::Describe(path, properties) if properties.is_empty() => {
                self.described.remove(path);
            }
            Step::Describe(path, _) => {
                self.described.insert(path.clone(), ());
            }
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

    /// What undoes changes that were not applied here yet, but for their steps.
    pub(crate) fn opposite(&self, edits: &Edits) -> Edits {
        let types = edits.types.keys().map(|path| (path.clone(), self.types.get(path).cloned()));
        let tombstones = edits.tombstones.keys();
        let tombstones = tombstones.map(|path| (path.clone(), self.tombstones.get(path).copied()));
        let held = |token: &str| self.locks.find(token).map(|lock| Lock::clone(lock));
        let locks = edits.locks.keys().map(|token| (token.clone(), held(token)));
        Edits {
            steps: Vec::new(),
            types: types.collect(),
            tombstones: tombstones.collect(),
            locks: locks.collect(),
        }
    }

    fn types_within<'m>(&'m self, path: &Path) -> impl Iterator<Item = (&'m Path, &'m Box<str>)> {
        within(&self.types, path.clone())
    }
}

impl Draft {
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
            && self.types.is_empty()
            && self.revived.is_empty()
            && self.dead.is_empty()
            && self.locks.is_empty()
    }

    /// Content is placed, with the media type that is to be remembered.
    pub(crate) fn placed(&mut self, mirror: &Mirror, at: &Path, media_type: Option<&str>) {
        self.revive(mirror, at);
        if self.media_type(mirror, at) != media_type {
            self.types.insert(at.clone(), media_type.map(Into::into));
        }
    }

    /// Something comes to stand at a name, of which nothing is known yet.
    pub(crate) fn made(&mut self, mirror: &Mirror, at: &Path) {
        self.revive(mirror, at);
        self.forget(mirror, at);
        if self.may_describe(mirror, at) {
            self.steps.push(Step::Forget(at.clone()));
        }
    }

    /// A resource has these dead properties from now on.
    pub(crate) fn described(&mut self, mirror: &Mirror, at: &Path, properties: Properties) {
        if let Some(Step::Describe(path, former)) = self.steps.last_mut()
            && path == at
        {
            *former = properties;
        } else if !properties.is_empty() || self.may_describe(mirror, at) {
            self.steps.push(Step::Describe(at.clone(), properties));
        }
    }

    /// A name goes with everything below; the paths given are remembered as deleted. `gone` is
    /// where what was known of them waits for the end of the commit.
    pub(crate) fn removed(&mut self, mirror: &Mirror, at: &Path, gone: &Path, dead: Vec<Path>) {
        if self.knows(mirror, at) {
            self.steps.push(Step::Move { from: at.clone(), to: gone.clone() });
        }
        self.forget(mirror, at);
        self.dead.retain(|path| !dead.contains(path));
        self.dead.extend(dead);
    }

    /// A copy comes to stand at a name. Of the deletions remembered below, `stands` says where
    /// something stands now.
    pub(crate) fn copied(
        &mut self,
        mirror: &Mirror,
        (from, to): (&Path, &Path),
        stands: impl Fn(&Path) -> Result<bool>,
    ) -> Result<()> {
        self.arrived(mirror, (from, to), stands)?;
        self.copied_properties(mirror, (from, to), true);
        Ok(())
    }

    /// A collection comes to stand at a name, made as another without its members.
    pub(crate) fn copied_alone(&mut self, mirror: &Mirror, (from, to): (&Path, &Path)) {
        self.made(mirror, to);
        self.copied_properties(mirror, (from, to), false);
    }

    fn copied_properties(&mut self, mirror: &Mirror, (from, to): (&Path, &Path), tree: bool) {
        if self.may_describe(mirror, from) {
            self.steps.push(Step::Copy { from: from.clone(), to: to.clone(), tree });
        }
    }

    /// What is known of a name and all below is known of another, dead properties left aside.
    fn arrived(
        &mut self,
        mirror: &Mirror,
        (from, to): (&Path, &Path),
        stands: impl Fn(&Path) -> Result<bool>,
    ) -> Result<()> {
        let types = self.types_within(mirror, from);
        self.made(mirror, to);
        for (path, media_type) in types {
            self.types.insert(below(to, &path, from), Some(media_type));
        }
        let remembered = within(&mirror.tombstones, to.clone()).map(|(path, _)| path.clone());
        let dead = self.dead.iter().filter(|path| path.is_within(to)).cloned();
        for path in remembered.chain(dead).collect::<Vec<_>>() {
            if stands(&path)? {
                self.revive(mirror, &path);
            }
        }
        Ok(())
    }

    /// What is known of a name and all below goes to another name with it.
    pub(crate) fn renamed(
        &mut self,
        mirror: &Mirror,
        (from, to): (&Path, &Path),
        stands: impl Fn(&Path) -> Result<bool>,
    ) -> Result<()> {
        let known = self.knows(mirror, from);
        // The ledger moves what it knows of these before it forgets their types.
        let untyped = within(&self.types, from.clone()).filter(|(_, drafted)| drafted.is_none());
        let untyped: Vec<Path> = untyped.map(|(path, _)| below(to, path, from)).collect();
        self.arrived(mirror, (from, to), stands)?;
        self.types.extend(untyped.into_iter().map(|path| (path, None)));
        self.forget(mirror, from);
        if known {
            self.steps.push(Step::Move { from: from.clone(), to: to.clone() });
        }
        Ok(())
    }

    /// A lock is made, or lasts longer.
    pub(crate) fn locked(&mut self, mirror: &Mirror, lock: Lock) -> Result<()> {
        if mirror.locks.find(&lock.token).is_none() {
            let drafted = self.locks.values().filter(|lock| lock.is_some()).count();
            check_room(mirror.locks.len() + drafted)?;
        }
        self.locks.insert(lock.token.clone(), Some(lock));
        Ok(())
    }

    /// A lock ends.
    pub(crate) fn unlocked(&mut self, token: &str) {
        self.locks.insert(token.into(), None);
    }

    /// The changes that the ledger has to make, when they are made now.
    pub(crate) fn edits(self, mirror: &Mirror, now: Timestamp, max: usize) -> Edits {
        let (steps, types, locks) = (self.steps, self.types, self.locks);
        let mut edits = Edits { steps, types, locks, ..Edits::default() };
        edits.tombstones.extend(self.revived.into_iter().map(|path| (path, None)));
        let last = mirror.row.last_key_value().map_or(0, |(place, _)| *place);
        let surplus = self.dead.len().saturating_sub(max);
        let dead: Vec<Path> = self.dead.into_iter().skip(surplus).collect();
        let anew: BTreeSet<&Path> = dead.iter().chain(edits.tombstones.keys()).collect();
        let known = |path: &&&Path| mirror.tombstones.contains_key(**path);
        let kept = mirror.tombstones.len() - anew.iter().filter(known).count();
        let oldest = mirror.row.values().filter(|path| !anew.contains(path));
        let oldest = oldest.take((kept + dead.len()).saturating_sub(max));
        let forgotten: Vec<_> = oldest.map(|path| (path.clone(), None)).collect();
        edits.tombstones.extend(forgotten);
        for (place, path) in (last + 1..).zip(dead) {
            edits.tombstones.insert(path, Some(Tombstone { when: now, place }));
        }
        edits
    }

    /// Whether something is known of a name or of one below.
    fn knows(&self, mirror: &Mirror, path: &Path) -> bool {
        self.may_describe(mirror, path) || !self.types_within(mirror, path).is_empty()
    }

    /// Whether a name or one below may have dead properties by now.
    fn may_describe(&self, mirror: &Mirror, path: &Path) -> bool {
        !self.steps.is_empty() || within(&mirror.described, path.clone()).next().is_some()
    }

    fn media_type<'d>(&'d self, mirror: &'d Mirror, path: &Path) -> Option<&'d str> {
        match self.types.get(path) {
            Some(drafted) => drafted.as_deref(),
            None => mirror.types.get(path).map(|media_type| &**media_type),
        }
    }

    fn types_within(&self, mirror: &Mirror, path: &Path) -> Vec<(Path, Box<str>)> {
        let written = mirror.types_within(path).filter(|(path, _)| !self.types.contains_key(*path));
        let written = written.map(|(path, media_type)| (path.clone(), media_type.clone()));
        let drafted = within(&self.types, path.clone());
        let drafted = drafted.filter_map(|(path, it)| Some((path.clone(), it.clone()?)));
        written.chain(drafted).collect()
    }

    fn forget(&mut self, mirror: &Mirror, path: &Path) {
        for (path, _) in self.types_within(mirror, path) {
            self.types.insert(path, None);
        }
        for lock in mirror.locks.within(path) {
            self.locks.insert(lock.token.clone(), None);
        }
        let gone = |lock: &Lock| lock.root.is_within(path);
        for drafted in self.locks.values_mut() {
            drafted.take_if(|lock| gone(lock));
        }
    }

    fn revive(&mut self, mirror: &Mirror, path: &Path) {
        self.dead.retain(|dead| dead != path);
        if mirror.tombstones.contains_key(path) {
            self.revived.insert(path.clone());
        }
    }
}

/// The entries at a path and below it.
fn within<V>(map: &BTreeMap<Path, V>, path: Path) -> impl Iterator<Item = (&Path, &V)> {
    // Paths are ordered by their bytes: those that begin with the same bytes stand together.
    let start = path.clone();
    map.range(start..)
        .take_while({
            let path = path.clone();
            move |(at, _)| at.bytes().starts_with(path.bytes())
        })
        .filter(move |(at, _)| at.is_within(&path))
}
