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
mod state;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::Footprint,
    lock::Locks,
    path::Path,
    timestamp::Timestamp,
};

use self::{changes::MemoryChanges, state::State};
use crate::{
    beginning::Beginnings,
    guard::{Asked, Guards, Held},
    names::{Shown, equivalent},
    properties::PropertyReader,
    resource::{Identifier, Resource, Witness},
    store::{Begun, Members, Room, Snapshot, Store, TOMBSTONE_DAYS_MAX, TOMBSTONES_MAX},
    sync::{Log, Synchronizer},
    walk::{Reach, Walk},
};
use methodical_content::{
    Content, FileSlice,
    staging::{Staged, Staging},
};

/// Resources in memory.
pub struct MemoryStore {
    options: MemoryOptions,
    clock: Clock,
    guards: Guards,
    current: Arc<Mutex<Arc<State>>>,
    log: Arc<Log>,
}

/// What tells a store the moment of a commit.
pub type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;

/// What a store in memory shows, remembers and holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryOptions {
    /// Whether names that begin with a dot are shown and may be written.
    pub hidden: bool,
    /// Whether the names are shown that a Mac leaves everywhere, `._*` and `.DS_Store`.
    pub mac_junk: bool,
    /// The most deletions that are remembered; the oldest are forgotten first. 0 for none.
    pub tombstones_max: usize,
    /// How long a deletion is remembered.
    pub tombstone_age_max: Duration,
    /// The most bytes that all files together may have.
    pub bytes_max: u64,
}

impl Default for MemoryOptions {
    /// Hidden names hidden, deletions remembered as in a folder, no limit of bytes.
    fn default() -> Self {
        Self {
            hidden: false,
            mac_junk: false,
            tombstones_max: TOMBSTONES_MAX,
            tombstone_age_max: Duration::from_hours(TOMBSTONE_DAYS_MAX * 24),
            bytes_max: u64::MAX,
        }
    }
}

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
        *current = Arc::new(next);
        Ok(())
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("MemoryStore").field("options", &self.options).finish_non_exhaustive()
    }
}

/// The state at one commit.
struct MemorySnapshot {
    state: Arc<State>,
    shown: Shown,
    /// Where the state is at other moments, and what was seen of it.
    store: (Arc<Mutex<Arc<State>>>, Arc<Log>),
    /// The most bytes that all files together may have, where there is a limit.
    bytes_max: Option<u64>,
}

impl MemorySnapshot {
    fn shows(&self, path: &Path) -> bool {
        self.shown.shows(path)
    }

    /// The path under which the resource is, if there is one, in whatever Unicode form.
    fn path_of(&self, path: &Path) -> Result<Option<Path>> {
        let is_there = |path: &Path| Ok(self.shows(path) && self.state.resource(path).is_some());
        if is_there(path)? { Ok(Some(path.clone())) } else { equivalent(path, is_there) }
    }

    /// The same at the present moment.
    fn anew(&self) -> Self {
        let state = Arc::clone(&self.store.0.lock().unwrap_or_else(PoisonError::into_inner));
        Self { state, ..self.kept() }
    }

    /// The same, to be kept.
    fn kept(&self) -> Self {
        Self { state: Arc::clone(&self.state), store: self.store.clone(), ..*self }
    }

    fn kept_members(&self, of: &Path) -> Result<Members<'static>> {
        let Some(of) = self.find(of)?.filter(Resource::is_collection) else {
            return Err(Error::refused(Condition::NotFound, "There is no collection here."));
        };
        let members = self.state.members(&of.path);
        let shown = self.kept();
        Ok(Box::new(members.into_iter().filter(move |one| shown.shows(&one.path)).map(Ok)))
    }
}

impl Snapshot for MemorySnapshot {
    fn find(&self, path: &Path) -> Result<Option<Resource>> {
        Ok(self.path_of(path)?.and_then(|path| self.state.resource(&path)))
    }

    fn open(&self, path: &Path) -> Result<Option<(Resource, Content)>> {
        let Some(resource) = self.find(path)? else { return Ok(None) };
        let content = self.state.content(&resource.path).map(Content::Bytes);
        Ok(content.map(|content| (resource, content)))
    }

    fn members(&self, of: &Path) -> Result<Members<'_>> {
        self.kept_members(of)
    }

    fn walk(&self, of: &Path, reach: Reach) -> Result<Members<'static>> {
        let kept = self.kept();
        let walk = Walk::below(of, reach, move |path| kept.kept_members(path))?;
        Ok(Box::new(walk))
    }

    fn room(&self, _at: &Path) -> Result<Option<Room>> {
        let used = self.state.bytes();
        let available = self.bytes_max.map(|most| most.saturating_sub(used));
        Ok(available.map(|available| Room { available, used }))
    }

    fn property_reader(&self) -> PropertyReader {
        let state = Arc::clone(&self.state);
        Box::new(move |of| Ok(state.properties(&of.path)))
    }

    fn beginnings(&self) -> Beginnings {
        let shown = self.kept();
        Beginnings::new(move |of| {
            let opened = shown.anew().open(&of.path)?;
            opened.map(|(_, content)| content.beginning()).transpose()
        })
    }

    fn identifier(&self) -> Result<Identifier> {
        let shown = self.kept();
        Ok(Identifier::new(move |of| shown.anew().state.id(&of.path)))
    }

    fn synchronizer(&self) -> Synchronizer {
        let (finding, listing) = (self.kept(), self.kept());
        let find = move |path: &Path| finding.anew().find(path);
        let open = move |path: &Path| listing.anew().kept_members(path);
        Synchronizer::new(Arc::clone(&self.store.1), Box::new(find), Box::new(open))
    }

    fn deleted_at(&self, path: &Path) -> Result<Option<Timestamp>> {
        Ok(if self.shows(path) { self.state.deleted_at(path) } else { None })
    }

    fn locks(&self) -> Arc<Locks> {
        self.state.locks()
    }

    /// Names that are not shown are not written either.
    fn may_write(&self, path: &Path) -> Result<()> {
        self.shown.permit(path)
    }
}

/// Content on its way in.
struct MemoryStaging {
    bytes: Vec<u8>,
    room: u64,
}

impl MemoryStaging {
    fn reserve(&self, more: u64) -> Result<()> {
        let fits = (self.bytes.len() as u64).checked_add(more).is_some_and(|all| all <= self.room);
        if fits { Ok(()) } else { Err(no_room()) }
    }
}

impl Staging for MemoryStaging {
    fn write(&mut self, chunk: &[u8]) -> Result<()> {
        self.reserve(chunk.len() as u64)?;
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }

    fn write_from(&mut self, source: &FileSlice) -> Result<()> {
        self.reserve(source.length)?;
        let length = usize::try_from(source.length).map_err(|_| no_room())?;
        let mut chunk = vec![0; length];
        source.file.read_exact_at(&mut chunk, source.offset).map_err(Error::failed)?;
        self.write(&chunk)
    }

    fn finish(self: Box<Self>) -> Result<Staged> {
        let bytes = Bytes::from(self.bytes);
        Ok(Staged::new(bytes.len() as u64, bytes))
    }
}

fn no_room() -> Error {
    Error::refused(Condition::InsufficientStorage, "There is no room to store this.")
}
