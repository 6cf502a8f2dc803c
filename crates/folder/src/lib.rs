//! Ordinary files beneath one root, every write all or nothing.
//!
//! Names and bytes are the folder's own; others may change them at any time and are seen at once.
//! New content is staged as a file without a name ([`stage`]) and comes to stand at its name by
//! one link or rename ([`apply`]), so that whoever looks, also after a crash, finds the old state
//! or the new. Two writers on one name take turns by [`methodical_store::guard`]; what a name is,
//! with symbolic links on its way, is the kernel's word ([`tree`]).
//!
//! Limits: a hard link is parted from its other names by a write, since a write makes a new file;
//! on a disk that does not tell `a` from `A` two names of one file do not take turns.

mod bytes;
mod commit;
mod errno;
mod facts;
mod names;
mod open;
mod state;
mod system;
mod test_faults;
mod watched;

use methodical_store::store::TOMBSTONES_MAX;
use std::{
    os::fd::AsFd,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::{Footprint, Touch},
    path::Path,
    timestamp::Timestamp,
};
use rustix::fs::{AtFlags, FlockOperation, StatxFlags};

use self::{
    bytes::{
        identity::{self, Identity},
        stage::FolderStaging,
        syncing::Syncs,
    },
    commit::changes::FolderChanges,
    facts::{Facts, reconcile},
    names::{
        look::Look,
        mounts::Mounts,
        tree::{Standing, Tree},
    },
    state::{State, trash::Remover},
    test_faults::Faults,
};
use methodical_content::staging::Staging;
use methodical_store::{
    beginning::Remembered,
    guard::{Asked, Guards, Held},
    resource::Witness,
    store::{Begun, Snapshot, Store},
    sync::Log,
};

pub use self::{commit::changes::MEDIA_TYPE_BYTES_MAX, open::OpenError, watched::WatchedFolder};

/// A folder as a store.
#[derive(Debug)]
pub struct FolderStore {
    inner: Arc<Inner>,
    remarks: Vec<String>,
}

/// How a folder is served.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that the operator has")]
pub struct FolderOptions {
    /// Whether anything may be changed. A store that may not writes nothing anywhere.
    pub writable: bool,
    /// Whether names that begin with a dot are shown.
    pub hidden: bool,
    /// Whether the names are shown that a Mac leaves everywhere, `._*` and `.DS_Store`.
    pub mac_junk: bool,
    /// Whether symbolic links that stay beneath the root are followed.
    pub follow_symlinks: bool,
    /// What a commit waits for.
    pub durability: Durability,
    /// How many deletions are remembered at most, the oldest being forgotten first; 0 for none.
    pub tombstones_max: usize,
}

/// What a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// What is acknowledged is on the disk: it survives a loss of power.
    #[default]
    Full,
    /// What is acknowledged is with the system: it survives the end of the process.
    Relaxed,
}

/// How often the disk was made to keep something, so that a test can tell that it was, and how far
/// writers shared it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SyncCount {
    /// Syncs of files.
    pub files: u64,
    /// Syncs of directories.
    pub directories: u64,
}

/// What everything in this room works with.
#[derive(Debug)]
pub(crate) struct Inner {
    tree: Tree,
    state: State,
    guards: Guards,
    syncs: Arc<Syncs>,
    remover: Remover,
    options: FolderOptions,
    release: Box<str>,
    facts: Facts,
    /// What the first bytes of files told.
    beginnings: Remembered,
    /// What was seen of collections that clients synchronize.
    log: Arc<Log>,
    /// Counts commits that moved or removed names, which may have been links.
    moves: AtomicU64,
    /// Counts commits that changed anything.
    commits: AtomicU64,
    /// Octets that are set aside on the disk for content ahead of it.
    ahead: Arc<AtomicU64>,
    faults: Arc<Faults>,
    mounts: Mounts,
}

impl Default for FolderOptions {
    /// Read-only, as a server starts when nobody says otherwise.
    fn default() -> Self {
        Self {
            writable: false,
            hidden: false,
            mac_junk: false,
            follow_symlinks: true,
            durability: Durability::Full,
            tombstones_max: TOMBSTONES_MAX,
        }
    }
}

impl FolderStore {
    /// What a commit waits for.
    pub fn durability(&self) -> Durability {
        self.inner.options.durability
    }

    /// Whether anything may be changed.
    pub fn is_writable(&self) -> bool {
        self.inner.options.writable
    }

    /// What the operator should know of how this folder is served, a sentence each.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// How often the ledger was turned to: as long as this stays the same no SQL was run.
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

    /// Whether the work has ended by [`Self::crash_after`].
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

    /// How often the disk was made to keep something.
    pub fn syncs(&self) -> SyncCount {
        self.inner.syncs.count()
    }
}

impl Store for FolderStore {
    fn snapshot(&self) -> Box<dyn Snapshot + '_> {
        Box::new(Look::at(&self.inner))
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
            let changes = FolderChanges::begin(Look::at(&self.inner), held);
            Ok(Begun::Changes(Box::new(changes)))
        };
        let truly = || tree.true_footprint(footprint, |path| tree.place(path));
        let mut held = held;
        for _ in 0..LINK_ATTEMPTS_MAX {
            let moves = self.inner.moves.load(Ordering::Acquire);
            let true_footprint = truly()?;
            // Who waited has it for where this led by then; somebody may have turned a link since.
            match held.take().filter(|held| guards.guard(held, &true_footprint)) {
                Some(held) => return begun(held),
                None => match guards.ask(true_footprint)? {
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
        if self.inner.options.writable { reconcile::keep(&self.inner) } else { Ok(()) }
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

impl Drop for Inner {
    fn drop(&mut self) {
        if self.options.writable {
            // A child that was just begun has the folder open too until it executes its program:
            // the claim ends here all the same.
            _ = rustix::fs::flock(self.tree.root(), FlockOperation::Unlock);
        }
    }
}

impl Inner {
    fn writable(&self) -> Result<()> {
        if self.options.writable {
            return Ok(());
        }
        let detail = "This server only shows the folder; it does not change it.";
        Err(Error::refused(Condition::Forbidden, detail))
    }

    /// The state folder's parts, made if they are missing.
    fn rooms(&self) -> Result<Arc<state::Rooms>> {
        self.state.rooms(&self.tree)
    }

    /// Removes for good what no name leads to any more.
    fn discard(&self, gone: state::Temp) {
        if gone.is_unnoted() { self.remover.discard_now(gone) } else { self.remover.discard(gone) }
    }

    /// Whether an open file lies on a disk whose change times, once seen, are never given again.
    fn is_multigrain(&self, fd: impl AsFd) -> bool {
        let disk = rustix::fs::fstatfs(fd);
        disk.is_ok_and(|disk| identity::is_multigrain(&self.release, disk.f_type))
    }

    /// When something was deleted at a path, if nothing took its place.
    fn deleted_at(&self, path: &Path) -> Result<Option<Timestamp>> {
        if self.facts.remembers_none() || !self.tree.shows(path) {
            return Ok(None);
        }
        let at = self.tree.place(path)?.name;
        let Some(when) = self.facts.tombstone(&at) else { return Ok(None) };
        let stands = self.tree.standing(&at)? != Standing::Nothing;
        Ok(Some(when).filter(|_| !stands))
    }
}

/// How often links may turn while a writer waits for its guard.
const LINK_ATTEMPTS_MAX: usize = 8;
