//! A folder whose place is watched: it may be removed, unmounted or replaced while it is served,
//! and come back.
//!
//! As long as it is away, everything is refused with that reason: an empty answer would have
//! clients that synchronize delete what they have. What comes back is known by its device and
//! inode; another folder at the same place is opened anew, but never the bare place at which a disk
//! was mounted.

use std::{
    path::{Path as DiskPath, PathBuf},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::Footprint,
    path::Path,
    timestamp::Timestamp,
};
use rustix::{
    fs::{AtFlags, CWD, StatxAttributes, StatxFlags},
    io::Errno,
};

use crate::{names::stat::disk_of, open::OpenError, options::FolderOptions, store::FolderStore};
use methodical_content::{Content, staging::Staging};
use methodical_store::{
    guard::Held,
    resource::{Resource, Witness},
    store::{Begun, Members, Snapshot, Store},
};

/// A folder whose place is watched.
#[derive(Debug)]
pub struct WatchedFolder {
    root: PathBuf,
    options: FolderOptions,
    first: Served,
    is_away: AtomicBool,
    /// All that is kept secret, in whatever folder is served here.
    secret: Mutex<Vec<PathBuf>>,
    /// The paths that are to stand under this spelling alone.
    spelled: Mutex<Vec<Path>>,
    /// The words that the operator was told last.
    said: Mutex<Option<String>>,
}

/// A folder that is served, or was before it was replaced. It is never dropped before the server
/// ends, since answers may still be sent from it; replacements are few.
#[derive(Debug)]
struct Served {
    store: FolderStore,
    place: Option<AtRoot>,
    next: OnceLock<Box<Self>>,
}

/// The thing at the root's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct AtRoot {
    disk: (u32, u32),
    inode: u64,
    is_mount: bool,
}

impl WatchedFolder {
    /// Opens a folder.
    ///
    /// # Errors
    /// As [`FolderStore::open`].
    ///
    /// ```
    /// use methodical_folder::{FolderOptions, WatchedFolder};
    /// use methodical_store::store::Store;
    /// let above = tempfile::tempdir()?;
    /// let root = above.path().join("served");
    /// std::fs::create_dir(&root)?;
    /// let store = WatchedFolder::open(&root, FolderOptions::default())?;
    /// std::fs::remove_dir(&root)?;
    /// assert!(store.watch().is_some_and(|said| said.contains("not there")));
    /// assert!(!store.stands());
    /// std::fs::create_dir(&root)?;
    /// store.watch();
    /// assert!(store.stands());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(root: &DiskPath, options: FolderOptions) -> Result<Self, OpenError> {
        let store = FolderStore::open(root, options.clone())?;
        let first = Served { store, place: AtRoot::at(root).ok(), next: OnceLock::new() };
        let (root, is_away) = (root.to_owned(), AtomicBool::new(false));
        let (secret, spelled) = (Mutex::default(), Mutex::default());
        Ok(Self { root, options, first, is_away, secret, spelled, said: Mutex::default() })
    }

    /// Returns what the operator should know of how this folder is served, a sentence each.
    pub fn remarks(&self) -> &[String] {
        self.first.store.remarks()
    }

    fn served(&self) -> &Served {
        let mut served = &self.first;
        while let Some(next) = served.next.get() {
            served = next;
        }
        served
    }

    fn store(&self) -> &FolderStore {
        &self.served().store
    }

    /// Looks at the place; says why nothing is served from it.
    fn look(&self) -> Result<(), String> {
        let (served, shown) = (self.served(), self.root.display());
        let place = match AtRoot::at(&self.root) {
            Ok(place) => place,
            // Who became another user may not come by the way that led there any more.
            Err(Errno::ACCESS | Errno::PERM) => return Ok(()),
            Err(_) => {
                let why = "is not there; all is refused until it is back";
                return Err(format!("the folder {shown} {why}"));
            }
        };
        let Some(before) = served.place else { return Ok(()) };
        if (place.disk, place.inode) == (before.disk, before.inode) {
            return Ok(());
        }
        if before.is_mount && !place.is_mount {
            return Err(format!(
                "no disk is mounted at {shown} any more; all is refused until one is"
            ));
        }
        let store = FolderStore::open(&self.root, self.options.clone()).map_err(|why| {
            format!(
                "another folder is at {shown}, and it cannot be served: {why} A confined server \
                 has to be started again for it."
            )
        })?;
        let secret = self.secret.lock().unwrap_or_else(PoisonError::into_inner);
        // Before anybody can ask for them.
        store.keep_secret(&secret).map_err(|why| {
            format!("another folder is at {shown}, and it cannot be served: {why}")
        })?;
        store.keep_spelled(&self.spelled.lock().unwrap_or_else(PoisonError::into_inner));
        // This is the only one that looks: the lock in `watch` is held.
        let another = Served { store, place: Some(place), next: OnceLock::new() };
        served.next.get_or_init(|| Box::new(another));
        Ok(())
    }
}

