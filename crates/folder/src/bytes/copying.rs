//! Copies, made out of sight before they come to stand at their names.
//!
//! COPY makes a new resource of what the client may see, by the present state of the transaction:
//! what an earlier change of it placed, moved or removed counts. All of it lies on the target's
//! disk, and is synced, before the commit gives it its name by one rename. A MOVE that a rename
//! cannot do comes here, too, where a link or changes of the same transaction are involved, and
//! keeps times then.

use std::{
    fs::File,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::Arc,
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::{Path, SEGMENTS_MAX},
    rule::privilege::Access,
    timestamp::Timestamp,
};
use rustix::{
    fs::{Dir, Mode, OFlags, Statx},
    io::Errno,
};

use super::{
    identity::{Identity, moment},
    permissions::{self, COLLECTION_MODE},
    stage::{FolderStaging, StagedFile},
    syncing::open_disk,
};
use crate::{
    commit::{
        name_changes::{Pending, Source},
        op::Op,
    },
    errno::{OrRefuse, error, io_error},
    inner::Inner,
    names::{
        disks::Turn,
        stat::{Form, disk_of, look},
    },
    state::{Rooms, Temp, open_dir},
    system,
};
use methodical_content::{FileSlice, staging::Staging};

/// The modification time of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    /// Now: it is another resource.
    New,
    /// That of the original: it takes its place.
    Kept,
}

/// Copies what stands at a name by now, in the midst of a transaction.
pub(crate) struct Copy<'c> {
    /// The store within which it is copied.
    store: &'c Inner,
    /// The names that the transaction changed, with what they stand for.
    pending: &'c Pending,
    /// The changes so far: content that they hold is copied from them.
    ops: &'c [Op],
    /// The kind: a copy, or what takes the place of the original.
    times: Times,
    /// The rights of who copies, where names may be hidden from them.
    access: Option<&'c Access>,
    /// The collections that are being copied, from the outermost on.
    levels: Vec<Level>,
    /// The depth at which the outermost copy will stand, in segments.
    base: usize,
    /// Links that were followed so far; bounded by `COPIED_LINKS_MAX`.
    links: usize,
    /// Files and collections that were made below the outermost one.
    made: usize,
    /// The things that others renamed: the path by which each is known, and the one at which it was
    /// found.
    renamed: Vec<(Path, Path)>,
}

/// A collection that is being copied. Only the innermost is open: however deep it goes, that takes
/// few descriptors and no stack.
struct Level {
    /// By which path it is reached; names that changes gave are found by it.
    from: Path,
    /// The thing that this path stands for.
    source: Source,
    /// The key of the original; nothing for one that the transaction made.
    original: Option<Key>,
    /// The key of the copy: the way back up is checked by it.
    copy: Key,
    /// Collections in it that are still to be copied.
    below: Vec<(Path, Source)>,
}

/// Disk, as its two numbers, and inode.
type Key = ((u32, u32), u64);

impl<'c> Copy<'c> {
    pub(crate) fn new(
        store: &'c Inner,
        (pending, ops): (&'c Pending, &'c [Op]),
        times: Times,
        access: Option<&'c Access>,
    ) -> Self {
        let (levels, renamed) = (Vec::new(), Vec::new());
        Self { store, pending, ops, times, access, levels, base: 0, links: 0, made: 0, renamed }
    }

    /// The former paths by which something that was met is known, each with the present one behind
    /// it.
    pub(crate) fn into_renamed(self) -> Vec<(Path, Path)> {
        self.renamed
    }

    /// Remembers a member whose facts are known by the name that it had before another program
    /// renamed it.
    fn note_renamed(&mut self, member: &Path, source: &Source, stat: &Statx) {
        let Source::Disk(at) = source else { return };
        let birth = Identity::of(stat).birth();
        if let Some(former) = self.store.known_elsewhere(at, &birth) {
            self.renamed.push((former, member.clone()));
        }
    }

    /// A copy of a file's bytes and mode, on the disk on which it will stand, its length, and when
    /// it was modified if that is to be kept.
    pub(crate) fn file(
        &self,
        from: &Path,
        to: &Path,
    ) -> Result<(StagedFile, u64, Option<Timestamp>)> {
        let Some(original) = self.original(&self.pending.source(from))? else {
            return Err(error(Errno::NOENT));
        };
        let stat = look(&original).or_refuse()?;
        // What is set aside for a file with holes would fill them.
        let length =
            Some(stat.stx_size).filter(|size| stat.stx_blocks.saturating_mul(512) >= *size);
        let staging = FolderStaging::begin(self.store, to, length)?;
        let modified = (self.times == Times::Kept).then(|| moment(stat.stx_mtime));
        Ok((fill(staging, original, &stat)?.finish_file()?, stat.stx_size, modified))
    }

