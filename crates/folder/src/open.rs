//! Opening a folder: what must be so, and the sentence that says what to do where it is not.

use std::{
    os::fd::OwnedFd,
    path::Path as DiskPath,
    sync::{Arc, atomic::AtomicU64},
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Refusal},
    path::RESERVED,
};
use rustix::{
    fs::{Access, AtFlags, CWD, FileType, FlockOperation, Mode, OFlags, ResolveFlags},
    io::Errno,
};

use crate::{
    bytes::{identity::unique_now, syncing::Syncs},
    commit::intent,
    facts::{
        Facts,
        ledger::{self, Ledger, LedgerError, intents::Intent},
    },
    inner::Inner,
    names::{
        mounts::{Mount, Mounts},
        stat::{absolute, self_name},
        tree::Tree,
    },
    options::FolderOptions,
    state::{State, trash::Remover},
    store::FolderStore,
    test_faults::Faults,
};
use methodical_store::{beginning::Remembered, guard::Guards, sync::Log};

/// Why a folder cannot be served, for the operator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is nothing.
    #[error("There is no folder {0}; name one that exists, or create it.")]
    Missing(String),
    /// A file or something else is there.
    #[error("{0} is no folder; name the folder that holds it.")]
    NotAFolder(String),
    /// The system does not let us in.
    #[error("{0} cannot be read; give this user the right to read and enter it.")]
    NotReadable(String),
    /// It can be read only.
    #[error("{0} cannot be written; give this user the right to, or serve it read-only.")]
    NotWritable(String),
    /// Another process has it open for writing.
    #[error("{0} is being written by another server; stop that one, or serve it read-only.")]
    InUse(String),
    /// What bears the name of the server's own folder is none.
    #[error(
        "{0}/.methodical is no folder, and in one of that name is kept what files cannot say; \
         move it away."
    )]
    NoStateFolder(String),
    /// The server's own folder belongs to somebody else.
    #[error(
        "{0}/.methodical cannot be read and written by this user; give it to the user that the \
         server runs as (chown -R)."
    )]
    StateNotOurs(String),
    /// The kernel cannot keep paths beneath a root.
    #[error(
        "The kernel has no openat2; Linux 5.6 or later is needed, and a sandbox must allow it."
    )]
    NoOpenat2,
    /// The process file system is missing.
    #[error("/proc is not mounted; mount it, it is needed to name open files.")]
    NoProc,
    /// The ledger was written by a later version.
    #[error("The ledger in {0}/.methodical was written by a later version; use that one.")]
    NewerLedger(String),
    /// The ledger is damaged, or no ledger.
    #[error("The ledger in {0}/.methodical cannot be read ({1}); restore it, or move it away.")]
    Ledger(String, String),
    /// There is no room to open the ledger.
    #[error(
        "The disk of {0} is full, so that its ledger cannot be opened; delete something there."
    )]
    NoRoom(String),
    /// Whatever else.
    #[error("{0} cannot be opened: {1}.")]
    Other(String, String),
}

impl FolderStore {
    /// Opens a folder, and finishes and sweeps what an earlier process was killed at.
    ///
    /// # Errors
    /// See [`OpenError`]: each is a sentence that tells the operator what to do.
    ///
    /// ```
    /// use methodical_folder::{FolderOptions, FolderStore};
    /// let folder = tempfile::tempdir()?;
    /// let options = FolderOptions { writable: true, ..FolderOptions::default() };
    /// let store = FolderStore::open(folder.path(), options)?;
    /// assert!(store.is_writable());
    /// assert!(FolderStore::open(&folder.path().join("none"), FolderOptions::default()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(root: &DiskPath, options: FolderOptions) -> Result<Self, OpenError> {
        Self::open_with(root, options, Unfinished::LeftOut)
    }

    /// Opens a folder to be looked at once, beside a server that may be writing it: what that one
    /// remembers by now is known, too, but for dead properties and for facts that are not held in
    /// memory.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_beside(root: &DiskPath) -> Result<Self, OpenError> {
        Self::open_with(root, FolderOptions::default(), Unfinished::Copied)
    }

    fn open_with(
        root: &DiskPath,
        options: FolderOptions,
        unfinished: Unfinished,
    ) -> Result<Self, OpenError> {
        let shown = root.display().to_string();
        let fd = open_root(root, &shown)?;
        if options.writable {
            claim(&fd, &shown)?;
            check_state(&fd, &shown)?;
        }
        let release = rustix::system::uname().release().to_string_lossy().into_owned();
        let syncs = Arc::new(Syncs::new(options.durability));
        let faults = Arc::new(Faults::none());
        let log = if options.writable { Log::begun(unique_now()) } else { Log::of_what_is_read() };
        let inner = Inner {
            tree: Tree::new(fd, root, &options),
            state: State::new(Arc::clone(&syncs), Arc::clone(&faults)),
            guards: Guards::new(),
            syncs,
            remover: Remover::default(),
            options,
            release: release.into(),
            facts: Facts::default(),
            beginnings: Remembered::default(),
            log: Arc::new(log),
            moves: AtomicU64::new(0),
            commits: AtomicU64::new(0),
            faults,
            ahead: Arc::default(),
            mounts: Mounts::of_this_process(),
        };
        inner.judge_spelling();
        inner.judge_disks();
        let remarks = if inner.options.writable {
            inner.recover(&shown)?
        } else {
            inner.read_ledger(&shown, unfinished)?
        };
        Ok(Self { inner: Arc::new(inner), remarks })
    }
}

