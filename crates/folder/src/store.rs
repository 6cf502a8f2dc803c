//! A folder as a store.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::{Footprint, Touch},
    path::Path,
    timestamp::Timestamp,
};
use rustix::fs::{AtFlags, StatxFlags};

use crate::{
    bytes::{identity::Identity, stage::FolderStaging},
    commit::changes::FolderChanges,
    facts::reconcile,
    inner::Inner,
    names::look::FolderSnapshot,
    options::{Durability, SyncCount},
};
use methodical_content::staging::Staging;
use methodical_store::{
    guard::{Asked, Held},
    resource::Witness,
    store::{Begun, Snapshot, Store},
};

/// A folder as a store.
#[derive(Debug)]
pub struct FolderStore {
    pub(crate) inner: Arc<Inner>,
    pub(crate) remarks: Vec<String>,
}

impl FolderStore {
    /// Returns what a commit waits for.
    pub fn durability(&self) -> Durability {
        self.inner.options.durability
    }

    /// Returns whether anything may be changed.
    pub fn is_writable(&self) -> bool {
        self.inner.options.writable
    }

    /// Returns what the operator should know of how this folder is served, a sentence each.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Returns how often the ledger was turned to: as long as this stays the same no SQL was run.
    #[cfg(feature = "testing")]
    pub fn ledger_uses(&self) -> u64 {
        self.inner.facts.uses.load(Ordering::Relaxed)
    }

    /// Ends all work on the disk after so many more steps, as if the process were killed there:
    /// nothing is finished, nothing cleaned up.
    #[cfg(feature = "testing")]
    pub fn crash_after(&self, steps: u32) {
        self.inner.faults.crash_after(steps);
    }

    /// Returns whether the work has ended by [`Self::crash_after`].
    #[cfg(feature = "testing")]
    pub fn is_down(&self) -> bool {
        self.inner.faults.is_down()
    }

    /// Behaves as on a disk that knows no files without a name.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_named_files_only(self) -> Self {
        self.inner.faults.set_named_only();
        self
    }

    /// Behaves as on a disk whose files cannot change places.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_no_exchange(self) -> Self {
        self.inner.faults.set_no_exchange();
        self
    }

    /// Behaves as if everything lay on another disk than the state folder.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_disks_apart(self) -> Self {
        self.inner.faults.set_apart();
        self
    }

    /// Returns how often the disk was made to keep something.
    pub fn syncs(&self) -> SyncCount {
        self.inner.syncs.count()
    }
}

impl Store for FolderStore {
    fn snapshot(&self) -> Box<dyn Snapshot + '_> {
        Box::new(FolderSnapshot::at(&self.inner))
    }

    fn stage(&self, path: &Path, length: Option<u64>) -> Result<Box<dyn Staging>> {
        self.inner.writable()?;
        self.inner.tree.permit(path)?;
        Ok(Box::new(FolderStaging::begin(&self.inner, path, length)?))
    }

    fn begin(&self, footprint: &Footprint, held: Option<Held>) -> Result<Begun<'_>> {
        self.inner.writable()?;
        let Inner { tree, guards, .. } = &*self.inner;
        let begun = |held| {
            let changes = FolderChanges::begin(FolderSnapshot::at(&self.inner), held);
            Ok(Begun::Changes(Box::new(changes)))
        };
        let look = || tree.real_footprint(footprint, |path| tree.resolve(path));
        let mut held = held;
        for _ in 0..LINK_ATTEMPTS_MAX {
            let moves = self.inner.moves.load(Ordering::Acquire);
            let real_footprint = look()?;
            // Who waited has it for where this led by then; somebody may have turned a link since.
            match held.take().filter(|held| guards.guard(held, &real_footprint)) {
                Some(held) => return begun(held),
                None => match guards.ask(real_footprint)? {
                    Asked::Waits(turn) => return Ok(Begun::Waits(turn)),
                    // Who did not wait has just looked, unless one of us moved names in between.
                    Asked::Held(at_once) if self.inner.moves.load(Ordering::Acquire) == moves => {
                        return begun(at_once);
                    }
                    Asked::Held(at_once) => held = Some(at_once),
                },
            }
        }
        let detail = "Others keep changing what this leads to; try again in a moment.";
        Err(Error::refused(Condition::Overloaded, detail))
    }

    fn reads_fast(&self, path: &Path) -> bool {
        self.inner.tree.reads_fast(path)
    }

    fn writes_fast(&self, path: &Path) -> bool {
        let footprint = Footprint(vec![Touch::content(path)]);
        self.durability() == Durability::Relaxed
            && self.inner.guards.is_free(&footprint)
            && self.reads_fast(path)
    }

    fn unchanged(&self, path: &Path, witness: &Witness) -> bool {
        if !self.reads_fast(path) {
            return false;
        }
        // A plain look, not one beneath the root by openat2: a file with this identity was opened
        // there once, and nothing else can have the same inode, change time and all. Where the
        // path leads elsewhere by now, the identity differs.
        let flags = AtFlags::NO_AUTOMOUNT;
        let mask = StatxFlags::BASIC_STATS;
        let stat = rustix::fs::statx(self.inner.tree.root(), path.bytes(), flags, mask);
        self.inner.facts.epoch() == witness.facts()
            && stat.is_ok_and(|stat| Identity::of(&stat).is_that_of(witness))
    }

    fn keep_secret(&self, files: &[PathBuf]) -> Result<()> {
        self.inner.tree.keep_secret(files)
    }

    fn keep_spelled(&self, paths: &[Path]) {
        self.inner.tree.spelled.keep(paths);
    }

    fn notes_are_kept(&self) -> bool {
        let Inner { options, log, facts, .. } = &*self.inner;
        !options.writable || !log.is_used() && facts.is_kept()
    }

    fn flush_notes(&self) -> Result<()> {
        if self.inner.options.writable { reconcile::flush_notes(&self.inner) } else { Ok(()) }
    }

    fn sweep(&self, now: Timestamp) -> Result<()> {
        self.inner.judge_spelling();
        self.inner.tree.look_at_secrets()?;
        if self.inner.options.writable { reconcile::sweep(&self.inner, now) } else { Ok(()) }
    }
}

impl Drop for FolderStore {
    fn drop(&mut self) {
        // What is lost makes clients begin anew, and harms nobody.
        _ = self.flush_notes();
    }
}

/// The number of times that links may turn while a writer waits for its guard.
const LINK_ATTEMPTS_MAX: usize = 8;