    /// A copy of a collection with everything below it, under a name out of sight. Hidden members
    /// are left out, and links that lead outside. A link that leads to something inside becomes a
    /// copy of that: a resource of the copy, as it was one of the original.
    pub(crate) fn tree(&mut self, from: &Path, to: &Path) -> Result<Temp> {
        let turn = if self.ops.is_empty() { Turn::First } else { Turn::Later };
        let temp = self.store.room_for(to, turn, Rooms::staging)?;
        let (syncs, root) = (&self.store.syncs, self.store.tree.root());
        let disk = open_disk(&temp.dir, root)?;
        self.base = to.segments().count();
        let source = self.pending.source(from);
        let mut open = self.enter(from, &source, (temp.dir.as_fd(), temp.name()))?;
        while let (Some(made), Some(level)) = (&open, self.levels.last_mut()) {
            open = match level.below.pop() {
                Some((member, source)) => {
                    let entered = self.enter(&member, &source, (made.as_fd(), member.name()))?;
                    // A link that leads to what holds it is left out.
                    entered.or(open)
                }
                None => self.leave(made)?,
            };
        }
        let synced =
            if self.is_much() { syncs.disk(&disk) } else { syncs.directory(&temp.dir, root) };
        synced.map(|()| temp)
    }

    /// Returns whether so much was made that it is synced all at once in the end.
    fn is_much(&self) -> bool {
        self.made > SYNCED_SINGLY_MAX
    }

