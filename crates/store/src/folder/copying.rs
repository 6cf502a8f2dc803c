//! Copies, made out of sight before they come to stand at their names.

use std::{fs::File, os::fd::OwnedFd, sync::Arc};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::{Path, SEGMENTS_MAX},
    timestamp::Timestamp,
};
use rustix::{
    fs::{Dir, Mode, OFlags, Statx},
    io::Errno,
};

use super::{
    Inner,
    apply::COLLECTION_MODE,
    changes::Op,
    disks::Turn,
    errno::{OrRefuse, error, io_error},
    identity::{Identity, moment},
    pending::{Pending, Source},
    rights,
    stage::{FolderStaging, StagedFile},
    state::{Rooms, Temp, open_dir},
    syncing::open_disk,
    tree::{Form, disk_of, form_of, look},
};
use crate::{
    content::{FileSlice, Staging},
    system,
};

/// When a copy was modified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    /// Now: it is another resource.
    New,
    /// When the original was: it takes its place.
    Kept,
}

/// Copies what stands at a name by now, in the midst of a transaction.
pub(crate) struct Copy<'c> {
    store: &'c Inner,
    pending: &'c Pending,
    ops: &'c [Op],
    times: Times,
    /// The collections that are being copied, from the outermost on.
    ancestors: Vec<((u32, u32), u64)>,
    /// How deep the outermost copy will stand.
    base: usize,
    links: usize,
    /// Files and collections that were made below the outermost one.
    made: usize,
    /// What others renamed: the path by which it is known, and the one at which it was found.
    renamed: Vec<(Path, Path)>,
}

impl<'c> Copy<'c> {
    pub(crate) fn new(store: &'c Inner, pending: &'c Pending, ops: &'c [Op], times: Times) -> Self {
        let (ancestors, renamed) = (Vec::new(), Vec::new());
        Self { store, pending, ops, times, ancestors, base: 0, links: 0, made: 0, renamed }
    }

    /// What was met that is known by former paths, each with the present one behind it.
    pub(crate) fn into_renamed(self) -> Vec<(Path, Path)> {
        self.renamed
    }

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
        self.collection(from, &temp.dir, temp.name())?;
        let synced =
            if self.is_much() { syncs.disk(&disk) } else { syncs.directory(&temp.dir, root) };
        synced.map(|()| temp)
    }

    /// Whether so much was made that it is synced all at once in the end.
    fn is_much(&self) -> bool {
        self.made > SYNCED_SINGLY_MAX
    }

    fn collection(&mut self, from: &Path, to: &OwnedFd, name: &[u8]) -> Result<()> {
        let source = self.pending.source(from);
        let opened = source.open(&self.store.tree, READ | OFlags::DIRECTORY)?;
        let original = opened.map(|opened| opened.fd);
        let stands = original.is_some() || source == Source::Made;
        if !stands || !self.enter(original.as_ref())? {
            return Ok(());
        }
        system::mkdirat(to, name, COLLECTION_MODE).or_refuse()?;
        let made = open_dir(to, name).or_refuse()?;
        if let Some(original) = &original {
            let read = original.try_clone().map_err(|failure| io_error(&failure))?;
            self.members(from, &source, read, &made)?;
        }
        for member in self.pending.members(from) {
            let source = self.pending.source(&member);
            self.member(&member, &source, &made)?;
        }
        self.ancestors.pop();
        // Last: the original may be one in which nothing can be made.
        if let Some(original) = &original {
            rights::copy(original, &made)?;
        }
        self.made += 1;
        if self.is_much() {
            return Ok(());
        }
        self.store.syncs.directory(&made, self.store.tree.root())
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
        let truly = if let Source::Disk(truly) = source { truly } else { from };
        let mut names = Dir::new(original).or_refuse()?;
        while let Some(entry) = names.read() {
            let entry = entry.or_refuse()?;
            let name = entry.file_name().to_bytes();
            if !self.store.tree.shows_member(truly, name) {
                continue;
            }
            let member = from.join(name).map_err(|_| error(Errno::NAMETOOLONG))?;
            if !self.pending.changed(&member) {
                self.member(&member, &source.member(name)?, made)?;
            }
        }
        Ok(())
    }

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
                match form_of(&stat) {
                    Form::File => false,
                    Form::Collection => true,
                    Form::Link | Form::Special => return Ok(()),
                }
            }
        };
        if is_collection {
            return self.collection(member, made, member.name());
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
                let is_file = form_of(&look(&opened.fd).or_refuse()?) == Form::File;
                Ok(is_file.then(|| opened.fd.into()))
            }
        }
    }

    /// Goes one collection deeper, unless that is one which holds it: a link would go on for ever.
    fn enter(&mut self, original: Option<&OwnedFd>) -> Result<bool> {
        let identity = match original {
            Some(original) => {
                let stat = look(original).or_refuse()?;
                (disk_of(&stat), stat.stx_ino)
            }
            None => ((0, 0), 0),
        };
        if original.is_some() && self.ancestors.contains(&identity) {
            return Ok(false);
        }
        if self.base + self.ancestors.len() > SEGMENTS_MAX {
            let detail = "Some of this would lie deeper there than paths go; copy it elsewhere.";
            return Err(Error::refused(Condition::Forbidden, detail));
        }
        if self.links > COPIED_LINKS_MAX {
            let detail = "Too many links lead elsewhere in this collection; copy its parts.";
            return Err(Error::refused(Condition::Forbidden, detail));
        }
        self.ancestors.push(identity);
        Ok(true)
    }
}

/// Fills a file with the bytes of another and gives it the same mode.
fn fill(mut staging: FolderStaging, original: File, stat: &Statx) -> Result<FolderStaging> {
    let (file, offset, length) = (Arc::new(original), 0, stat.stx_size);
    rights::copy(&file, staging.file())?;
    staging.write_from(&FileSlice { file, offset, length })?;
    Ok(staging)
}

const READ: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY);
const COPY_MODE: Mode = Mode::from_bits_retain(0o600);

/// Files and collections of a copied tree that are synced one by one, at some 3 ms each. One sync
/// of the whole disk takes longer than a few of these, and no longer for many more.
pub(super) const SYNCED_SINGLY_MAX: usize = 32;

/// How many links one copy follows: each may lead to another tree of links.
const COPIED_LINKS_MAX: usize = 1000;
