//! The server's own folder, `.methodical` beneath the root: made only when something has to be
//! kept.
//!
//! `stage` holds what is on its way in, `trash` what is on its way out, `beside` the places of
//! temporary names that had to be made on another disk that is mounted inside the root. What a
//! crash leaves in any of them is swept at the next opening.

pub(crate) mod removal;
pub(crate) mod trash;

use methodical_store::names::is_ours;
use std::{
    fs::File,
    io::Read,
    os::fd::{AsFd, OwnedFd},
    sync::{Arc, Mutex, PoisonError},
};

use methodical_semantics::{
    error::Result,
    path::{Path, RESERVED},
    timestamp::Timestamp,
};
use rustix::{
    fs::{AtFlags, Dir, Mode, OFlags},
    io::Errno,
};

use self::removal::Removal;
use crate::{
    bytes::{identity::unique_now, syncing::Syncs},
    errno::{OrRefuse, error, io_error},
    names::{stat::look, tree::Tree},
    system,
    test_faults::Faults,
};

/// The state folder, as far as it exists.
#[derive(Debug)]
pub(crate) struct State {
    rooms: Mutex<Option<Arc<Rooms>>>,
    syncs: Arc<Syncs>,
    faults: Arc<Faults>,
}

/// The state folder's parts, open.
#[derive(Debug)]
pub(crate) struct Rooms {
    pub(crate) base: OwnedFd,
    pub(crate) stage: Arc<OwnedFd>,
    pub(crate) trash: Arc<OwnedFd>,
    pub(crate) beside: OwnedFd,
    faults: Arc<Faults>,
}

/// A name out of sight for something on its way in or out. Dropped, what bears it is removed.
#[derive(Debug)]
pub(crate) struct Temp {
    /// The place where it stands, beneath the root.
    pub(crate) at: Path,
    pub(crate) dir: Arc<OwnedFd>,
    /// The state folder, if there is one.
    rooms: Option<Arc<Rooms>>,
    faults: Arc<Faults>,
    /// True if a note about this name is kept in the state folder.
    noted: bool,
    end: End,
}

/// All that is to be done when a name out of sight is needed no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Remove,
    Renamed,
    Leave,
}

impl State {
    pub(crate) fn new(syncs: Arc<Syncs>, faults: Arc<Faults>) -> Self {
        Self { rooms: Mutex::default(), syncs, faults }
    }

    /// The state folder's parts; nothing when it was never needed.
    pub(crate) fn existing(&self, tree: &Tree) -> Result<Option<Arc<Rooms>>> {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rooms) = rooms.as_ref().filter(|rooms| rooms.stand()) {
            return Ok(Some(Arc::clone(rooms)));
        }
        let found = match open_dir(tree.root(), RESERVED) {
            Ok(base) => Some(Arc::new(Rooms::of(base, Arc::clone(&self.faults))?)),
            Err(Errno::NOENT) => None,
            Err(errno) => return Err(error(errno)),
        };
        rooms.clone_from(&found);
        Ok(found)
    }

    /// A name in a collection of which there is no note, where there is no room for one. What bears
    /// it is removed before anybody is told.
    pub(crate) fn unnoted(&self, of: &Path, dir: OwnedFd) -> Result<Temp> {
        let name = [RESERVED, b"-", new_id().as_bytes()].concat();
        let at = of.join(&name).map_err(|_| error(Errno::NAMETOOLONG))?;
        let (dir, faults) = (Arc::new(dir), Arc::clone(&self.faults));
        Ok(Temp { at, dir, rooms: None, faults, noted: false, end: End::Remove })
    }

    /// The state folder's parts, made if they are missing.
    pub(crate) fn rooms(&self, tree: &Tree) -> Result<Arc<Rooms>> {
        for _ in 0..2 {
            if let Some(rooms) = self.existing(tree)? {
                return Ok(rooms);
            }
            make_dir(tree.root(), RESERVED)?;
            // What is kept in it later must not vanish with it.
            self.syncs.directory(&tree.root(), tree.root())?;
        }
        Err(error(Errno::NOENT))
    }
}

