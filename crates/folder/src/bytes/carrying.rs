//! Taking something to where its name cannot go: to another disk that is mounted inside, or from a
//! layer that renames nothing. All of it goes along: names that are hidden, links as links, pipes,
//! whose it is, who may do what with it, times, attributes, names that several have in common, and
//! holes. What the other disk cannot keep is not taken there.
//!
//! No recursion, and two descriptors on each side however deep it is.
//!
//! MOVE comes here where the kernel answers a rename with EXDEV: the result has to be that of a
//! rename, and not that of COPY, which leaves out what is hidden and what is no file. It is built
//! under a name out of sight on the other disk, synced there as a whole, and comes to stand at its
//! name by the commit, which removes the original after that.

use std::{
    collections::HashMap,
    fs::File,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::Arc,
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::Path,
};
use rustix::{
    fs::{
        AtFlags, FileType, Gid, Mode, OFlags, ResolveFlags, Statx, Timespec, Timestamps, Uid,
        XattrFlags, makedev,
    },
    io::Errno,
};

use super::{
    identity::{Identity, moment},
    permissions,
    stage::{FolderStaging, StagedFile},
    syncing::open_disk,
};
use crate::{
    errno::{OrRefuse, error, io_error},
    inner::Inner,
    names::{
        disks::Turn,
        entries::Entries,
        stat::{Form, disk_of, form_of, look, look_at},
        tree::Parent,
    },
    state::{Rooms, Temp, open_dir},
    system,
};
use methodical_content::{FileSlice, staging::Staging};

/// Something that is taken elsewhere.
pub(crate) struct Carrying<'c> {
    /// The store within which it goes.
    store: &'c Inner,
    /// The collections on the way down to where the work is, the outermost first.
    levels: Vec<Level>,
    /// The collection that is gone through, and the one that is made.
    open: Option<(Entries, OwnedFd)>,
    /// Names of the open collection's present batch that were taken.
    passed: usize,
    /// The places where files were made that have several names, by inode.
    shared: HashMap<u64, Path>,
}

/// A collection that is gone through.
struct Level {
    /// Disk and inode of the original, by which the way back up is checked.
    of: Key,
    /// The same of what was made.
    made: Key,
    /// The state of the original when it was entered: what was made is given it in the end.
    stat: Statx,
    /// The path of what is made, out of sight.
    at: Path,
    /// Collections in it that are still to be entered.
    below: Vec<Box<[u8]>>,
    /// True if all of its names have been seen.
    is_read: bool,
}

/// Disk, as its two numbers, and inode.
type Key = ((u32, u32), u64);

impl Inner {
    /// The same content on the disk on which a path lies.
    pub(crate) fn rehome(&self, staged: &StagedFile, at: &Path) -> Result<StagedFile> {
        let stat = look(&staged.file).or_refuse()?;
        let mut staging = FolderStaging::begin(self, at, None)?;
        let file: Result<File, Error> = staged.file.try_clone().map_err(|it| io_error(&it));
        let (file, offset, length) = (Arc::new(file?.into()), 0, stat.stx_size);
        staging.write_from(&FileSlice { file, offset, length })?;
        let moved = staging.finish_file()?;
        permissions::copy(&staged.file, &moved.file)?;
        moved.date(moment(stat.stx_mtime))?;
        Ok(moved)
    }

    /// Makes what stands at a path anew under a name out of sight, from where it can come to stand
    /// at another.
    pub(crate) fn carry(&self, (from, to): (&Path, &Path), turn: Turn) -> Result<Temp> {
        let temp = self.room_for(to, turn, Rooms::staging)?;
        let source = self.tree.holder(from)?.ok_or_else(|| error(Errno::NOENT))?;
        let disk = open_disk(&temp.dir, self.tree.root())?;
        let (levels, shared) = (Vec::new(), HashMap::new());
        let mut carrying = Carrying { store: self, levels, open: None, passed: 0, shared };
        carrying.all(&source, &temp).map_err(told)?;
        self.syncs.disk(&disk)?;
        Ok(temp)
    }
}

