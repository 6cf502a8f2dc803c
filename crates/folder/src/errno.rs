//! What the system's refusals mean to a client. No sentence here holds a path of the disk.

use std::io;

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
};
use rustix::io::Errno;

/// Returns whether opening failed because nothing that may be shown is there: the name is missing,
/// or is longer than the disk could hold, a file stands where a collection would have to, or a
/// symbolic link leads nowhere or outside (openat2 answers `EXDEV` for that under
/// `RESOLVE_BENEATH`).
pub(crate) fn is_absent(errno: Errno) -> bool {
    matches!(errno, Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::XDEV | Errno::NAMETOOLONG)
}

/// The error that a refusal of the system is answered with.
pub(crate) fn error(errno: Errno) -> Error {
    let (condition, detail) = match errno {
        Errno::ACCESS | Errno::PERM => {
            (Condition::Forbidden, "The system that holds the files does not permit this.")
        }
        Errno::ROFS => (Condition::Forbidden, "The disk can only be read."),
        Errno::BUSY => {
            (Condition::Forbidden, "Another disk is mounted here; it cannot be moved or removed.")
        }
        Errno::NOSPC | Errno::DQUOT | Errno::FBIG => {
            (Condition::InsufficientStorage, "There is no room left to store this.")
        }
        Errno::NAMETOOLONG => (Condition::TargetTooLong, "The disk cannot hold so long a name."),
        Errno::INVAL | Errno::ILSEQ => {
            (Condition::Forbidden, "The disk cannot hold a resource of this name or kind.")
        }
        Errno::MFILE | Errno::NFILE => {
            (Condition::Overloaded, "Too many files are open; try again in a moment.")
        }
        Errno::XDEV => (
            Condition::Forbidden,
            "The disk takes this nowhere else in one step; copy it, then delete it.",
        ),
        Errno::NOENT | Errno::NOTDIR | Errno::LOOP => {
            (Condition::NotFound, "There is nothing here.")
        }
        Errno::EXIST | Errno::NOTEMPTY | Errno::ISDIR => {
            (Condition::Conflict, "Something else came to stand here meanwhile.")
        }
        other => return Error::failed(io::Error::from(other)),
    };
    Error::refused(condition, detail)
}

/// The error for a failure of the standard library's file functions.
pub(crate) fn io_error(failure: &io::Error) -> Error {
    match Errno::from_io_error(failure) {
        Some(errno) => error(errno),
        None => Error::failed(failure.to_string()),
    }
}

/// Turns results of the system into ours.
pub(crate) trait OrRefuse<T> {
    /// The value, or the error that the refusal is answered with.
    fn or_refuse(self) -> Result<T>;
    /// The value, nothing where nothing is, or the error.
    fn or_absent(self) -> Result<Option<T>>;
}

impl<T> OrRefuse<T> for rustix::io::Result<T> {
    fn or_refuse(self) -> Result<T> {
        self.map_err(error)
    }

    fn or_absent(self) -> Result<Option<T>> {
        match self {
            Ok(value) => Ok(Some(value)),
            Err(errno) if is_absent(errno) => Ok(None),
            Err(errno) => Err(error(errno)),
        }
    }
}
