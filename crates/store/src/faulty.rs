//! A store whose nth operation fails, or with which the process "crashes" there: from then on every
//! operation fails, and changes that were not committed never will be. The store beneath is then
//! looked at again, and must be found in the old state or the new, never in a third.
//!
//! ```
//! use std::sync::Arc;
//! use methodical_store::{faulty::{Fault, Faulty, each_fault}, testing::{dump, memory, path}};
//! let runs = each_fault(Fault::Fails, |faults| {
//!     let store = Arc::new(memory());
//!     let faulty = Faulty::new(store.clone(), faults);
//!     let made = methodical_store::testing::change(&faulty, &path("/d"), |changes| {
//!         changes.make_collection(&path("/d"))
//!     });
//!     assert_eq!(dump(&*store).contains("/d/"), made.is_ok());
//! });
//! assert_eq!(runs, 3, "to begin, to make the collection, to commit");
//! ```

use std::{
    cell::RefCell,
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::Footprint,
    lock::{Lock, Locks},
    media::Beginning,
    path::Path,
    rule::{ordering::Side, privilege::Access},
    timestamp::Timestamp,
};

use crate::{
    beginning::Beginnings,
    facts::{FactReader, Row},
    guard::Held,
    properties::{Properties, PropertyReader},
    resource::{Identifier, Resource, Witness},
    store::{
        Begun, Between, Changes, Committed, DiskSpace, Mark, Members, Placement, Snapshot, Store,
    },
    sync::Synchronizer,
    walk::Reach,
};
use methodical_content::{
    Content, FileSlice,
    staging::{DiskRoom, Staged, Staging},
};

/// The event at the operation that is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails; later ones do not.
    Fails,
    /// It finds the disk full; later ones do not.
    FindsNoRoom,
    /// The system answers it with this error number; later ones it does.
    Answers(i32),
    /// The process ends there: it fails, and so does every later one.
    Crashes,
}

/// Counts operations and makes one of them fail.
#[derive(Debug)]
pub struct Faults {
    fault: Fault,
    at: u64,
    counted: AtomicU64,
    crashed: AtomicBool,
}

/// Runs something over and over, each time with the fault at the next operation, until a run has
/// no such operation. Answers in how many runs the fault was met.
///
/// # Panics
/// When that takes more than [`OPERATIONS_MAX`] runs.
pub fn each_fault(fault: Fault, mut run: impl FnMut(&Arc<Faults>)) -> u64 {
    for at in 1..=OPERATIONS_MAX {
        let faults = Arc::new(Faults::at(at, fault));
        run(&faults);
        if !faults.is_met() {
            return at - 1;
        }
    }
    unreachable!("more than {OPERATIONS_MAX} operations in one run");
}

impl Faults {
    /// A fault at one operation, counted from 1.
    pub fn at(at: u64, fault: Fault) -> Self {
        Self { fault, at, counted: AtomicU64::new(0), crashed: AtomicBool::new(false) }
    }

    /// Returns whether the operation was reached.
    pub fn is_met(&self) -> bool {
        self.counted.load(Ordering::SeqCst) >= self.at
    }

    /// The operations that were counted so far.
    pub fn counted(&self) -> u64 {
        self.counted.load(Ordering::SeqCst)
    }

    /// Counts an operation.
    ///
    /// # Errors
    /// If it is the chosen one, or comes after a crash.
    pub fn step(&self, operation: &'static str) -> io::Result<()> {
        let crashed = self.crashed.load(Ordering::SeqCst);
        let nth = self.counted.fetch_add(1, Ordering::SeqCst) + 1;
        if nth == self.at && self.fault == Fault::Crashes {
            self.crashed.store(true, Ordering::SeqCst);
        }
        match self.fault {
            _ if !crashed && nth != self.at => Ok(()),
            Fault::FindsNoRoom => Err(io::ErrorKind::StorageFull.into()),
            Fault::Answers(number) => Err(io::Error::from_raw_os_error(number)),
            Fault::Fails | Fault::Crashes => {
                Err(io::Error::other(format!("{operation} fails, as told")))
            }
        }
    }

