//! The folder that is served, with all that is known of it: what the rest of the crate works with.

use std::{
    os::fd::AsFd,
    sync::{Arc, atomic::AtomicU64},
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::Path,
    timestamp::Timestamp,
};
use methodical_store::{beginning::Remembered, guard::Guards, sync::Log};
use rustix::fs::FlockOperation;

use crate::{
    bytes::{identity, syncing::Syncs},
    facts::Facts,
    names::{
        mounts::Mounts,
        tree::{Standing, Tree},
    },
    options::FolderOptions,
    state::{self, State, trash::Remover},
    test_faults::Faults,
};

/// The folder that is served, with all that is known of it.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) tree: Tree,
    pub(crate) state: State,
    pub(crate) guards: Guards,
    pub(crate) syncs: Arc<Syncs>,
    pub(crate) remover: Remover,
    pub(crate) options: FolderOptions,
    pub(crate) release: Box<str>,
    pub(crate) facts: Facts,
    /// The types that the first bytes of files told.
    pub(crate) beginnings: Remembered,
    /// All that was seen of collections that clients synchronize.
    pub(crate) log: Arc<Log>,
    /// Counts commits that moved or removed names, which may have been links.
    pub(crate) moves: AtomicU64,
    /// Counts commits that changed anything.
    pub(crate) commits: AtomicU64,
    /// Octets that are set aside on the disk for content ahead of it.
    pub(crate) ahead: Arc<AtomicU64>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) mounts: Mounts,
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
    pub(crate) fn writable(&self) -> Result<()> {
        if self.options.writable {
            return Ok(());
        }
        let detail = "This server only shows the folder; it does not change it.";
        Err(Error::refused(Condition::Forbidden, detail))
    }

    /// The state folder's parts, made if they are missing.
    pub(crate) fn rooms(&self) -> Result<Arc<state::Rooms>> {
        self.state.rooms(&self.tree)
    }

    /// Removes for good what no name leads to any more.
    pub(crate) fn discard(&self, temp: state::Temp) {
        if temp.is_unnoted() { self.remover.discard_now(temp) } else { self.remover.discard(temp) }
    }

    /// Returns whether an open file lies on a disk whose change times, once seen, are never given
    /// again.
    pub(crate) fn is_multigrain(&self, fd: impl AsFd) -> bool {
        let disk = rustix::fs::fstatfs(fd);
        disk.is_ok_and(|disk| identity::is_multigrain(&self.release, disk.f_type))
    }

    /// Returns when something was deleted at a path, if nothing took its place.
    pub(crate) fn deleted_at(&self, path: &Path) -> Result<Option<Timestamp>> {
        if self.facts.remembers_none() || !self.tree.shows(path) {
            return Ok(None);
        }
        let at = self.tree.resolve(path)?.name;
        let Some(when) = self.facts.tombstone(&at) else { return Ok(None) };
        let stands = self.tree.standing(&at)? != Standing::Nothing;
        Ok(Some(when).filter(|_| !stands))
    }
}
