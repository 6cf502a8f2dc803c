//! Room on the disk that is set aside before a commit, so that it can be taken back or closed also
//! when the disk is full by then.

use std::os::fd::{AsFd, OwnedFd};

use rustix::{
    fs::{FallocateFlags, Mode, OFlags},
    io::{Errno, Result},
};

use crate::system;

/// The room that is set aside at the end of the ledger's log.
#[derive(Debug, Default)]
pub(super) struct Reserved {
    log: Option<OwnedFd>,
    /// Up to which length of the log.
    till: u64,
}

impl Reserved {
    /// Sets aside what so many changes, and taking them back, may take.
    ///
    /// # Errors
    /// Where there is no room for that.
    pub(super) fn make(&mut self, state: impl AsFd, changes: usize) -> Result<()> {
        let log = match &self.log {
            Some(log) => log,
            None => match open(state) {
                Ok(log) => self.log.insert(log),
                // It is made by the first change.
                Err(_) => return Ok(()),
            },
        };
        let length = rustix::fs::fstat(log)?.st_size.unsigned_abs();
        let changes = u64::try_from(changes).unwrap_or(u64::MAX);
        let needed = LEAST_BYTES.saturating_add(changes.saturating_mul(CHANGE_BYTES));
        if length.saturating_add(needed) <= self.till {
            return Ok(());
        }
        let more = needed.saturating_add(LEAST_BYTES);
        match system::fallocate(log, FallocateFlags::KEEP_SIZE, length, more) {
            Ok(()) => self.till = length.saturating_add(more),
            Err(errno @ (Errno::NOSPC | Errno::DQUOT)) => return Err(errno),
            // A disk that sets nothing aside.
            Err(_) => {}
        }
        Ok(())
    }
}

/// The log is no file that SQLite locks: it may be opened beside it.
fn open(state: impl AsFd) -> Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(state, LOG, flags, Mode::empty())
}

/// Returns whether a disk has less room than a change of the ledger takes.
pub(super) fn is_full(state: impl AsFd) -> bool {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let probed = rustix::fs::openat(&state, ".", flags, Mode::RUSR | Mode::WUSR)
        .and_then(|file| rustix::fs::fallocate(file, FallocateFlags::empty(), 0, LEAST_BYTES));
    match probed {
        Ok(()) => false,
        Err(Errno::NOSPC | Errno::DQUOT) => true,
        Err(_) => rustix::fs::fstatvfs(state)
            .is_ok_and(|disk| disk.f_blocks > 0 && disk.f_bavail * disk.f_frsize < LEAST_BYTES),
    }
}

/// Returns whether a disk can only be read, by now.
pub(super) fn is_read_only(state: impl AsFd) -> bool {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let probed = rustix::fs::openat(state, ".", flags, Mode::RUSR | Mode::WUSR);
    matches!(probed, Err(Errno::ROFS))
}

const LOG: &str = "ledger.sqlite-wal";

/// The octets that a change of few facts takes in the log, and as much again to take it back: each
/// page that it touches, of 4 KiB.
const LEAST_BYTES: u64 = 96 << 10;

/// The octets that one fact more takes, there and back.
const CHANGE_BYTES: u64 = 512;
