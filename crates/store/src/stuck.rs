//! A store of which a part lies on a disk that does not answer as long as it is told not to: who
//! looks there waits. Who looks there and may not wait is counted, and is answered.
//!
//! ```
//! use std::sync::Arc;
//! use methodical_store::{store::Store, stuck::Stuck, testing::{memory, path}, work::at_once};
//! let store = Stuck::new(Arc::new(memory()), path("/slow"));
//! assert!(!store.reads_fast(&path("/slow/f")) && store.reads_fast(&path("/f")));
//! assert!(store.snapshot().find(&path("/slow/f")).unwrap().is_none());
//! assert_eq!(store.disk().seen_at_once(), 0);
//! at_once(|| store.snapshot().find(&path("/slow/f")).is_ok());
//! assert_eq!(store.disk().seen_at_once(), 1);
//! ```

use std::{
    path::PathBuf,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use methodical_content::{Content, FileSlice, file::OpenFile, staging::Staging};
use methodical_semantics::{
    error::{Error, Result},
    footprint::Footprint,
    lock::Locks,
    media::Beginning,
    path::Path,
    rule::ordering::Side,
    timestamp::Timestamp,
};

use crate::{
    beginning::Beginnings,
    facts::{FactReader, Row},
    guard::Held,
    properties::PropertyReader,
    resource::{Identifier, Resource, Witness},
    store::{Begun, Between, DiskSpace, Members, Snapshot, Store},
    sync::Synchronizer,
    walk::Reach,
    work,
};

/// A store with a disk in it that may be stuck.
#[derive(Debug)]
pub struct Stuck {
    beneath: Arc<dyn Store>,
    disk: Arc<Disk>,
}

/// The disk.
#[derive(Debug)]
pub struct Disk {
    at: Path,
    is_stuck: Mutex<bool>,
    freed: Condvar,
    waiting: AtomicUsize,
    at_once: AtomicUsize,
}

impl Stuck {
    /// A store on top of another, of which what is at a path and below lies on the disk.
    pub fn new(beneath: Arc<dyn Store>, at: Path) -> Self {
        let (is_stuck, freed) = (Mutex::new(false), Condvar::new());
        let (waiting, at_once) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { beneath, disk: Arc::new(Disk { at, is_stuck, freed, waiting, at_once }) }
    }

    /// Its disk.
    pub fn disk(&self) -> Arc<Disk> {
        Arc::clone(&self.disk)
    }
}

impl Disk {
    /// Answers nobody from now on.
    pub fn stick(&self) {
        *self.is_stuck.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// Answers everybody again.
    pub fn free(&self) {
        *self.is_stuck.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.freed.notify_all();
    }

    /// Returns how many threads wait for an answer.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    /// Returns how often somebody looked who may not wait.
    pub fn seen_at_once(&self) -> usize {
        self.at_once.load(Ordering::SeqCst)
    }

    fn holds(&self, path: &Path) -> bool {
        path.is_within(&self.at)
    }

    /// Asks the disk, if it is the one of the path.
    fn ask(&self, path: &Path) {
        if !self.holds(path) {
            return;
        }
        if !work::may_wait() {
            self.at_once.fetch_add(1, Ordering::SeqCst);
            return;
        }
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let is_stuck = self.is_stuck.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.freed.wait_while(is_stuck, |is_stuck| *is_stuck));
        self.waiting.fetch_sub(1, Ordering::SeqCst);
    }

    fn resource(&self, found: Resource) -> Resource {
        let witness = found.witness.filter(|_| !self.holds(&found.path));
        Resource { witness, ..found }
    }
}

impl Store for Stuck {
    fn snapshot(&self) -> Box<dyn Snapshot + '_> {
        Box::new(StuckSnapshot { beneath: self.beneath.snapshot(), disk: &self.disk })
    }

    fn stage(&self, path: &Path, length: Option<u64>) -> Result<Box<dyn Staging>> {
        self.disk.ask(path);
        self.beneath.stage(path, length)
    }

    fn begin(&self, footprint: &Footprint, held: Option<Held>) -> Result<Begun<'_>> {
        footprint.0.iter().for_each(|touch| self.disk.ask(&touch.path));
        self.beneath.begin(footprint, held)
    }

    fn reads_fast(&self, path: &Path) -> bool {
        !self.disk.holds(path) && !self.disk.at.is_within(path) && self.beneath.reads_fast(path)
    }

    fn writes_fast(&self, path: &Path) -> bool {
        self.reads_fast(path) && self.beneath.writes_fast(path)
    }

    fn unchanged(&self, path: &Path, witness: &Witness) -> bool {
        self.disk.ask(path);
        self.beneath.unchanged(path, witness)
    }

    fn keep_secret(&self, files: &[PathBuf]) -> Result<()> {
        self.beneath.keep_secret(files)
    }

    fn sweep(&self, now: Timestamp) -> Result<()> {
        self.beneath.sweep(now)
    }
}

