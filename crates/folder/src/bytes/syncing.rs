//! Syncing to the disk, shared by those who ask for the same directory at the same time.
//!
//! An answer of success means that the change outlives a power cut, unless the operator chose
//! relaxed durability. A sync takes milliseconds whoever asks for it, so that many small writes
//! into one directory are as fast as the disk only if they share it.

use std::{
    collections::HashMap,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use methodical_semantics::error::{Error, Result};
use rustix::{
    fs::{Mode, OFlags},
    io::Errno,
};

use super::identity::{EXT4, TMPFS, XFS};
use crate::{
    errno::{OrRefuse, error},
    names::stat::{disk_of, look, self_name},
    options::{Durability, SyncCount},
    system,
};

/// All syncing of a store.
#[derive(Debug)]
pub(crate) struct Syncs {
    /// With relaxed durability nothing here syncs, but for what mends a failure.
    durability: Durability,
    /// Syncs of files so far, for the metrics and for tests.
    files: AtomicU64,
    /// Syncs of directories and of whole disks so far.
    directories: AtomicU64,
    /// Those that are waiting or syncing just now; a directory that nobody wants synced has none.
    groups: Mutex<HashMap<Directory, Arc<Group>>>,
}

/// Disk, as its two numbers, and inode.
type Directory = ((u32, u32), u64);

/// Those who want one directory synced. A sync that begins after a change covers the change, so
/// that whoever comes while one runs is served, with all others who came meanwhile, by the next.
#[derive(Debug, Default)]
struct Group {
    state: Mutex<GroupState>,
    ended: Condvar,
}

/// Syncs are numbered from 1 in the order of their begin.
#[derive(Debug, Default)]
struct GroupState {
    /// The number of the last that began.
    begun: u64,
    /// The number of the last that ended.
    ended: u64,
    running: bool,
    /// Those who wait for one to end.
    waiting: usize,
    /// The last that failed, and why: all who shared it are told.
    failed: Option<(u64, Errno)>,
}

impl Syncs {
    pub(crate) fn new(durability: Durability) -> Self {
        let (files, directories) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { durability, files, directories, groups: Mutex::default() }
    }

    /// Returns whether an answer waits for the disk.
    pub(crate) fn is_full(&self) -> bool {
        self.durability == Durability::Full
    }

    pub(crate) fn count(&self) -> SyncCount {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        SyncCount { files: of(&self.files), directories: of(&self.directories) }
    }

    /// Brings the bytes of a file to the disk.
    pub(crate) fn file(&self, file: impl AsFd) -> Result<()> {
        if !self.is_full() {
            return Ok(());
        }
        self.files.fetch_add(1, Ordering::Relaxed);
        system::fdatasync(file).or_refuse()
    }

    /// Brings a file to the disk that came to bear a name, on disks where syncing the directory
    /// might not: btrfs keeps no record of a synced file without a name (its `btrfs_log_inode`
    /// skips those with no links). ext4 and xfs do.
    pub(crate) fn entered(&self, file: impl AsFd) -> Result<()> {
        let known = |magic| matches!(magic, EXT4 | XFS | TMPFS);
        if !self.is_full() || rustix::fs::fstatfs(&file).is_ok_and(|disk| known(disk.f_type)) {
            return Ok(());
        }
        self.files.fetch_add(1, Ordering::Relaxed);
        system::fsync(file).or_refuse()
    }

    /// Brings the times of an open file or directory to the disk, whatever it was opened for.
    pub(crate) fn dated(&self, dated: impl AsFd, root: BorrowedFd<'_>) -> Result<()> {
        if !self.is_full() {
            return Ok(());
        }
        self.files.fetch_add(1, Ordering::Relaxed);
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        match rustix::fs::open(self_name(&dated), flags, Mode::empty()) {
            Ok(readable) => system::fsync(readable).or_refuse(),
            Err(Errno::ACCESS) => system::syncfs(root).or_refuse(),
            Err(errno) => Err(error(errno)),
        }
    }

    /// Brings the names in a directory to the disk, those that were changed before this call.
    /// `root` stands in for a directory that may be searched but not read.
    pub(crate) fn directory(&self, dir: &impl AsFd, root: BorrowedFd<'_>) -> Result<()> {
        if !self.is_full() {
            return Ok(());
        }
        let stat = look(dir).or_refuse()?;
        let key = (disk_of(&stat), stat.stx_ino);
        let group = Arc::clone(self.groups().entry(key).or_default());
        let done = group.sync(|| {
            self.directories.fetch_add(1, Ordering::Relaxed);
            sync_now(dir, root)
        });
        let mut groups = self.groups();
        // The map's own and this one: nobody else waits.
        if Arc::strong_count(&group) == 2 {
            groups.remove(&key);
        }
        done.map_err(error)
    }

    /// Brings a whole disk to rest, where less failed that was made already: what it keeps then, it
    /// keeps all the same.
    ///
    /// # Errors
    /// The disk does not vouch for what was made.
    pub(crate) fn again(&self, of: impl AsFd) -> Result<()> {
        self.directories.fetch_add(1, Ordering::Relaxed);
        system::syncfs(of).map_err(|errno| {
            Error::failed(format!("it was made, but the disk does not vouch for it: {errno}"))
        })
    }

    /// Brings all of a disk to rest: one sync in place of many.
    pub(crate) fn disk(&self, disk: &OwnedFd) -> Result<()> {
        if !self.is_full() {
            return Ok(());
        }
        self.directories.fetch_add(1, Ordering::Relaxed);
        system::syncfs(disk).or_refuse()
    }

    fn groups(&self) -> MutexGuard<'_, HashMap<Directory, Arc<Group>>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Group {
    /// Waits until a sync that began after this call has ended: one's own, or another's.
    fn sync(&self, run: impl FnOnce() -> rustix::io::Result<()>) -> rustix::io::Result<()> {
        let mut state = self.state();
        let wanted = state.begun + 1;
        state.waiting += 1;
        while state.running && state.ended < wanted {
            state = self.ended.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting -= 1;
        if state.ended >= wanted {
            return match state.failed {
                Some((at, errno)) if at >= wanted => Err(errno),
                _ => Ok(()),
            };
        }
        state.begun += 1;
        state.running = true;
        let mine = state.begun;
        drop(state);
        let done = run();
        let mut state = self.state();
        state.running = false;
        state.ended = mine;
        if let Err(errno) = done {
            state.failed = Some((mine, errno));
        }
        drop(state);
        self.ended.notify_all();
        done
    }

    fn state(&self) -> MutexGuard<'_, GroupState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens what [`Syncs::disk`] needs, before anything is written: failures are told of since then.
/// `root` stands in for a directory that may be searched but not read.
pub(crate) fn open_disk(dir: &impl AsFd, root: BorrowedFd<'_>) -> Result<OwnedFd> {
    match rustix::fs::openat(dir, ".", READ_DIR, Mode::empty()) {
        Err(Errno::ACCESS) => rustix::io::dup(root).or_refuse(),
        opened => opened.or_refuse(),
    }
}

/// Syncs a directory; one that may not be read takes the whole disk along.
fn sync_now(dir: &impl AsFd, root: BorrowedFd<'_>) -> rustix::io::Result<()> {
    match rustix::fs::openat(dir, ".", READ_DIR, Mode::empty()) {
        Ok(readable) => system::fsync(readable),
        Err(Errno::ACCESS) => system::syncfs(root),
        Err(errno) => Err(errno),
    }
}

const READ_DIR: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread};

    use super::*;

    #[test]
    fn whoever_comes_while_a_sync_runs_shares_the_next() {
        let group = Group::default();
        let syncs = AtomicU64::new(0);
        let (began, begin) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        thread::scope(|scope| {
            let group = &group;
            scope.spawn(move || {
                group.sync(|| {
                    began.send(()).unwrap();
                    ended.recv().unwrap();
                    Ok(())
                })
            });
            begin.recv().unwrap();
            for _ in 0..7 {
                scope.spawn(|| {
                    group.sync(|| {
                        syncs.fetch_add(1, Ordering::Relaxed);
                        Ok(())
                    })
                });
            }
            while group.state().waiting < 7 {
                thread::yield_now();
            }
            assert_eq!(syncs.load(Ordering::Relaxed), 0, "nobody may begin beside a running sync");
            end.send(()).unwrap();
        });
        assert_eq!(syncs.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn who_shares_a_sync_shares_its_failure() {
        let group = Group::default();
        assert_eq!(group.sync(|| Err(Errno::IO)), Err(Errno::IO));
        assert_eq!(group.sync(|| Ok(())), Ok(()));
    }
}
