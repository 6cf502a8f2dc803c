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
    path::Path,
    timestamp::Timestamp,
};

use super::{Inner, pending::below, state::Rooms};
use crate::ledger::{Edits, Ledger, Tombstone};

/// All that is known beside what the disk shows.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    mirror: RwLock<Mirror>,
    /// Counts the changes of what is known of files: odd while one is being made.
    epoch: AtomicU64,
    writer: Mutex<Writer>,
}

/// The right to change facts, which one has at a time.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    open: Option<(Ledger, Arc<Rooms>)>,
    commits: i64,
}

/// The ledger's facts in memory.
#[derive(Debug, Default)]
pub(crate) struct Mirror {
    types: BTreeMap<Path, Box<str>>,
    tombstones: BTreeMap<Path, Tombstone>,
    /// The places of the tombstones in the row of deletions.
    row: BTreeMap<i64, Path>,
}

/// The changes of facts that a transaction will make.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    moves: Vec<(Path, Path)>,
    types: BTreeMap<Path, Option<Box<str>>>,
    revived: BTreeSet<Path>,
    dead: Vec<Path>,
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

    /// Whether no deletion is remembered at all.
    pub(crate) fn remembers_none(&self) -> bool {
        self.mirror().tombstones.is_empty()
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

    /// The paths of files of which something is known, behind the given one, up to so many.
    pub(crate) fn known_behind(&self, behind: &Path, max: usize) -> Vec<Path> {
        use std::ops::Bound::{Excluded, Unbounded};
        let mirror = self.mirror();
        let range = mirror.types.range((Excluded(behind), Unbounded));
        range.take(max).map(|(path, _)| path.clone()).collect()
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

    /// Waits for the right to change facts.
    pub(crate) fn writer(&self) -> MutexGuard<'_, Writer> {
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
        Ok(())
    }

    /// Shows what was written to the ledger.
    pub(crate) fn apply(&mut self, edits: &Edits) {
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
    }

    /// What undoes changes that were not applied here yet.
    pub(crate) fn opposite(&self, edits: &Edits) -> Edits {
        let moves = edits.moves.iter().rev().map(|(from, to)| (to.clone(), from.clone()));
        let types = edits.types.keys().map(|path| (path.clone(), self.types.get(path).cloned()));
        let tombstones = edits.tombstones.keys();
        let tombstones = tombstones.map(|path| (path.clone(), self.tombstones.get(path).copied()));
        Edits { moves: moves.collect(), types: types.collect(), tombstones: tombstones.collect() }
    }

    fn types_within<'m>(&'m self, path: &Path) -> impl Iterator<Item = (&'m Path, &'m Box<str>)> {
        within(&self.types, path.clone())
    }
}

impl Draft {
    pub(crate) fn is_empty(&self) -> bool {
        self.moves.is_empty()
            && self.types.is_empty()
            && self.revived.is_empty()
            && self.dead.is_empty()
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
    }

    /// A name goes with everything below; the paths given are remembered as deleted. `gone` is
    /// where what was known of them waits for the end of the commit.
    pub(crate) fn removed(&mut self, mirror: &Mirror, at: &Path, gone: &Path, dead: Vec<Path>) {
        if !self.types_within(mirror, at).is_empty() {
            self.moves.push((at.clone(), gone.clone()));
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
        let known = !self.types_within(mirror, from).is_empty();
        self.copied(mirror, (from, to), stands)?;
        self.forget(mirror, from);
        if known {
            self.moves.push((from.clone(), to.clone()));
        }
        Ok(())
    }

    /// The changes that the ledger has to make, when they are made now.
    pub(crate) fn edits(self, mirror: &Mirror, now: Timestamp, max: usize) -> Edits {
        let mut edits = Edits { moves: self.moves, types: self.types, ..Edits::default() };
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
