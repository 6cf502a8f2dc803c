//! Single steps on the disk of which changes are made.
//!
//! Each does one thing, with what it takes for that; `apply` makes them for a single change,
//! `intent` for several.

use std::os::fd::OwnedFd;

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::Path,
    timestamp::Timestamp,
};
use rustix::{
    fs::{AtFlags, CWD, Mode, OFlags, RenameFlags, Timespec, Timestamps, UTIME_OMIT},
    io::Errno,
};

use crate::{
    bytes::{
        identity::{moment, unique_now, unique_within},
        permissions::Rights,
        stage::StagedFile,
    },
    errno::{OrRefuse, is_absent},
    inner::Inner,
    names::{
        stat::{look, look_at, self_name},
        tree::Parent,
    },
    system,
};

/// The open collection that holds a name.
///
/// # Errors
/// [`Condition::ParentMissing`] (409): it is not there, any more or yet.
pub(super) fn holder<'p>(store: &Inner, at: &'p Path) -> Result<Parent<'p>> {
    store.tree.holder(at)?.ok_or_else(no_holder)
}

/// The refusal for a collection that is missing.
pub(super) fn no_holder() -> Error {
    let detail = "The collection that would hold this does not exist; create it first.";
    Error::refused(Condition::ParentMissing, detail)
}

/// Gives staged content the rights to the file that it replaces, if there is one, and its time.
pub(crate) fn ready(
    staged: &StagedFile,
    replaced: Option<&Rights>,
    modified: Option<Timestamp>,
) -> Result<Timestamp> {
    if let Some(replaced) = replaced {
        replaced.give(&staged.file)?;
    }
    date_staged(staged, modified)
}

/// Gives staged content its time.
pub(super) fn date_staged(staged: &StagedFile, modified: Option<Timestamp>) -> Result<Timestamp> {
    let modified = modified.map_or_else(unique_now, unique_within);
    staged.date(modified)?;
    Ok(modified)
}

/// Gives what bears a name another modification time; tells that which it had.
pub(crate) fn date(store: &Inner, at: &Path, modified: Timestamp) -> Result<(OwnedFd, Timestamp)> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let holder = holder(store, at)?;
    let opened = rustix::fs::openat(&holder.fd, holder.name, flags, Mode::empty()).or_refuse()?;
    let former = moment(look(&opened).or_refuse()?.stx_mtime);
    let last_access = Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT };
    let last_modification =
        Timespec { tv_sec: modified.seconds(), tv_nsec: modified.nanoseconds().into() };
    let times = Timestamps { last_access, last_modification };
    // By its name in the process's own list: a file that may not be read can be dated, too.
    system::utimensat(CWD, self_name(&opened), &times, AtFlags::empty()).or_refuse()?;
    Ok((opened, former))
}

/// Renames to a name that nothing bears.
pub(crate) fn rename_to_vacant(
    from: &OwnedFd,
    name: &[u8],
    to: &OwnedFd,
    new_name: &[u8],
) -> rustix::io::Result<()> {
    match system::renameat_with(from, name, to, new_name, RenameFlags::NOREPLACE) {
        // A disk that cannot refuse by itself: the guard keeps our writers away meanwhile.
        Err(Errno::INVAL | Errno::NOSYS) => match look_at(to, new_name) {
            Err(errno) if is_absent(errno) => system::renameat(from, name, to, new_name),
            _ => Err(Errno::EXIST),
        },
        done => done,
    }
}