impl Inner {
    /// Finds out whether names may be found under other spellings.
    pub(super) fn judge_spelling(&self) {
        // What has no absolute path is on no disk that is looked at here.
        let at = absolute(self.tree.root()).unwrap_or_default();
        self.tree.spelled.set_loose(self.mounts.are_loose(self.tree.root(), &at));
    }

    /// Finds out where slow disks are mounted. Asks the kernel alone, and none of the disks.
    pub(super) fn judge_disks(&self) {
        let inner = |at: &[u8]| self.tree.inner_path(at).ok().flatten();
        let slow = self.mounts.places(Mount::is_slow);
        let others = self.mounts.places(|mount| !mount.is_slow());
        let mut others = others.iter().filter_map(|at| inner(at));
        let others = others.any(|at| !at.is_root());
        self.tree.slow.set_below(slow.iter().filter_map(|at| inner(at)).collect(), others);
    }

    /// Finishes and sweeps what an earlier process was killed at; what could not be is remarked.
    fn recover(&self, shown: &str) -> Result<Vec<String>, OpenError> {
        let other = |failure: Error| OpenError::Other(shown.to_owned(), failure.to_string());
        let rooms = match self.state.existing(&self.tree) {
            Ok(Some(rooms)) => rooms,
            Ok(None) => return Ok(Vec::new()),
            // A state folder that could be made in part only.
            Err(Error::Refused(refusal)) if is_full(&refusal) => return Ok(vec![no_room()]),
            Err(failure) => return Err(other(failure)),
        };
        let mut remarks = Vec::new();
        if has(&rooms.base, ledger::NAME) {
            let mut writer = self.facts.writer();
            let intents = match Ledger::open(&rooms.base, self.syncs.is_full()) {
                Ok(ledger) => {
                    let intents = self.load(&ledger).map_err(other)?;
                    writer.take(ledger, Arc::clone(&rooms));
                    intents
                }
                Err(failure) => {
                    // What is remembered is known all the same.
                    let ledger = readable(&rooms.base, shown, failure)?;
                    remarks.push(no_room());
                    let intents = self.load(&ledger).map_err(other)?;
                    writer.keep(ledger);
                    intents
                }
            };
            intent::replay(self, &mut writer, &intents).map_err(other)?;
            if !intents.is_empty() {
                // Where there is no room to write it down, that is done later.
                writer.ledger(self).map(drop).unwrap_or_default();
            }
        }
        // Only what no intent names is left now.
        let beside = rooms.leftovers_beside(&self.tree);
        self.remover.sweep(rooms.leftovers().into_iter().chain(beside));
        Ok(remarks)
    }

    /// Shows what a ledger says; what was being done when the process ended.
    fn load(&self, ledger: &Ledger) -> methodical_semantics::error::Result<Vec<Intent>> {
        self.facts.mirror_mut().load(ledger, self.options.tombstones_max)?;
        self.log.load(ledger.sync_log()?);
        self.facts.asked.load(ledger.ids_asked()?);
        ledger.intents()
    }

    /// Reads what is known without writing anything; what had to be left out is remarked.
    fn read_ledger(&self, shown: &str, unfinished: Unfinished) -> Result<Vec<String>, OpenError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let state = rustix::fs::openat(self.tree.root(), RESERVED, flags, Mode::empty());
        let state = match state {
            Ok(state) => state,
            Err(Errno::NOENT) => return Ok(Vec::new()),
            Err(_) => return Ok(vec![UNREADABLE.to_owned()]),
        };
        if !has(&state, ledger::NAME) {
            return Ok(Vec::new());
        }
        let log = rustix::fs::statat(&state, LOG, AtFlags::SYMLINK_NOFOLLOW);
        let opened = match (log.is_ok_and(|log| log.st_size > 0), unfinished) {
            (true, Unfinished::LeftOut) => return Ok(vec![UNFINISHED.to_owned()]),
            (true, Unfinished::Copied) => Ledger::open_copy(&state),
            (false, _) => Ledger::open_read_only(&state),
        };
        let ledger = opened.map_err(|failure| OpenError::of_ledger(shown, failure))?;
        let loaded = self.facts.mirror_mut().load(&ledger, self.options.tombstones_max);
        let other = |failure: Error| OpenError::Other(shown.to_owned(), failure.to_string());
        loaded.map_err(other)?;
        self.log.load(ledger.sync_log().map_err(other)?);
        if unfinished == Unfinished::LeftOut {
            self.facts.writer().keep(ledger);
        }
        Ok(Vec::new())
    }
}

