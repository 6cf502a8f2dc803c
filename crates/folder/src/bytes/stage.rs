//! Content on its way in: an unnamed file on the target's own disk, which vanishes by itself when
//! it is dropped or the process is killed.
//!
//! It is given a name only by the commit, by linking it where nothing is, or by a rename over what
//! is there: so an upload that breaks off leaves nothing to be tidied up, and no reader ever sees a
//! part. On disks without unnamed files it has a name out of sight from the begin, which a later
//! start removes.

use std::{
    fs::File,
    io::Write,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    os::unix::fs::FileExt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::Path,
    timestamp::Timestamp,
};
use rustix::{
    fs::{AtFlags, CWD, FallocateFlags, Mode, OFlags, SeekFrom, Timespec, Timestamps},
    io::Errno,
};

use super::syncing::Syncs;
use crate::{
    errno::{OrRefuse, error, io_error},
    inner::Inner,
    names::{
        disks::Turn,
        stat::{device_of, look, self_name},
    },
    state::{Rooms, Temp},
    system,
};
use methodical_content::{
    FileSlice,
    staging::{DiskRoom, Staged, Staging},
};

/// Content that is being received.
pub(crate) struct FolderStaging {
    /// The file that is filled.
    held: StagedFile,
    /// Octets so far, holes included.
    length: u64,
    /// The room that is set aside for what is still to come.
    ahead: Ahead,
    syncs: Arc<Syncs>,
}

/// Room on the disk that is set aside for content ahead of it, so that it lies in one piece.
///
/// It follows what comes: who only declares takes nothing, and who stops no more than came and
/// [`RESERVE_STEP_BYTES`]. All together set aside [`RESERVE_ALL_BYTES_MAX`] at most; beyond it
/// content comes without, which costs nobody anything else.
#[derive(Debug)]
struct Ahead {
    /// Octets that will come; nothing where that is not known, or not worth it.
    declared: u64,
    /// Octets from the begin of the file up to which there is room.
    reserved: u64,
    /// Of all that is set aside, what is for this content.
    counted: u64,
    all: Arc<AtomicU64>,
}

/// Content that was received, or is being copied.
#[derive(Debug)]
pub(crate) struct StagedFile {
    pub(crate) file: File,
    /// Its name out of sight, where the disk has no unnamed files or once it was given one.
    pub(crate) temp: Option<Temp>,
}

impl FolderStaging {
    /// Begins to receive content for a path.
    pub(crate) fn begin(store: &Inner, path: &Path, length: Option<u64>) -> Result<Self> {
        Self::within(store, path, (nearest(store, path)?.as_fd(), length))
    }

    /// Begins to receive content, of a length that may be known, for a path in an open collection.
    ///
    /// # Errors
    /// [`Condition::InsufficientStorage`] where a declared length cannot fit on the disk.
    pub(crate) fn within(
        store: &Inner,
        path: &Path,
        (dir, length): (BorrowedFd<'_>, Option<u64>),
    ) -> Result<Self> {
        let file = if store.faults.named_only() { Err(Errno::OPNOTSUPP) } else { unnamed(dir) };
        let held = match file {
            Ok(file) => StagedFile { file, temp: None },
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::NOENT | Errno::INVAL) => {
                named(store, &store.tree.resolve(path)?.name)?
            }
            Err(errno) => return Err(error(errno)),
        };
        let declared = length.filter(|length| *length >= RESERVE_FROM_BYTES).unwrap_or(0);
        may_ever_fit(&held.file, declared)?;
        let ahead = Ahead::of(store, declared);
        Ok(Self { held, length: 0, ahead, syncs: Arc::clone(&store.syncs) })
    }

    /// Fills a file that is there already.
    pub(crate) fn onto(store: &Inner, held: StagedFile) -> Self {
        Self { held, length: 0, ahead: Ahead::of(store, 0), syncs: Arc::clone(&store.syncs) }
    }

    /// Ends the content, keeping the store's own form of it.
    pub(crate) fn finish_file(self) -> Result<StagedFile> {
        let syncs = Arc::clone(&self.syncs);
        let held = self.finish_unsynced()?;
        syncs.file(&held.file)?;
        Ok(held)
    }