/// A refusal in the words of whoever asked for another name only.
fn told(failure: Error) -> Error {
    let Error::Refused(refusal) = &failure else { return failure };
    if refusal.condition != Condition::Forbidden {
        return failure;
    }
    let detail = "Another disk is there, which cannot keep all of this as it is; copy it instead.";
    Error::refused(Condition::Forbidden, detail)
}

impl Carrying<'_> {
    /// Takes the whole, without recursion: names of the open collection first, then those below it.
    fn all(&mut self, source: &Parent<'_>, temp: &Temp) -> Result<()> {
        self.one(source.fd.as_fd(), source.name, (temp.dir.as_fd(), temp.name()), &temp.at)?;
        while let Some(level) = self.levels.last_mut() {
            if !level.is_read {
                self.pass()?;
            } else if let Some(name) = level.below.pop() {
                let Some((names, made)) = self.open.take() else { return Ok(()) };
                let at = level.at.join(&name).map_err(|_| error(Errno::NAMETOOLONG))?;
                self.enter((names.dir(), &name), (made.as_fd(), &name), &at)?;
            } else {
                self.ascend()?;
            }
        }
        Ok(())
    }

    /// Takes the next of the names.
    fn pass(&mut self) -> Result<()> {
        let Some((mut names, made)) = self.open.take() else { return Ok(()) };
        let Some(level) = self.levels.last_mut() else { return Ok(()) };
        let Some((name, _)) = names.name(self.passed) else {
            self.passed = 0;
            level.is_read = !names.read().or_refuse()?;
            self.open = Some((names, made));
            return Ok(());
        };
        self.passed += 1;
        if !matches!(name, b"." | b"..") {
            let stat = look_at(names.dir(), name).or_refuse()?;
            if form_of(&stat) == Form::Collection {
                level.below.push(name.into());
            } else {
                let at = level.at.join(name).map_err(|_| error(Errno::NAMETOOLONG))?;
                self.leaf((names.dir(), name), &stat, (made.as_fd(), name), &at)?;
            }
        }
        self.open = Some((names, made));
        Ok(())
    }

    /// Takes what stands at the outermost name: a collection is entered, all else is made at once.
    fn one(
        &mut self,
        dir: BorrowedFd<'_>,
        name: &[u8],
        to: (BorrowedFd<'_>, &[u8]),
        at: &Path,
    ) -> Result<()> {
        let stat = look_at(dir, name).or_refuse()?;
        if form_of(&stat) == Form::Collection {
            return self.enter((dir, name), to, at);
        }
        self.leaf((dir, name), &stat, to, at)
    }

    /// Makes a collection that only we may use until it is done, and goes into it.
    fn enter(
        &mut self,
        (dir, name): (BorrowedFd<'_>, &[u8]),
        (to, new): (BorrowedFd<'_>, &[u8]),
        at: &Path,
    ) -> Result<()> {
        let original = open(dir, name, OFlags::DIRECTORY)?;
        let stat = look(&original).or_refuse()?;
        system::mkdirat(to, new, Mode::RWXU).or_refuse()?;
        let made = open_dir(to, new).or_refuse()?;
        let (of, made_of) = (key(&stat), key(&look(&made).or_refuse()?));
        let (at, below) = (at.clone(), Vec::new());
        self.levels.push(Level { of, made: made_of, stat, at, below, is_read: false });
        self.open = Some((Entries::of(original), made));
        self.passed = 0;
        Ok(())
    }

    /// All of a collection is taken: it gets what was the original's, and the work goes on above.
    fn ascend(&mut self) -> Result<()> {
        let (Some(done), Some((names, made))) = (self.levels.pop(), self.open.take()) else {
            return Ok(());
        };
        let above = match self.levels.last() {
            None => None,
            Some(level) => {
                let of = open_above(names.dir(), level.of)?;
                Some((Entries::of(of), open_above(made.as_fd(), level.made)?))
            }
        };
        give(names.dir(), &done.stat, made.as_fd())?;
        self.open = above;
        Ok(())
    }

    /// Makes anew what is no collection. A further name of a file that has several becomes one of
    /// the copy.
    fn leaf(
        &mut self,
        (dir, name): (BorrowedFd<'_>, &[u8]),
        stat: &Statx,
        (to, new): (BorrowedFd<'_>, &[u8]),
        at: &Path,
    ) -> Result<()> {
        let is_shared = stat.stx_nlink > 1;
        if let Some(first) = self.shared.get(&stat.stx_ino).filter(|_| is_shared) {
            let root = self.store.tree.root();
            let flags = AtFlags::empty();
            return system::linkat(root, first.bytes(), to, new, flags).or_refuse();
        }
        match FileType::from_raw_mode(u32::from(stat.stx_mode)) {
            FileType::RegularFile => {
                self.file(&open(dir, name, OFlags::NOFOLLOW)?, stat, to, new)?;
            }
            FileType::Symlink => {
                let target = rustix::fs::readlinkat(dir, name, Vec::new()).or_refuse()?;
                system::symlinkat(&*target, to, new).or_refuse()?;
                owned_and_dated(stat, to, new)?;
            }
            kind @ (FileType::Directory
            | FileType::Fifo
            | FileType::Socket
            | FileType::CharacterDevice
            | FileType::BlockDevice
            | FileType::Unknown) => {
                let device = makedev(stat.stx_rdev_major, stat.stx_rdev_minor);
                system::mknodat(to, new, kind, Mode::RWXU, device).or_refuse()?;
                owned_and_dated(stat, to, new)?;
                system::chmodat(to, new, mode_of(stat), AtFlags::empty()).or_refuse()?;
                dated(stat, to, new)?;
            }
        }
        if is_shared {
            self.shared.insert(stat.stx_ino, at.clone());
        }
        Ok(())
    }

    /// Makes a file anew with its bytes.
    ///
    /// # Errors
    /// It was changed while it was read: what was made would be neither the one nor the other
    /// state.
    fn file(&self, original: &OwnedFd, stat: &Statx, to: BorrowedFd<'_>, new: &[u8]) -> Result<()> {
        let before = Identity::of(&look(original).or_refuse()?);
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
        let copy = system::create(to, new, flags, Mode::RUSR | Mode::WUSR).or_refuse()?;
        let copy = StagedFile { file: copy.into(), temp: None };
        let mut staging = FolderStaging::onto(self.store, copy);
        let file = original.try_clone().map(File::from).map_err(Error::failed)?;
        let (file, offset, length) = (Arc::new(file.into()), 0, before.length);
        staging.write_from(&FileSlice { file, offset, length })?;
        let copy = staging.finish_unsynced()?;
        if Identity::of(&look(original).or_refuse()?) != before {
            let detail = "Another program is changing this; try again.";
            return Err(Error::refused(Condition::Conflict, detail));
        }
        give(original.as_fd(), stat, copy.file.as_fd())
    }
}

/// Opens what is directly in a collection, following no link and crossing to no other disk.
fn open(dir: BorrowedFd<'_>, name: &[u8], flags: OFlags) -> Result<OwnedFd> {
    let flags = flags | OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
    match rustix::fs::openat2(dir, name, flags, Mode::empty(), resolve) {
        Err(Errno::XDEV) => Err(error(Errno::BUSY)),
        done => done.or_refuse(),
    }
}

/// The collection that holds another, if nobody moved that meanwhile.
fn open_above(of: BorrowedFd<'_>, wanted: Key) -> Result<OwnedFd> {
    let above = open(of, b"..", OFlags::DIRECTORY)?;
    if key(&look(&above).or_refuse()?) == wanted {
        return Ok(above);
    }
    let detail = "Another program is moving what is below; try again.";
    Err(Error::refused(Condition::Conflict, detail))
}

fn key(stat: &Statx) -> Key {
    (disk_of(stat), stat.stx_ino)
}

/// The permissions of the original, with set-user-ID, set-group-ID and sticky bits.
fn mode_of(stat: &Statx) -> Mode {
    Mode::from_raw_mode(u32::from(stat.stx_mode & 0o7777))
}

/// Gives what was made the owner, attributes, mode and times of the original, in this order: each
/// may change what comes behind.
fn give(original: BorrowedFd<'_>, stat: &Statx, made: BorrowedFd<'_>) -> Result<()> {
    let has = look(made).or_refuse()?;
    if (has.stx_uid, has.stx_gid) != (stat.stx_uid, stat.stx_gid) {
        let (uid, gid) = (Uid::from_raw(stat.stx_uid), Gid::from_raw(stat.stx_gid));
        system::fchown(made, Some(uid), Some(gid)).or_refuse()?;
    }
    give_attributes(original, made)?;
    system::fchmod(made, mode_of(stat)).or_refuse()?;
    system::futimens(made, &times(stat)).or_refuse()
}

/// Gives the extended attributes. One that is its owner's own, or grants something, must be kept,
/// or the whole is refused; others the new disk may leave out.
fn give_attributes(original: BorrowedFd<'_>, made: BorrowedFd<'_>) -> Result<()> {
    let mut names = Vec::new();
    match rustix::fs::flistxattr_query(original) {
        Ok(0) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => return Ok(()),
        length => names.reserve(length.or_refuse()?),
    }
    let spare = rustix::buffer::spare_capacity(&mut names);
    rustix::fs::flistxattr(original, spare).or_refuse()?;
    for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let length = rustix::fs::fgetxattr_query(original, name).or_refuse()?;
        let mut value = Vec::with_capacity(length);
        let spare = rustix::buffer::spare_capacity(&mut value);
        rustix::fs::fgetxattr(original, name, spare).or_refuse()?;
        match system::fsetxattr(made, name, &value, XattrFlags::empty()) {
            // What security modules note of a file, they note of the new one by their own rules.
            Err(Errno::PERM | Errno::ACCESS | Errno::OPNOTSUPP) if !is_kept(name) => {}
            Err(Errno::OPNOTSUPP) => return Err(error(Errno::PERM)),
            done => done.or_refuse()?,
        }
    }
    Ok(())
}

/// Returns whether an attribute is its owner's own, or grants something.
fn is_kept(name: &[u8]) -> bool {
    [b"user.".as_slice(), b"system.", b"security.capability"]
        .iter()
        .any(|kept| name.starts_with(kept))
}

/// Gives owner and times to what cannot be opened: links, pipes and devices.
fn owned_and_dated(stat: &Statx, to: BorrowedFd<'_>, name: &[u8]) -> Result<()> {
    let has = look_at(to, name).or_refuse()?;
    if (has.stx_uid, has.stx_gid) != (stat.stx_uid, stat.stx_gid) {
        let (uid, gid) = (Uid::from_raw(stat.stx_uid), Gid::from_raw(stat.stx_gid));
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        system::chownat(to, name, Some(uid), Some(gid), flags).or_refuse()?;
    }
    dated(stat, to, name)
}

/// Gives the times, of a link its own.
fn dated(stat: &Statx, to: BorrowedFd<'_>, name: &[u8]) -> Result<()> {
    system::utimensat(to, name, &times(stat), AtFlags::SYMLINK_NOFOLLOW).or_refuse()
}

/// The times of access and modification of the original.
fn times(stat: &Statx) -> Timestamps {
    let time = |of| {
        let of = moment(of);
        Timespec { tv_sec: of.seconds(), tv_nsec: of.nanoseconds().into() }
    };
    Timestamps { last_access: time(stat.stx_atime), last_modification: time(stat.stx_mtime) }
}