    fn check(&self, operation: &'static str) -> Result<()> {
        self.step(operation).map_err(|failure| match self.fault {
            Fault::FindsNoRoom => Error::refused(Condition::InsufficientStorage, "No room."),
            Fault::Fails | Fault::Answers(_) | Fault::Crashes => Error::failed(failure),
        })
    }
}

/// Does work on a folder during which each system call of this thread that changes the disk is an
/// operation: the faults strike there, and not in the store's own operations.
pub fn under<T>(faults: &Arc<Faults>, work: impl FnOnce() -> T) -> T {
    struct Lift;
    impl Drop for Lift {
        fn drop(&mut self) {
            STRUCK.set(None);
        }
    }
    STRUCK.set(Some(Arc::clone(faults)));
    let _lift = Lift;
    work()
}

/// Counts a change of the disk.
///
/// # Errors
/// If it is to fail.
pub fn about_to(change: &'static str) -> io::Result<()> {
    STRUCK.with_borrow(|faults| faults.as_ref().map_or(Ok(()), |faults| faults.step(change)))
}

/// Returns whether the process has ended, as far as this thread's work on a folder goes.
pub fn is_down() -> bool {
    let crashed = |faults: &Arc<Faults>| faults.crashed.load(Ordering::SeqCst);
    STRUCK.with_borrow(|faults| faults.as_ref().is_some_and(crashed))
}

thread_local! {
    static STRUCK: RefCell<Option<Arc<Faults>>> = const { RefCell::new(None) };
}

/// A store that fails as told; what does not fail is done by the store beneath.
#[derive(Debug)]
pub struct Faulty {
    beneath: Arc<dyn Store>,
    faults: Arc<Faults>,
}

impl Faulty {
    /// A store on top of another.
    pub fn new(beneath: Arc<dyn Store>, faults: &Arc<Faults>) -> Self {
        Self { beneath, faults: Arc::clone(faults) }
    }
}

impl Store for Faulty {
    fn snapshot(&self) -> Box<dyn Snapshot + '_> {
        Box::new(FaultySnapshot { beneath: self.beneath.snapshot(), faults: &self.faults })
    }

    fn stage(&self, path: &Path, length: Option<u64>) -> Result<Box<dyn Staging>> {
        self.faults.check("stage")?;
        let beneath = self.beneath.stage(path, length)?;
        Ok(Box::new(FaultyStaging { beneath, faults: Arc::clone(&self.faults) }))
    }

    fn begin(&self, footprint: &Footprint, held: Option<Held>) -> Result<Begun<'_>> {
        self.faults.check("changes")?;
        Ok(match self.beneath.begin(footprint, held)? {
            Begun::Changes(beneath) => {
                Begun::Changes(Box::new(FaultyChanges { beneath, faults: &self.faults }))
            }
            waits @ Begun::Waits(_) => waits,
        })
    }

    fn reads_fast(&self, path: &Path) -> bool {
        self.beneath.reads_fast(path)
    }

    fn unchanged(&self, path: &Path, witness: &Witness) -> bool {
        self.faults.step("unchanged").is_ok() && self.beneath.unchanged(path, witness)
    }

    fn keep_secret(&self, files: &[PathBuf]) -> Result<()> {
        self.beneath.keep_secret(files)
    }

    fn keep_spelled(&self, paths: &[Path]) {
        self.beneath.keep_spelled(paths);
    }

    fn sweep(&self, now: Timestamp) -> Result<()> {
        self.faults.check("sweep")?;
        self.beneath.sweep(now)
    }
}

struct FaultySnapshot<'s> {
    beneath: Box<dyn Snapshot + 's>,
    faults: &'s Faults,
}