    /// The same for whoever brings it to the disk later, together with more.
    pub(crate) fn finish_unsynced(self) -> Result<StagedFile> {
        if self.ahead.reserved > self.length {
            // Fewer bytes came than were declared: give back what was set aside for the rest.
            system::ftruncate(&self.held.file, self.length).or_refuse()?;
        }
        Ok(self.held)
    }

    pub(crate) fn file(&self) -> &File {
        &self.held.file
    }
}

impl Staging for FolderStaging {
    fn write(&mut self, chunk: &[u8]) -> Result<()> {
        self.ahead.follow(&self.held.file, self.length + chunk.len() as u64);
        system::about_to("write").or_refuse()?;
        self.held.file.write_all(chunk).map_err(|failure| io_error(&failure))?;
        self.length += chunk.len() as u64;
        Ok(())
    }

    fn write_from(&mut self, source: &FileSlice) -> Result<()> {
        let end = source.offset.saturating_add(source.length);
        let file = source.file.for_reading().map_err(|failure| io_error(&failure))?;
        if self.length == 0 && source.offset == 0 && self.clone_from(file, source.length)? {
            return Ok(());
        }
        if !has_holes(file) {
            return self.copy(file, source.offset, end);
        }
        let mut offset = source.offset;
        while offset < end {
            let (start, stop) = data_from(file, offset, end);
            self.skip(start - offset)?;
            self.copy(file, start, stop)?;
            offset = stop;
        }
        Ok(())
    }

    fn room(&self) -> Option<DiskRoom> {
        let disk = rustix::fs::fstatvfs(&self.held.file).ok().filter(|disk| disk.f_blocks > 0)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        Some(DiskRoom { disk: device_of(&look(&self.held.file).ok()?), free })
    }

    fn finish(self: Box<Self>) -> Result<Staged> {
        let length = self.length;
        Ok(Staged::new(length, self.finish_file()?))
    }
}

impl FolderStaging {
    /// Shares the blocks of a whole file, on disks that can. Says whether it did.
    fn clone_from(&mut self, source: &File, length: u64) -> Result<bool> {
        let is_whole = || look(source).is_ok_and(|stat| stat.stx_size == length);
        if length < CLONED_FROM_BYTES || self.ahead.reserved > 0 || !is_whole() {
            return Ok(false);
        }
        match system::ioctl_ficlone(&self.held.file, source) {
            Ok(()) => {
                self.length = length;
                let end = SeekFrom::Start(self.length);
                rustix::fs::seek(&self.held.file, end).or_refuse().map(|_| true)
            }
            Err(Errno::NOSPC | Errno::DQUOT) => Err(error(Errno::NOSPC)),
            Err(_) => Ok(false),
        }
    }

    /// Copies a part by the kernel, which may share its blocks; through memory where the kernel
    /// cannot.
    fn copy(&mut self, source: &File, mut offset: u64, end: u64) -> Result<()> {
        while offset < end {
            let piece = usize::try_from(end - offset).unwrap_or(usize::MAX).min(PIECE_BYTES_MAX);
            let from = Some(&mut offset);
            match system::copy_file_range(source, from, &self.held.file, None, piece) {
                Ok(0) => return Err(Error::failed("a file ended before its part was copied")),
                Ok(copied) => self.length += copied as u64,
                Err(Errno::INTR) => {}
                Err(Errno::XDEV | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                    return self.carry(source, offset, end);
                }
                Err(errno) => return Err(error(errno)),
            }
        }
        Ok(())
    }

    /// Leaves a hole.
    fn skip(&mut self, bytes: u64) -> Result<()> {
        if bytes == 0 {
            return Ok(());
        }
        self.length += bytes;
        system::ftruncate(&self.held.file, self.length).or_refuse()?;
        rustix::fs::seek(&self.held.file, SeekFrom::Start(self.length)).or_refuse().map(drop)
    }