/// The fate of a ledger that another process has not closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unfinished {
    /// It is not read.
    LeftOut,
    /// It is read as it is now, once.
    Copied,
}

impl OpenError {
    fn of_ledger(shown: &str, failure: LedgerError) -> Self {
        match failure {
            LedgerError::Newer => Self::NewerLedger(shown.to_owned()),
            LedgerError::NoRoom => Self::NoRoom(shown.to_owned()),
            LedgerError::Other(failure) => Self::Ledger(shown.to_owned(), failure.to_string()),
        }
    }
}

/// A ledger that cannot be written, to be read: with what its log says if that can be had.
fn readable(state: &OwnedFd, shown: &str, failure: LedgerError) -> Result<Ledger, OpenError> {
    if !matches!(failure, LedgerError::NoRoom) {
        return Err(OpenError::of_ledger(shown, failure));
    }
    let copied = Ledger::open_copy(state).or_else(|_| Ledger::open_read_only(state));
    copied.map_err(|_| OpenError::of_ledger(shown, failure))
}

fn is_full(refusal: &Refusal) -> bool {
    refusal.condition == Condition::InsufficientStorage
}

fn no_room() -> String {
    NO_ROOM.to_owned()
}

/// Returns whether a file of this name is in the directory.
fn has(dir: &OwnedFd, name: &str) -> bool {
    rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
}

fn open_root(root: &DiskPath, shown: &str) -> Result<OwnedFd, OpenError> {
    let shown = || shown.to_owned();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = rustix::fs::open(root, flags, Mode::empty()).map_err(|errno| match errno {
        Errno::NOENT => OpenError::Missing(shown()),
        Errno::NOTDIR => OpenError::NotAFolder(shown()),
        Errno::ACCESS | Errno::PERM => OpenError::NotReadable(shown()),
        other => OpenError::Other(shown(), other.to_string()),
    })?;
    let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let probe = OFlags::PATH | OFlags::CLOEXEC;
    match rustix::fs::openat2(&fd, ".", probe, Mode::empty(), beneath) {
        Ok(_) => {}
        // Sandboxes that do not know the call answer as if it were denied.
        Err(Errno::NOSYS | Errno::PERM) => return Err(OpenError::NoOpenat2),
        Err(Errno::ACCESS) => return Err(OpenError::NotReadable(shown())),
        Err(other) => return Err(OpenError::Other(shown(), other.to_string())),
    }
    match rustix::fs::readlinkat(CWD, self_name(&fd), Vec::new()) {
        Ok(_) => Ok(fd),
        Err(_) => Err(OpenError::NoProc),
    }
}

/// Makes sure that the folder can be written, by us alone: what is staged must not be swept by
/// another server, and its writers take turns by guards that only one process has.
fn claim(fd: &OwnedFd, shown: &str) -> Result<(), OpenError> {
    let access = Access::WRITE_OK | Access::EXEC_OK;
    if rustix::fs::accessat(fd, ".", access, AtFlags::EACCESS).is_err() {
        return Err(OpenError::NotWritable(shown.to_owned()));
    }
    match rustix::fs::flock(fd, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => Err(OpenError::InUse(shown.to_owned())),
        // Disks of other machines may have no such locks; then the operator has to know.
        _ => Ok(()),
    }
}

/// Makes sure that what bears the name of the server's own folder, if anything does, can be that.
fn check_state(fd: &OwnedFd, shown: &str) -> Result<(), OpenError> {
    // Nothing is there yet, or what else is wrong shows where it is opened.
    let found = rustix::fs::statat(fd, RESERVED, AtFlags::SYMLINK_NOFOLLOW);
    let Ok(found) = found else { return Ok(()) };
    if FileType::from_raw_mode(found.st_mode) != FileType::Directory {
        return Err(OpenError::NoStateFolder(shown.to_owned()));
    }
    let access = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
    match rustix::fs::accessat(fd, RESERVED, access, AtFlags::EACCESS) {
        Err(Errno::ACCESS) => Err(OpenError::StateNotOurs(shown.to_owned())),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The ledger's log, which a process that ended well leaves empty or takes away.
const LOG: &str = "ledger.sqlite-wal";

const UNREADABLE: &str = ".methodical is no folder that this user can read: media types that were \
     given, properties, locks and what was deleted are not known.";

const NO_ROOM: &str = "The disk is full: what is remembered is known, but nothing more can be \
     remembered. Delete something; that works through this server, too.";

const UNFINISHED: &str = "The ledger was not closed, or another server is writing: media types \
     that were given, properties, locks and what was deleted are not known until this folder is \
     opened for writing again.";