struct StuckSnapshot<'s> {
    beneath: Box<dyn Snapshot + 's>,
    disk: &'s Disk,
}

impl Snapshot for StuckSnapshot<'_> {
    fn find(&self, path: &Path) -> Result<Option<Resource>> {
        self.disk.ask(path);
        Ok(self.beneath.find(path)?.map(|found| self.disk.resource(found)))
    }

    fn open(&self, path: &Path) -> Result<Option<(Resource, Content)>> {
        self.disk.ask(path);
        let Some((found, content)) = self.beneath.open(path)? else { return Ok(None) };
        let content = match content {
            Content::File(slice) if self.disk.holds(path) => {
                let file = slice.file.for_reading().and_then(std::fs::File::try_clone);
                let file = Arc::new(OpenFile::on_a_slow_disk(file.map_err(Error::failed)?));
                Content::File(FileSlice { file, ..slice })
            }
            content @ (Content::Bytes(_) | Content::File(_) | Content::Remote(_)) => content,
        };
        Ok(Some((self.disk.resource(found), content)))
    }

    fn beginning(&self, of: &Resource, content: &Content) -> Result<Beginning> {
        self.disk.ask(&of.path);
        self.beneath.beginning(of, content)
    }

    fn beginnings(&self) -> Beginnings {
        self.beneath.beginnings()
    }

    fn members(&self, of: &Path) -> Result<Members<'_>> {
        self.disk.ask(of);
        self.beneath.members(of)
    }

    fn walk(&self, of: &Path, reach: Reach) -> Result<Members<'static>> {
        self.disk.ask(of);
        self.beneath.walk(of, reach)
    }

    fn room(&self, at: &Path) -> Result<Option<DiskSpace>> {
        self.disk.ask(at);
        self.beneath.room(at)
    }

    fn property_reader(&self) -> PropertyReader {
        self.beneath.property_reader()
    }

    fn fact(&self, row: &'static Row, at: &Path) -> Result<Option<Vec<u8>>> {
        self.disk.ask(at);
        self.beneath.fact(row, at)
    }

    fn nearest(&self, row: &'static Row, of: Between<'_>, side: Side) -> Result<Option<Vec<u8>>> {
        self.beneath.nearest(row, of, side)
    }

    fn fact_reader(&self) -> FactReader {
        self.beneath.fact_reader()
    }

    fn identifier(&self) -> Result<Identifier> {
        self.beneath.identifier()
    }

    fn synchronizer(&self) -> Synchronizer {
        self.beneath.synchronizer()
    }

    fn deleted_at(&self, path: &Path) -> Result<Option<Timestamp>> {
        self.disk.ask(path);
        self.beneath.deleted_at(path)
    }

    fn locks(&self) -> Arc<Locks> {
        self.beneath.locks()
    }

    fn real_path(&self, path: &Path) -> Result<Path> {
        self.disk.ask(path);
        self.beneath.real_path(path)
    }

    fn may_write(&self, path: &Path) -> Result<()> {
        self.beneath.may_write(path)
    }
}