    /// Copies through memory, where the system cannot do it by itself.
    fn carry(&mut self, source: &File, mut offset: u64, end: u64) -> Result<()> {
        let mut buffer = vec![0; CARRIED_BYTES];
        while offset < end {
            let left = usize::try_from(end - offset).unwrap_or(usize::MAX).min(CARRIED_BYTES);
            let piece = buffer.get_mut(..left).unwrap_or_default();
            let read = source.read_at(piece, offset).map_err(|failure| io_error(&failure))?;
            if read == 0 {
                return Err(Error::failed("a file ended before its part was copied"));
            }
            self.write(piece.get(..read).unwrap_or_default())?;
            offset += read as u64;
        }
        Ok(())
    }
}

impl StagedFile {
    /// Sets the modification time.
    pub(crate) fn date(&self, modified: Timestamp) -> Result<()> {
        let last_modification =
            Timespec { tv_sec: modified.seconds(), tv_nsec: modified.nanoseconds().into() };
        let last_access = last_modification;
        let times = Timestamps { last_access, last_modification };
        system::futimens(&self.file, &times).or_refuse()
    }

    /// Gives the file a name out of sight, on the disk on which a path lies.
    pub(crate) fn name(&mut self, store: &Inner, at: &Path, turn: Turn) -> Result<()> {
        if self.temp.is_some() {
            return Ok(());
        }
        if !store.faults.apart() {
            // Nearly always there is one disk only.
            let temp = store.rooms()?.staging()?;
            match self.link(&temp.dir, temp.name()) {
                Ok(()) => {
                    self.temp = Some(temp);
                    return Ok(());
                }
                Err(Errno::XDEV) => temp.renamed(),
                Err(errno) => return Err(error(errno)),
            }
        }
        let temp = store.room_for(at, turn, Rooms::staging)?;
        match self.link(&temp.dir, temp.name()) {
            Ok(()) => self.temp = Some(temp),
            Err(errno) => return Err(error(errno)),
        }
        Ok(())
    }

    /// Gives an unnamed file its name, where nothing bears it yet.
    pub(crate) fn link(&self, dir: impl AsFd, name: &[u8]) -> rustix::io::Result<()> {
        if !LINKS_BY_NAME_ONLY.load(Ordering::Relaxed) {
            match system::linkat(&self.file, "", &dir, name, AtFlags::EMPTY_PATH) {
                // The directory is gone, or the kernel permits this to the superuser only.
                Err(Errno::NOENT) => {}
                done => return done,
            }
        }
        let own = self_name(&self.file);
        let done = system::linkat(CWD, own, dir, name, AtFlags::SYMLINK_FOLLOW);
        if done.is_ok() {
            LINKS_BY_NAME_ONLY.store(true, Ordering::Relaxed);
        }
        done
    }
}

/// True if an open file can be linked by its name in the process's own list only, which takes the
/// kernel longer; till Linux 6.10 so for all but the superuser.
static LINKS_BY_NAME_ONLY: AtomicBool = AtomicBool::new(false);

/// The collection that will hold a path. One that is missing may be made first; till then, the
/// nearest above has room, most likely on the same disk.
fn nearest(store: &Inner, path: &Path) -> Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY;
    for above in path.ancestors().iter().rev() {
        if let Some(opened) = store.tree.open(above, flags)? {
            return Ok(opened.fd);
        }
    }
    rustix::fs::openat(store.tree.root(), ".", flags | OFlags::CLOEXEC, Mode::empty()).or_refuse()
}

/// A file without a name in the directory.
fn unnamed(dir: BorrowedFd<'_>) -> rustix::io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    // ext4 calls forbidden what is only too late: the directory was removed meanwhile.
    let removed = || look(dir).is_ok_and(|stat| stat.stx_nlink == 0);
    match system::create(dir, ".", flags, FILE_MODE) {
        Err(Errno::PERM) if removed() => Err(Errno::NOENT),
        made => made.map(File::from),
    }
}

/// A file under a name out of sight, on the disk on which a path lies.
fn named(store: &Inner, at: &Path) -> Result<StagedFile> {
    let temp = store.room_for(at, Turn::First, Rooms::staging)?;
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
    let fd = system::create(&*temp.dir, temp.name(), flags, FILE_MODE).or_refuse()?;
    Ok(StagedFile { file: fd.into(), temp: Some(temp) })
}