impl Snapshot for FaultySnapshot<'_> {
    fn find(&self, path: &Path) -> Result<Option<Resource>> {
        self.faults.check("find")?;
        self.beneath.find(path)
    }

    fn open(&self, path: &Path) -> Result<Option<(Resource, Content)>> {
        self.faults.check("open")?;
        self.beneath.open(path)
    }

    fn members(&self, of: &Path) -> Result<Members<'_>> {
        self.faults.check("members")?;
        self.beneath.members(of)
    }

    fn walk(&self, of: &Path, reach: Reach) -> Result<Members<'static>> {
        self.faults.check("walk")?;
        self.beneath.walk(of, reach)
    }

    fn room(&self, at: &Path) -> Result<Option<DiskSpace>> {
        self.faults.check("room")?;
        self.beneath.room(at)
    }

    fn properties(&self, of: &Resource) -> Result<Properties> {
        self.faults.check("properties")?;
        self.beneath.properties(of)
    }

    fn property_reader(&self) -> PropertyReader {
        self.beneath.property_reader()
    }

    fn fact(&self, row: &'static Row, at: &Path) -> Result<Option<Vec<u8>>> {
        self.faults.check("fact")?;
        self.beneath.fact(row, at)
    }

    fn nearest(&self, row: &'static Row, of: Between<'_>, side: Side) -> Result<Option<Vec<u8>>> {
        self.faults.check("nearest")?;
        self.beneath.nearest(row, of, side)
    }

    fn fact_reader(&self) -> FactReader {
        self.beneath.fact_reader()
    }

    fn beginning(&self, of: &Resource, content: &Content) -> Result<Beginning> {
        self.beneath.beginning(of, content)
    }

    fn beginnings(&self) -> Beginnings {
        self.beneath.beginnings()
    }

    fn identifier(&self) -> Result<Identifier> {
        self.beneath.identifier()
    }

    fn synchronizer(&self) -> Synchronizer {
        self.beneath.synchronizer()
    }

    fn deleted_at(&self, path: &Path) -> Result<Option<Timestamp>> {
        self.faults.check("gone")?;
        self.beneath.deleted_at(path)
    }

    fn may_write(&self, path: &Path) -> Result<()> {
        self.beneath.may_write(path)
    }

    fn locks(&self) -> Arc<Locks> {
        self.beneath.locks()
    }

    fn real_path(&self, path: &Path) -> Result<Path> {
        self.faults.check("truly")?;
        self.beneath.real_path(path)
    }
}

struct FaultyStaging {
    beneath: Box<dyn Staging>,
    faults: Arc<Faults>,
}

impl Staging for FaultyStaging {
    fn write(&mut self, chunk: &[u8]) -> Result<()> {
        self.faults.check("write")?;
        self.beneath.write(chunk)
    }

    fn write_from(&mut self, source: &FileSlice) -> Result<()> {
        self.faults.check("write_from")?;
        self.beneath.write_from(source)
    }

    fn room(&self) -> Option<DiskRoom> {
        self.beneath.room()
    }

    fn finish(self: Box<Self>) -> Result<Staged> {
        self.faults.check("finish")?;
        self.beneath.finish()
    }
}

struct FaultyChanges<'s> {
    beneath: Box<dyn Changes + 's>,
    faults: &'s Arc<Faults>,
}

