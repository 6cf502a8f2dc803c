//! The owner of a file, its rights, and what people noted of it: new content takes that over from
//! the file that it replaces, since for everybody else it is still the same file.

use std::os::fd::{AsFd, AsRawFd};

use methodical_semantics::error::Result;
use rustix::{
    buffer::{SpareCapacity, spare_capacity},
    fs::{Gid, Mode, Statx, Uid, XattrFlags},
    io::Errno,
};

use crate::{
    errno::{OrRefuse, error, is_absent},
    names::{
        stat::{Form, form_of, look, look_at},
        tree::Parent,
    },
    system,
};

/// The rights to a file.
pub(crate) struct Rights {
    stat: Statx,
    /// Its access control list, as the system tells it; nothing where mode bits say all.
    list: Option<Vec<u8>>,
    /// Its extended attributes that are people's own (`user.*`), with their names.
    notes: Notes,
}

/// Extended attributes, each with its name.
type Notes = Vec<(Box<[u8]>, Vec<u8>)>;

impl Rights {
    /// Those to the file that bears a name; nothing if nothing does.
    ///
    /// # Errors
    /// `Conflict` where something else bears it.
    pub(crate) fn of(holder: &Parent<'_>) -> Result<Option<Self>> {
        match look_at(&holder.fd, holder.name) {
            Ok(stat) if form_of(&stat) == Form::File => {
                // There is no such call for a name in an open directory: the process's own list of
                // files stands for that.
                let dir = format!("/proc/self/fd/{}/", holder.fd.as_raw_fd());
                let name = [dir.as_bytes(), holder.name].concat();
                let notes = notes(
                    |room| rustix::fs::llistxattr(&name, room),
                    |note, room| rustix::fs::lgetxattr(&name, note, room),
                )?;
                Ok(Some(Self { stat, list: list(&name)?, notes }))
            }
            Ok(_) => Err(error(Errno::EXIST)),
            Err(errno) if is_absent(errno) => Ok(None),
            Err(errno) => Err(error(errno)),
        }
    }

    /// Gives them to another file: what was noted, its owner where that is permitted, its list, its
    /// mode bits.
    /// Set-user-id bits are not given: they would vouch for bytes that nobody checked.
    pub(crate) fn give(&self, file: impl AsFd) -> Result<()> {
        give_notes(&self.notes, &file)?;
        let (wanted, has) = (&self.stat, look(&file).or_refuse()?);
        if (has.stx_uid, has.stx_gid) != (wanted.stx_uid, wanted.stx_gid) {
            let (uid, gid) = (Uid::from_raw(wanted.stx_uid), Gid::from_raw(wanted.stx_gid));
            match system::fchown(&file, Some(uid), Some(gid)) {
                // An owner that only the superuser can give: the group may still be possible.
                Err(Errno::PERM) => system::fchown(&file, None, Some(gid)).unwrap_or(()),
                done => done.or_refuse()?,
            }
        }
        give_list(self.list.as_deref(), &file)?;
        if has.stx_mode & KEPT_MODE_BITS == wanted.stx_mode & KEPT_MODE_BITS && self.list.is_none()
        {
            return Ok(());
        }
        let mode = Mode::from_raw_mode(u32::from(wanted.stx_mode & KEPT_MODE_BITS));
        system::fchmod(file, mode).or_refuse()
    }
}

/// Gives a copy the permissions of its open original, and what was noted of it, where its disk has
/// such. It keeps its own owner.
///
/// RFC 4918 section 9.8.2: the copy is as the original in what people said of it.
pub(crate) fn copy(original: impl AsFd, copy: impl AsFd) -> Result<()> {
    let notes = notes(
        |room| rustix::fs::flistxattr(&original, room),
        |note, room| rustix::fs::fgetxattr(&original, note, room),
    )?;
    // First: the mode may be one that lets nobody write.
    give_notes(&notes, &copy)?;
    let stat = look(&original).or_refuse()?;
    let mut list = Vec::new();
    if let Ok(length) = rustix::fs::fgetxattr_query(&original, LIST) {
        list.reserve(length);
        let spare = spare_capacity(&mut list);
        rustix::fs::fgetxattr(&original, LIST, spare).or_refuse()?;
    }
    give_list(Some(list.as_slice()).filter(|list| !list.is_empty()), &copy)?;
    match system::fchmod(&copy, Mode::from_raw_mode(u32::from(stat.stx_mode & 0o777))) {
        Err(errno) if is_absent(errno) || errno == Errno::PERM => Ok(()),
        done => done.or_refuse(),
    }
}