    /// Makes a collection, with copies of the files in it.
    fn enter(
        &mut self,
        from: &Path,
        source: &Source,
        (to, name): (BorrowedFd<'_>, &[u8]),
    ) -> Result<Option<OwnedFd>> {
        let opened = source.open(&self.store.tree, READ | OFlags::DIRECTORY)?;
        let original = opened.map(|opened| opened.fd);
        let identity = original.as_ref().map(key).transpose()?;
        let stands = identity.is_some() || *source == Source::Made;
        if !stands || !self.may_enter(identity)? {
            return Ok(None);
        }
        system::mkdirat(to, name, COLLECTION_MODE).or_refuse()?;
        let made = open_dir(to, name).or_refuse()?;
        let (copy, below) = (key(&made)?, Vec::new());
        let (at, of) = (from.clone(), source.clone());
        self.levels.push(Level { from: at, source: of, original: identity, copy, below });
        if let Some(original) = original {
            self.members(from, source, original, &made)?;
        }
        for member in self.pending.members(from) {
            let source = self.pending.source(&member);
            self.member(&member, &source, &made)?;
        }
        Ok(Some(made))
    }

    /// All that is in a collection is copied: goes back to the one that holds it.
    fn leave(&mut self, made: &OwnedFd) -> Result<Option<OwnedFd>> {
        let Some(done) = self.levels.pop() else { return Ok(None) };
        // Last: the original may be one in which nothing can be made.
        if done.original.is_some() {
            let flags = READ | OFlags::DIRECTORY;
            let original = done.source.open(&self.store.tree, flags)?;
            let original = original.ok_or_else(|| changing(&done.from))?;
            permissions::copy(&original.fd, made)?;
        }
        let above = match self.levels.last() {
            None => None,
            Some(level) => {
                let above = open_dir(made, b"..").or_refuse()?;
                if key(&above)? != level.copy {
                    return Err(changing(&done.from));
                }
                Some(above)
            }
        };
        self.made += 1;
        if !self.is_much() {
            self.store.syncs.directory(made, self.store.tree.root())?;
        }
        Ok(above)
    }

    /// Copies the members that stand on the disk and were not changed.
    fn members(
        &mut self,
        from: &Path,
        source: &Source,
        original: OwnedFd,
        made: &OwnedFd,
    ) -> Result<()> {
        // What is shown is judged by where it truly stands.
        let real = if let Source::Disk(real) = source { real } else { from };
        let mut names = Dir::new(original).or_refuse()?;
        while let Some(entry) = names.read() {
            let entry = entry.or_refuse()?;
            let name = entry.file_name().to_bytes();
            if !self.store.tree.shows_member(real, name) {
                continue;
            }
            let member = from.join(name).map_err(|_| error(Errno::NAMETOOLONG))?;
            let shown = self.access.is_none_or(|access| access.shows_names(&member));
            if shown && !self.pending.changed(&member) {
                self.member(&member, &source.member(name)?, made)?;
            }
        }
        Ok(())
    }

    /// Copies a file; a collection is put aside for later; what has no form that is served is left
    /// out.
    fn member(&mut self, member: &Path, source: &Source, made: &OwnedFd) -> Result<()> {
        let is_collection = match source {
            Source::Nothing => return Ok(()),
            Source::Placed(_) => false,
            Source::Made => true,
            Source::Disk(_) | Source::Built(_) => {
                let Some(opened) = source.open(&self.store.tree, OFlags::PATH)? else {
                    return Ok(());
                };
                self.links += usize::from(opened.elsewhere.is_some());
                let stat = look(&opened.fd).or_refuse()?;
                if opened.elsewhere.is_none() {
                    self.note_renamed(member, source, &stat);
                }
                match self.store.tree.form(&stat) {
                    Form::File => false,
                    Form::Collection => true,
                    Form::Link | Form::Special => return Ok(()),
                }
            }
        };
        if is_collection {
            if let Some(level) = self.levels.last_mut() {
                level.below.push((member.clone(), source.clone()));
            }
            return Ok(());
        }
        let Some(original) = self.original(source)? else { return Ok(()) };
        let stat = look(&original).or_refuse()?;
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
        let copy = system::create(made, member.name(), flags, COPY_MODE).or_refuse()?;
        let held = StagedFile { file: copy.into(), temp: None };
        let filled = fill(FolderStaging::onto(self.store, held), original, &stat)?;
        self.made += 1;
        let copy = if self.is_much() { filled.finish_unsynced()? } else { filled.finish_file()? };
        if self.times == Times::Kept { copy.date(moment(stat.stx_mtime)) } else { Ok(()) }
    }

    /// The open file that a copy is made of; nothing where none is.
    fn original(&self, source: &Source) -> Result<Option<File>> {
        match source {
            Source::Nothing | Source::Made => Ok(None),
            Source::Placed(number) => match self.ops.get(*number) {
                Some(Op::Enter { staged, .. }) => {
                    staged.file.try_clone().map(Some).map_err(|failure| io_error(&failure))
                }
                _ => Ok(None),
            },
            Source::Disk(_) | Source::Built(_) => {
                let Some(opened) = source.open(&self.store.tree, READ)? else { return Ok(None) };
                let is_file = self.store.tree.form(&look(&opened.fd).or_refuse()?) == Form::File;
                Ok(is_file.then(|| opened.fd.into()))
            }
        }
    }

    /// Returns whether to go one collection deeper: not where that is one which holds it, or a link
    /// would go on for ever.
    fn may_enter(&mut self, original: Option<Key>) -> Result<bool> {
        let holds_it = |level: &Level| level.original.is_some() && level.original == original;
        if self.levels.iter().any(holds_it) {
            return Ok(false);
        }
        if self.base + self.levels.len() > SEGMENTS_MAX {
            let detail = "Some of this would lie deeper there than paths go; copy it elsewhere.";
            return Err(Error::refused(Condition::Forbidden, detail));
        }
        if self.links > COPIED_LINKS_MAX {
            let detail = "Too many links lead elsewhere in this collection; copy its parts.";
            return Err(Error::refused(Condition::Forbidden, detail));
        }
        Ok(true)
    }
}

/// Disk and inode of an open directory.
fn key(dir: &OwnedFd) -> Result<Key> {
    let stat = look(dir).or_refuse()?;
    Ok((disk_of(&stat), stat.stx_ino))
}

/// Another program is moving what is copied.
fn changing(at: &Path) -> Error {
    let name = at.name_text();
    let detail = format!("Another program is changing {name} while it is copied; try again.");
    Error::refused(Condition::Conflict, detail)
}

/// Fills a file with the bytes of another and gives it the same mode.
fn fill(mut staging: FolderStaging, original: File, stat: &Statx) -> Result<FolderStaging> {
    permissions::copy(&original, staging.file())?;
    let (file, offset, length) = (Arc::new(original.into()), 0, stat.stx_size);
    staging.write_from(&FileSlice { file, offset, length })?;
    Ok(staging)
}

const READ: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY);
/// Until the mode of the original is given, nobody else may read a copy.
const COPY_MODE: Mode = Mode::from_bits_retain(0o600);

/// Files and collections of a copied tree that are synced one by one, at some 3 ms each. One sync
/// of the whole disk takes longer than a few of these, and no longer for many more.
pub(crate) const SYNCED_SINGLY_MAX: usize = 32;

/// Links that one copy follows: each may lead to another tree of links.
const COPIED_LINKS_MAX: usize = 1000;