impl Rooms {
    fn of(base: OwnedFd, faults: Arc<Faults>) -> Result<Self> {
        for name in [STAGE, TRASH, BESIDE] {
            make_dir(&base, name)?;
        }
        let open = |name| open_dir(&base, name).or_refuse();
        let (stage, trash) = (Arc::new(open(STAGE)?), Arc::new(open(TRASH)?));
        let beside = open(BESIDE)?;
        Ok(Self { base, stage, trash, beside, faults })
    }

    /// Returns whether nobody removed them meanwhile.
    fn stand(&self) -> bool {
        let stands = |fd: &OwnedFd| look(fd).is_ok_and(|stat| stat.stx_nlink > 0);
        stands(&self.stage) && stands(&self.trash) && stands(&self.beside)
    }

    /// A new name in the staging room.
    pub(crate) fn staging(self: &Arc<Self>) -> Result<Temp> {
        Temp::new(self, &room(STAGE)?, &self.stage, new_id().as_bytes())
    }

    /// Returns what an earlier process left behind in the two rooms, as far as it can be read.
    pub(crate) fn leftovers(self: &Arc<Self>) -> Vec<Temp> {
        let mut left = Vec::new();
        for (of, dir) in [(STAGE, &self.stage), (TRASH, &self.trash)] {
            let names = names_in(dir).unwrap_or_default();
            let temp = |name: Vec<u8>| Temp::new(self, &room(of).ok()?, dir, &name).ok();
            left.extend(names.into_iter().filter_map(temp));
        }
        left
    }

    /// Returns what an earlier process left behind in other collections, by the notes about it, as
    /// far as they can be read.
    pub(crate) fn leftovers_beside(self: &Arc<Self>, tree: &Tree) -> Vec<Temp> {
        let mut left = Vec::new();
        for name in names_in(&self.beside).unwrap_or_default() {
            match self.leftover_beside(tree, &name) {
                Ok(Some(temp)) => left.push(temp),
                // A note that leads to nothing; where it cannot be removed, it does no harm.
                Ok(None) => {
                    system::unlinkat(&self.beside, &*name, AtFlags::empty()).unwrap_or_default();
                }
                // The next opening tries again.
                Err(_) => {}
            }
        }
        left
    }

    fn leftover_beside(self: &Arc<Self>, tree: &Tree, name: &[u8]) -> Result<Option<Temp>> {
        // Only what is named as its note is ours; any other note leads to nothing.
        let Some(path) = self.noted(name)?.filter(|path| is_ours(path) && path.name() == name)
        else {
            return Ok(None);
        };
        let Some(holder) = tree.holder(&path)? else { return Ok(None) };
        let of = path.parent().unwrap_or_else(Path::root);
        let mut temp = Temp::new(self, &of, &Arc::new(holder.fd), name)?;
        temp.noted = true;
        Ok(Some(temp))
    }

    /// The path that a note tells.
    fn noted(&self, name: &[u8]) -> Result<Option<Path>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let note = rustix::fs::openat(&self.beside, name, flags, Mode::empty()).or_refuse()?;
        let mut bytes = Vec::new();
        let read = File::from(note).take(NOTE_BYTES_MAX).read_to_end(&mut bytes);
        read.map_err(|failure| io_error(&failure))?;
        let mut names = bytes.split(|byte| *byte == b'/');
        Ok(names.try_fold(Path::root(), |path, name| path.join(name)).ok())
    }

    /// A new name in the trash.
    pub(crate) fn trashing(self: &Arc<Self>) -> Result<Temp> {
        Temp::new(self, &room(TRASH)?, &self.trash, new_id().as_bytes())
    }

    /// A new name in another collection, for what lies on another disk. It is noted first, so
    /// that a crash leaves nothing behind there for good.
    pub(crate) fn beside(self: &Arc<Self>, of: &Path, dir: OwnedFd) -> Result<Temp> {
        let id = new_id();
        let name = [RESERVED, b"-", id.as_bytes()].concat();
        let mut temp = Temp::new(self, of, &Arc::new(dir), &name)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let note = system::create(&self.beside, &*name, flags, OWNER_ONLY).or_refuse()?;
        temp.noted = true;
        system::write(&note, temp.at.bytes()).or_refuse()?;
        Ok(temp)
    }
}