impl Snapshot for FaultyChanges<'_> {
    fn find(&self, path: &Path) -> Result<Option<Resource>> {
        self.faults.check("find")?;
        self.beneath.snapshot().find(path)
    }

    fn open(&self, path: &Path) -> Result<Option<(Resource, Content)>> {
        self.faults.check("open")?;
        self.beneath.snapshot().open(path)
    }

    fn members(&self, of: &Path) -> Result<Members<'_>> {
        self.faults.check("members")?;
        self.beneath.snapshot().members(of)
    }

    fn properties(&self, of: &Resource) -> Result<Properties> {
        self.faults.check("properties")?;
        self.beneath.snapshot().properties(of)
    }

    fn property_reader(&self) -> PropertyReader {
        self.beneath.snapshot().property_reader()
    }

    fn fact(&self, row: &'static Row, at: &Path) -> Result<Option<Vec<u8>>> {
        self.faults.check("fact")?;
        self.beneath.snapshot().fact(row, at)
    }

    fn nearest(&self, row: &'static Row, of: Between<'_>, side: Side) -> Result<Option<Vec<u8>>> {
        self.faults.check("nearest")?;
        self.beneath.snapshot().nearest(row, of, side)
    }

    fn fact_reader(&self) -> FactReader {
        self.beneath.snapshot().fact_reader()
    }

    fn beginnings(&self) -> Beginnings {
        self.beneath.snapshot().beginnings()
    }

    fn identifier(&self) -> Result<Identifier> {
        self.beneath.snapshot().identifier()
    }

    fn synchronizer(&self) -> Synchronizer {
        self.beneath.snapshot().synchronizer()
    }

    fn deleted_at(&self, path: &Path) -> Result<Option<Timestamp>> {
        self.faults.check("gone")?;
        self.beneath.snapshot().deleted_at(path)
    }

    fn may_write(&self, path: &Path) -> Result<()> {
        self.beneath.snapshot().may_write(path)
    }

    fn locks(&self) -> Arc<Locks> {
        self.beneath.snapshot().locks()
    }

    fn real_path(&self, path: &Path) -> Result<Path> {
        self.faults.check("truly")?;
        self.beneath.snapshot().real_path(path)
    }
}

impl Changes for FaultyChanges<'_> {
    fn snapshot(&self) -> &dyn Snapshot {
        self
    }

    fn held_to(&mut self, access: &Access) {
        self.beneath.held_to(access);
    }

    fn stage(&mut self, path: &Path) -> Result<Box<dyn Staging>> {
        self.faults.check("stage")?;
        let beneath = self.beneath.stage(path)?;
        Ok(Box::new(FaultyStaging { beneath, faults: Arc::clone(self.faults) }))
    }

    fn place(&mut self, path: &Path, content: Staged, as_: Placement) -> Result<()> {
        self.faults.check("place")?;
        self.beneath.place(path, content, as_)
    }

    fn make_collection(&mut self, path: &Path) -> Result<()> {
        self.faults.check("make_collection")?;
        self.beneath.make_collection(path)
    }

    fn remove(&mut self, path: &Path, mark: Mark) -> Result<()> {
        self.faults.check("remove")?;
        self.beneath.remove(path, mark)
    }

    fn copy(&mut self, from: &Path, to: &Path, tree: bool) -> Result<()> {
        self.faults.check("copy")?;
        self.beneath.copy(from, to, tree)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> Result<()> {
        self.faults.check("rename")?;
        self.beneath.rename(from, to)
    }

    fn set_properties(&mut self, path: &Path, properties: Properties) -> Result<()> {
        self.faults.check("set_properties")?;
        self.beneath.set_properties(path, properties)
    }

    fn set_fact(&mut self, row: &'static Row, path: &Path, value: Option<Vec<u8>>) -> Result<()> {
        self.faults.check("set_fact")?;
        self.beneath.set_fact(row, path, value)
    }

    fn set_modified(&mut self, path: &Path, modified: Timestamp) -> Result<()> {
        self.faults.check("set_modified")?;
        self.beneath.set_modified(path, modified)
    }

    fn set_lock(&mut self, lock: Lock) -> Result<()> {
        self.faults.check("set_lock")?;
        self.beneath.set_lock(lock)
    }

    fn remove_lock(&mut self, token: &str) -> Result<()> {
        self.faults.check("remove_lock")?;
        self.beneath.remove_lock(token)
    }

    fn commit(self: Box<Self>) -> Result<Committed> {
        self.faults.check("commit")?;
        let committed = self.beneath.commit()?;
        // A commit that failed made nothing; but a process may end before it can tell that it did.
        if self.faults.fault == Fault::Crashes {
            self.faults.check("tell of the commit")?;
        }
        Ok(committed)
    }
}

/// The most operations that one run may have, so that a run that never ends is noticed.
pub const OPERATIONS_MAX: u64 = 10_000;
