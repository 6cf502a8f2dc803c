//! A copy of a ledger that another process is writing: that one lets nobody else in.

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path as DiskPath, PathBuf},
    time::SystemTime,
};

/// The files of the copy, removed when this is dropped.
#[derive(Debug)]
pub(super) struct Copied(PathBuf);

impl Copied {
    /// Copies the ledger with its log.
    ///
    /// A log that begins with the same bytes before and after was not begun anew meanwhile. So what
    /// the database had of it when it was copied is in the log that was copied after it, and what
    /// the log ends in the midst of is left out by its checksums.
    ///
    /// # Errors
    /// When they cannot be read, or change all the time, or nothing can be written.
    pub(super) fn of(ledger: &str) -> io::Result<Self> {
        let copied = Self::empty()?;
        let log = format!("{ledger}-wal");
        for _ in 0..TRIES_MAX {
            let begins = head(&log)?;
            fs::write(copied.ledger(), fs::read(ledger)?)?;
            fs::write(copied.0.join("ledger-wal"), fs::read(&log)?)?;
            if head(&log)? == begins {
                return Ok(copied);
            }
        }
        Err(io::Error::other("it changes faster than it can be read"))
    }

    /// Returns where the copy of the ledger is.
    pub(super) fn ledger(&self) -> PathBuf {
        self.0.join("ledger")
    }

    /// A folder that nobody else may look into.
    fn empty() -> io::Result<Self> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let name = format!("methodical-{}-{}", std::process::id(), now.as_nanos());
        let folder = std::env::temp_dir().join(name);
        fs::DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        // What cannot be removed is left to those who clean that folder.
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Returns what tells one log from the next: its header with the salts.
fn head(log: impl AsRef<DiskPath>) -> io::Result<Vec<u8>> {
    let mut head = fs::read(log)?;
    head.truncate(LOG_HEADER_BYTES);
    Ok(head)
}

/// Bytes of a log's header (SQLite file format, section 4.1).
const LOG_HEADER_BYTES: usize = 32;

/// The number of times that it is tried again when the log was begun anew meanwhile: a thousand
/// changes went by each time.
const TRIES_MAX: usize = 10;