/// The list of the file of this name; nothing where it has none, as nearly all have none.
fn list(name: &[u8]) -> Result<Option<Vec<u8>>> {
    let read = || {
        let length = rustix::fs::lgetxattr_query(name, LIST)?;
        let mut list = Vec::with_capacity(length);
        rustix::fs::lgetxattr(name, LIST, spare_capacity(&mut list))?;
        Ok(list)
    };
    match read() {
        Ok(list) => Ok(Some(list)),
        Err(Errno::NODATA | Errno::OPNOTSUPP | Errno::NOSYS) => Ok(None),
        Err(errno) if is_absent(errno) => Ok(None),
        Err(errno) => Err(error(errno)),
    }
}

/// The attributes that are people's own, of what is read like this; none where it may not be.
fn notes(
    names: impl Fn(SpareCapacity<'_, u8>) -> rustix::io::Result<usize>,
    value: impl Fn(&[u8], SpareCapacity<'_, u8>) -> rustix::io::Result<usize>,
) -> Result<Notes> {
    let names = match attribute(names) {
        Ok(names) => names,
        Err(errno) if is_unreadable(errno) => return Ok(Vec::new()),
        Err(errno) => return Err(error(errno)),
    };
    let own = names.split(|byte| *byte == 0).filter(|name| name.starts_with(NOTES));
    let mut notes = Vec::new();
    for note in own {
        match attribute(|room| value(note, room)) {
            Ok(value) => notes.push((note.into(), value)),
            Err(errno) if is_unreadable(errno) => {}
            Err(errno) => return Err(error(errno)),
        }
    }
    Ok(notes)
}

/// Gives a file what was noted of another.
fn give_notes(notes: &Notes, file: impl AsFd) -> Result<()> {
    for (name, value) in notes {
        match system::fsetxattr(&file, &**name, value, XattrFlags::empty()) {
            // Its disk has none; it comes to its own as far as that can be.
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => break,
            done => done.or_refuse()?,
        }
    }
    Ok(())
}

/// Reads into a buffer of unknown length: nearly always there is nothing, or little.
fn attribute(
    read: impl Fn(SpareCapacity<'_, u8>) -> rustix::io::Result<usize>,
) -> rustix::io::Result<Vec<u8>> {
    let mut value = Vec::with_capacity(ATTRIBUTE_BYTES_USUAL);
    match read(spare_capacity(&mut value)) {
        Err(Errno::RANGE) => {
            value.reserve(ATTRIBUTE_BYTES_MAX);
            read(spare_capacity(&mut value))?;
        }
        done => drop(done?),
    }
    Ok(value)
}

/// Returns whether there is no such attribute, or none that we may see.
fn is_unreadable(errno: Errno) -> bool {
    let hidden = [Errno::NODATA, Errno::OPNOTSUPP, Errno::NOSYS, Errno::ACCESS, Errno::PERM];
    is_absent(errno) || hidden.contains(&errno)
}

/// Gives a file this list and no other: without it, it would be open to whom the list kept out, for
/// with a list the mode bits of the group say what the list may grant at most.
fn give_list(list: Option<&[u8]>, file: impl AsFd) -> Result<()> {
    let done = match list {
        Some(list) => system::fsetxattr(file, LIST, list, XattrFlags::empty()),
        // It may have got one from its directory.
        None => system::fremovexattr(file, LIST),
    };
    match done {
        Err(Errno::NODATA | Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
        done => done.or_refuse(),
    }
}

const LIST: &str = "system.posix_acl_access";

/// The begin of the names of people's own attributes.
const NOTES: &[u8] = b"user.";

/// Octets of all names, or of a value, that most files do not reach.
const ATTRIBUTE_BYTES_USUAL: usize = 256;

/// Octets of all names, or of a value, that the kernel lets a file have (64 KiB each).
const ATTRIBUTE_BYTES_MAX: usize = 64 << 10;

/// The mode bits that new content keeps.
const KEPT_MODE_BITS: u16 = 0o1777;

/// The mode of a new collection, less what the process's umask takes away.
pub(crate) const COLLECTION_MODE: Mode = Mode::from_bits_retain(0o777);