impl Temp {
    fn new(rooms: &Arc<Rooms>, of: &Path, dir: &Arc<OwnedFd>, name: &[u8]) -> Result<Self> {
        let at = of.join(name).map_err(|_| error(Errno::NAMETOOLONG))?;
        let (dir, faults) = (Arc::clone(dir), Arc::clone(&rooms.faults));
        let rooms = Some(Arc::clone(rooms));
        Ok(Self { at, dir, rooms, faults, noted: false, end: End::Remove })
    }

    /// Returns whether a later opening would not find what bears the name.
    pub(crate) fn is_unnoted(&self) -> bool {
        self.rooms.is_none()
    }

    pub(crate) fn name(&self) -> &[u8] {
        self.at.name()
    }

    /// Begins to remove what bears the name.
    pub(crate) fn removal(&self) -> rustix::io::Result<Removal> {
        Removal::of(&self.dir, self.name())
    }

    /// Nothing bears the name any more.
    pub(crate) fn removed(mut self) {
        self.end = End::Renamed;
    }

    /// Says that what bore the name bears another now.
    pub(crate) fn renamed(mut self) {
        self.end = End::Renamed;
    }

    /// Leaves what bears the name to the next opening.
    pub(crate) fn leave(mut self) {
        self.end = End::Leave;
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        if self.faults.is_down() {
            return;
        }
        // What cannot be removed here is swept at the next opening, by its place or by its note.
        let removed = match self.end {
            End::Remove => trash::remove(&self.dir, self.name()).is_ok(),
            End::Renamed => true,
            End::Leave => false,
        };
        if let Some(rooms) = self.rooms.as_ref().filter(|_| self.noted && removed) {
            system::unlinkat(&rooms.beside, self.name(), AtFlags::empty()).unwrap_or(());
        }
    }
}

fn room(name: &[u8]) -> Result<Path> {
    let base = Path::root().join(RESERVED);
    base.and_then(|base| base.join(name)).map_err(|_| error(Errno::NAMETOOLONG))
}

/// A name of ours for what is known of something that is being removed. Nothing on the disk bears
/// it.
pub(crate) fn gone_name() -> Result<Path> {
    room(TRASH)?.join(new_id().as_bytes()).map_err(|_| error(Errno::NAMETOOLONG))
}

/// A name of ours for what is known of something that is nowhere to be seen. Nothing on the disk
/// bears it. Those of later moments are behind those of former ones.
pub(crate) fn lost_name() -> Result<Path> {
    let lost = Path::root().join(LOST).and_then(|lost| lost.join(new_id().as_bytes()));
    lost.map_err(|_| error(Errno::NAMETOOLONG))
}

/// Returns whether a name was made by [`lost_name`].
pub(crate) fn is_lost(path: &Path) -> bool {
    path.segments().next() == Some(LOST)
}

/// The moment at which such a name was made.
pub(crate) fn lost_at(path: &Path) -> Option<Timestamp> {
    let name = path.name_text();
    let (seconds, _) = name.split_once('-').filter(|_| is_lost(path))?;
    Some(Timestamp::new(i64::from_str_radix(seconds, 16).ok()?, 0))
}

/// A name that was never used in this state folder: it is swept at opening, and one process at a
/// time has it open for writing.
fn new_id() -> String {
    let now: Timestamp = unique_now();
    format!("{:x}-{:08x}", now.seconds(), now.nanoseconds())
}

pub(crate) fn open_dir(dir: impl AsFd, name: &[u8]) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(dir, name, flags, Mode::empty())
}

fn make_dir(dir: impl AsFd, name: &[u8]) -> Result<()> {
    match system::mkdirat(dir, name, Mode::RWXU) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(errno) => Err(error(errno)),
    }
}

fn names_in(dir: &OwnedFd) -> Result<Vec<Vec<u8>>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(dir).or_refuse()? {
        let entry = entry.or_refuse()?;
        let name = entry.file_name().to_bytes();
        if !matches!(name, b"." | b"..") {
            names.push(name.to_vec());
        }
    }
    Ok(names)
}

/// A note is a path, which Linux holds in 4,096 bytes.
const NOTE_BYTES_MAX: u64 = 4096;
const OWNER_ONLY: Mode = Mode::RUSR.union(Mode::WUSR);
const STAGE: &[u8] = b"stage";
const TRASH: &[u8] = b"trash";
const BESIDE: &[u8] = b"beside";
const LOST: &[u8] = b".methodical-lost";
