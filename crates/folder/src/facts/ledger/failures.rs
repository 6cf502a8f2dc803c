//! What the failures of SQLite's mean to a client.

use std::os::fd::{AsFd, OwnedFd};

use methodical_semantics::{condition::Condition, error::Error};
use rusqlite::{ErrorCode, ffi};
use rustix::io::Errno;

use super::reserve;

/// Why a ledger cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LedgerError {
    /// It was written by a later version.
    #[error("it was written by a later version of this program")]
    Newer,
    /// Its disk is full.
    #[error("there is no room on its disk")]
    NoRoom,
    /// Whatever else.
    #[error("{0}")]
    Other(#[from] rusqlite::Error),
}

/// Says that the ledger is about to be changed.
///
/// # Errors
/// In a test that wants this change to fail, as SQLite would tell it.
pub(super) fn about_to(change: &'static str) -> rusqlite::Result<()> {
    crate::system::about_to(change).map_err(|errno| {
        let code = match errno {
            Errno::NOSPC | Errno::DQUOT => ffi::SQLITE_FULL,
            Errno::ROFS => ffi::SQLITE_READONLY,
            _ => ffi::SQLITE_IOERR,
        };
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
    })
}

/// The error for a failure of SQLite's.
pub(super) fn failed(failure: rusqlite::Error) -> Error {
    match failure.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => no_room(Errno::NOSPC),
        Some(ErrorCode::ReadOnly) => read_only(),
        _ => Error::failed(failure),
    }
}

/// The error for what cannot be remembered.
pub(super) fn no_room(_: Errno) -> Error {
    Error::refused(Condition::InsufficientStorage, "There is no room left to remember this.")
}

fn read_only() -> Error {
    Error::refused(Condition::Forbidden, "The disk can only be read.")
}

/// As [`failed`], of a change on the disk that holds this folder.
pub(super) fn told(failure: rusqlite::Error, state: Option<&OwnedFd>) -> Error {
    if is_for_want_of_room(&failure, state) {
        no_room(Errno::NOSPC)
    } else if is_for_want_of_leave(&failure, state) {
        read_only()
    } else {
        failed(failure)
    }
}

impl From<LedgerError> for Error {
    fn from(failure: LedgerError) -> Self {
        match failure {
            LedgerError::NoRoom => no_room(Errno::NOSPC),
            LedgerError::Newer => Self::failed(failure),
            LedgerError::Other(failure) => failed(failure),
        }
    }
}

/// Returns whether something failed since there is no room. SQLite tells a quota that is used up as
/// any other failure of the disk: so the disk is asked.
pub(super) fn is_for_want_of_room(failure: &rusqlite::Error, state: Option<impl AsFd>) -> bool {
    match failure.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => true,
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly) => {
            state.is_some_and(reserve::is_full)
        }
        _ => false,
    }
}

/// Returns whether something failed since the disk can only be read. SQLite tells a disk that comes
/// to be so while the ledger is open as any other failure: so the disk is asked.
fn is_for_want_of_leave(failure: &rusqlite::Error, state: Option<impl AsFd>) -> bool {
    match failure.sqlite_error_code() {
        Some(ErrorCode::ReadOnly) => true,
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => {
            state.is_some_and(reserve::is_read_only)
        }
        _ => false,
    }
}