impl AtRoot {
    fn at(root: &DiskPath) -> rustix::io::Result<Self> {
        let mask = StatxFlags::BASIC_STATS;
        let stat = rustix::fs::statx(CWD, root, AtFlags::empty(), mask)?;
        let is_mount = stat.stx_attributes.contains(StatxAttributes::MOUNT_ROOT);
        Ok(Self { disk: disk_of(&stat), inode: stat.stx_ino, is_mount })
    }
}

impl Store for WatchedFolder {
    fn snapshot(&self) -> Box<dyn Snapshot + '_> {
        if self.stands() { self.store().snapshot() } else { Box::new(Away) }
    }

    fn stage(&self, path: &Path, length: Option<u64>) -> Result<Box<dyn Staging>> {
        if self.stands() { self.store().stage(path, length) } else { Err(away()) }
    }

    fn begin(&self, footprint: &Footprint, held: Option<Held>) -> Result<Begun<'_>> {
        if self.stands() { self.store().begin(footprint, held) } else { Err(away()) }
    }

    fn reads_fast(&self, path: &Path) -> bool {
        // Of what is away nothing is asked.
        !self.stands() || self.store().reads_fast(path)
    }

    fn writes_fast(&self, path: &Path) -> bool {
        self.stands() && self.store().writes_fast(path)
    }

    fn unchanged(&self, path: &Path, witness: &Witness) -> bool {
        self.stands() && self.store().unchanged(path, witness)
    }

    fn keep_secret(&self, files: &[PathBuf]) -> Result<()> {
        let mut secret = self.secret.lock().unwrap_or_else(PoisonError::into_inner);
        files.clone_into(&mut secret);
        self.store().keep_secret(files)
    }

    fn keep_spelled(&self, paths: &[Path]) {
        let mut spelled = self.spelled.lock().unwrap_or_else(PoisonError::into_inner);
        paths.clone_into(&mut spelled);
        self.store().keep_spelled(paths);
    }

    fn notes_are_kept(&self) -> bool {
        !self.stands() || self.store().notes_are_kept()
    }

    fn flush_notes(&self) -> Result<()> {
        if self.stands() { self.store().flush_notes() } else { Ok(()) }
    }

    fn sweep(&self, now: Timestamp) -> Result<()> {
        if self.stands() { self.store().sweep(now) } else { Ok(()) }
    }

    fn stands(&self) -> bool {
        !self.is_away.load(Ordering::Acquire)
    }

    fn watch(&self) -> Option<String> {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        self.store().inner.judge_disks();
        let why = self.look().err();
        self.is_away.store(why.is_some(), Ordering::Release);
        if *said == why {
            return None;
        }
        said.clone_from(&why);
        let shown = self.root.display();
        Some(why.unwrap_or_else(|| format!("the folder {shown} is there again, and served")))
    }
}

/// The snapshot of a folder that is away.
struct Away;

impl Snapshot for Away {
    fn find(&self, _: &Path) -> Result<Option<Resource>> {
        Err(away())
    }

    fn open(&self, _: &Path) -> Result<Option<(Resource, Content)>> {
        Err(away())
    }

    fn members(&self, _: &Path) -> Result<Members<'_>> {
        Err(away())
    }

    fn deleted_at(&self, _: &Path) -> Result<Option<Timestamp>> {
        Err(away())
    }
}

fn away() -> Error {
    let detail = "The folder or disk that is served is not there for now; try again later.";
    Error::refused(Condition::Away, detail)
}
