//! Removing a tree name by name, in pieces: without recursion, with two descriptors however deep it
//! is, and without ever going where another disk, or another part of this one, is mounted.

use std::{
    collections::BTreeSet,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags},
    io::{Errno, Result},
};

use crate::{
    names::{
        entries::Entries,
        stat::{disk_of, look},
    },
    system,
};

/// A tree that is being removed.
pub(crate) struct Removal {
    /// The directory that holds its name.
    holder: OwnedFd,
    name: Name,
    has_begun: bool,
    /// The directories in which the work goes on, from the outermost.
    levels: Vec<Level>,
    /// The innermost of them, open.
    names: Option<Entries>,
    /// The number of names in memory that were gone through.
    passed: usize,
    trouble: Option<Errno>,
}

type Name = Box<[u8]>;

/// A directory that is being emptied.
struct Level {
    name: Name,
    /// The mark that tells it from all others, so that the way back up leads where it came from.
    identity: Identity,
    /// Directories in it that were met.
    below: Vec<Name>,
    /// What in it cannot be removed.
    kept: BTreeSet<Name>,
    /// True if its names were gone through, all of them or as many as are remembered.
    is_read: bool,
    /// True if they are gone through once more, when those that are remembered are gone.
    is_cut: bool,
}

type Identity = ((u32, u32), u64);

impl Removal {
    /// Begins to remove what bears a name.
    ///
    /// # Errors
    /// Where there is no descriptor left.
    pub(crate) fn of(dir: impl AsFd, name: &[u8]) -> Result<Self> {
        let holder = rustix::io::fcntl_dupfd_cloexec(dir, 0)?;
        let (levels, names) = (Vec::new(), None);
        let name = name.into();
        Ok(Self { holder, name, has_begun: false, levels, names, passed: 0, trouble: None })
    }

    /// Removes all that can be removed.
    pub(crate) fn remove_all(&mut self) {
        while !self.remove_some(usize::MAX) {}
    }

    /// Goes on for about so many names; says whether all that can be removed is.
    pub(crate) fn remove_some(&mut self, budget: usize) -> bool {
        if !self.has_begun {
            self.has_begun = true;
            self.begin();
        }
        for _ in 0..budget {
            if self.levels.is_empty() {
                return true;
            }
            if let Err(errno) = self.go_on() {
                // Somebody else is moving these directories: what is left is left.
                self.keep(None, errno);
                self.levels.clear();
                self.names = None;
            }
        }
        self.levels.is_empty()
    }

    /// The first thing that kept something from being removed.
    pub(crate) fn trouble(&self) -> Option<Errno> {
        self.trouble
    }

    fn begin(&mut self) {
        match system::unlinkat(&self.holder, &*self.name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            // Linux says that it is a directory by EISDIR, other systems by EPERM.
            Err(Errno::ISDIR | Errno::PERM) => {
                let name = self.name.clone();
                if let Err(errno) = self.descend(name) {
                    self.keep(None, errno);
                }
            }
            Err(errno) => self.keep(None, errno),
        }
    }

    /// One name more.
    fn go_on(&mut self) -> Result<()> {
        let Some(level) = self.levels.last_mut() else { return Ok(()) };
        if !level.is_read {
            self.pass();
            return Ok(());
        }
        if let Some(name) = level.below.pop() {
            self.enter(name);
            return Ok(());
        }
        if level.is_cut {
            level.is_cut = false;
            level.is_read = false;
            return Ok(());
        }
        self.ascend()
    }

    /// Goes through the next of the names in the innermost directory.
    fn pass(&mut self) {
        let (Some(names), Some(level)) = (&mut self.names, self.levels.last_mut()) else {
            return;
        };
        let Some((name, kind)) = names.name(self.passed) else {
            self.passed = 0;
            level.is_read = !names.read().unwrap_or_else(|errno| {
                self.trouble.get_or_insert(errno);
                false
            });
            return;
        };
        self.passed += 1;
        if matches!(name, b"." | b"..") || level.kept.contains(name) {
            return;
        }
        if kind == FileType::Directory {
            level.below.push(name.into());
            level.is_cut = level.below.len() >= BELOW_MAX;
            level.is_read = level.is_cut;
            return;
        }
        match system::unlinkat(names.dir(), name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(Errno::ISDIR | Errno::PERM) if kind == FileType::Unknown => {
                level.below.push(name.into());
            }
            Err(errno) => {
                let name = name.into();
                self.keep(Some(name), errno);
            }
        }
    }

    /// Goes one directory deeper, or leaves it where that cannot be.
    fn enter(&mut self, name: Name) {
        match self.descend(name.clone()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => self.keep(Some(name), errno),
        }
    }

    fn descend(&mut self, name: Name) -> Result<()> {
        let of = self.names.as_ref().map_or(self.holder.as_fd(), Entries::dir);
        let dir = open(of, &name, ResolveFlags::BENEATH | ResolveFlags::NO_XDEV)?;
        let identity = identity(&dir)?;
        let (below, kept) = (Vec::new(), BTreeSet::new());
        self.levels.push(Level { name, identity, below, kept, is_read: false, is_cut: false });
        self.names = Some(Entries::of(dir));
        self.passed = 0;
        Ok(())
    }

    /// The innermost directory is empty, but for what stays: goes back to the one that holds it.
    fn ascend(&mut self) -> Result<()> {
        let (Some(done), Some(names)) = (self.levels.pop(), self.names.take()) else {
            return Ok(());
        };
        let above = match self.levels.last() {
            None => rustix::io::fcntl_dupfd_cloexec(&self.holder, 0)?,
            Some(level) => {
                let dir = open(names.dir(), b"..", ResolveFlags::NO_XDEV)?;
                if identity(&dir)? != level.identity {
                    return Err(Errno::AGAIN);
                }
                dir
            }
        };
        drop(names);
        match system::unlinkat(&above, &*done.name, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => {
                let held = self.levels.last().map(|_| done.name);
                self.keep(held, errno);
            }
        }
        if !self.levels.is_empty() {
            self.names = Some(Entries::of(above));
            self.passed = 0;
        }
        Ok(())
    }

    /// A name in the innermost directory cannot be removed.
    fn keep(&mut self, name: Option<Name>, errno: Errno) {
        self.trouble.get_or_insert(errno);
        if let (Some(name), Some(level)) = (name, self.levels.last_mut()) {
            level.kept.insert(name);
            // Nobody goes through a directory for ever in which all of it stays.
            if level.kept.len() >= KEPT_MAX {
                level.is_read = true;
                level.is_cut = false;
            }
        }
    }
}

impl std::fmt::Debug for Removal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Removal").field("depth", &self.levels.len()).finish_non_exhaustive()
    }
}

fn open(of: BorrowedFd<'_>, name: &[u8], resolve: ResolveFlags) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let resolve = resolve | ResolveFlags::NO_SYMLINKS;
    loop {
        match rustix::fs::openat2(of, name, flags, Mode::empty(), resolve) {
            Err(Errno::AGAIN | Errno::INTR) => {}
            done => return done,
        }
    }
}

fn identity(dir: &OwnedFd) -> Result<Identity> {
    let stat = look(dir)?;
    Ok((disk_of(&stat), stat.stx_ino))
}

/// The number of directories of one that are remembered before the first of them is emptied: their
/// names take memory.
const BELOW_MAX: usize = 1000;

/// The number of names that stay in one directory which are remembered.
const KEPT_MAX: usize = 1000;