/// Refuses content before its first byte where the disk has no room for so many.
fn may_ever_fit(file: &File, length: u64) -> Result<()> {
    if length == 0 {
        return Ok(());
    }
    let disk = rustix::fs::fstatvfs(file).or_refuse()?;
    // A disk of zero blocks does not count them.
    if disk.f_blocks > 0 && length.div_ceil(disk.f_frsize.max(1)) > disk.f_bavail {
        let detail = "There is not enough room for content of the declared length.";
        return Err(Error::refused(Condition::InsufficientStorage, detail));
    }
    Ok(())
}

impl Ahead {
    fn of(store: &Inner, declared: u64) -> Self {
        Self { declared, reserved: 0, counted: 0, all: Arc::clone(&store.ahead) }
    }

    /// Sets the next step aside, once content comes up to where there was room. Where there is no
    /// room for the step there may be for the content: then writing tells.
    fn follow(&mut self, file: &File, end: u64) {
        if end <= self.reserved || end >= self.declared || end < RESERVE_FROM_BYTES {
            return;
        }
        self.give_back();
        let step = RESERVE_STEP_BYTES.min(end).min(self.declared - end);
        if self.all.fetch_add(step, Ordering::Relaxed) + step > RESERVE_ALL_BYTES_MAX {
            self.all.fetch_sub(step, Ordering::Relaxed);
            return;
        }
        self.counted = step;
        let from = self.reserved;
        match system::fallocate(file, FallocateFlags::KEEP_SIZE, from, end + step - from) {
            Ok(()) => self.reserved = end + step,
            Err(_) => self.declared = 0,
        }
    }

    fn give_back(&mut self) {
        self.all.fetch_sub(std::mem::take(&mut self.counted), Ordering::Relaxed);
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// Returns whether a file takes less room than it is long.
fn has_holes(file: &File) -> bool {
    look(file).is_ok_and(|stat| {
        stat.stx_size >= CLONED_FROM_BYTES && stat.stx_blocks.saturating_mul(512) < stat.stx_size
    })
}

/// The place of the next bytes that were ever written, from an offset on: up to `end` where that is
/// not told.
fn data_from(file: &File, offset: u64, end: u64) -> (u64, u64) {
    let start = match rustix::fs::seek(file, SeekFrom::Data(offset)) {
        Ok(start) => start.min(end),
        // There are none.
        Err(Errno::NXIO) => return (end, end),
        Err(_) => return (offset, end),
    };
    let stop = rustix::fs::seek(file, SeekFrom::Hole(start)).map_or(end, |stop| stop.min(end));
    // A file that somebody changes meanwhile must not keep us here.
    (start, if stop > start { stop } else { end })
}

/// The mode of a new file, less what the process's umask takes away.
const FILE_MODE: Mode = Mode::from_bits_retain(0o666);

/// Content shorter than this, and the first so many bytes, are not reserved: they arrive at once.
const RESERVE_FROM_BYTES: u64 = 1 << 20;

/// Bytes that one upload sets aside on the disk ahead of those that came.
const RESERVE_STEP_BYTES: u64 = 8 << 20;

/// Bytes that all uploads together set aside so.
const RESERVE_ALL_BYTES_MAX: u64 = 64 << 20;

/// Bytes that the kernel is asked to copy at once, so that a copy can be interrupted.
const PIECE_BYTES_MAX: usize = 1 << 30;

/// From which length on, in bytes, it is worth a look whether blocks can be shared or left out.
const CLONED_FROM_BYTES: u64 = 64 << 10;

/// Bytes that are carried through memory at once where the kernel cannot copy.
const CARRIED_BYTES: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_was_removed_is_none_to_stage_in_and_not_forbidden() {
        let above = tempfile::tempdir().unwrap();
        let path = above.path().join("d");
        std::fs::create_dir(&path).unwrap();
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = rustix::fs::open(&path, flags, Mode::empty()).unwrap();
        std::fs::remove_dir(&path).unwrap();
        assert_eq!(unnamed(dir.as_fd()).unwrap_err(), Errno::NOENT);
    }
}
