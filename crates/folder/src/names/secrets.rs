//! What secures the server and lies in the folder all the same: its users, tokens, keys. To all who
//! come by the store it is not there, whatever their rights, and nothing can be put in its place.
//!
//! It is known by where it stands, so that it may be replaced by a new file of its name, and by
//! what stands there, so that no other name leads to it: no symbolic link, no hard link.

use std::{
    fs,
    os::{fd::OwnedFd, unix::ffi::OsStrExt as _},
    path::{Path as DiskPath, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    name::folded,
    path::Path,
};
use rustix::fs::{CWD, Mode, OFlags, Statx};

use super::stat::{device_of, look};

/// All that is kept secret now.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    /// True if there is anything; it is asked for every name.
    any: AtomicBool,
    kept: RwLock<Arc<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    /// As they were named.
    files: Vec<PathBuf>,
    /// The place where they stand beneath the root.
    places: Vec<Path>,
    bodies: Vec<Body>,
}

/// The thing that stands there.
#[derive(Debug)]
struct Body {
    device: u64,
    inode: u64,
    /// As long as it is open, nothing else gets its number.
    _open: OwnedFd,
}

impl Secrets {
    /// Keeps these files and folders secret, and no others; `inner` tells what of an absolute path
    /// lies beneath the root.
    pub(crate) fn keep(
        &self,
        files: &[PathBuf],
        inner: impl Fn(&[u8]) -> Result<Option<Vec<u8>>>,
    ) -> Result<()> {
        let mut kept = Kept { files: files.to_vec(), ..Kept::default() };
        for file in files.iter().flat_map(|file| names(file)) {
            let Some(place) = inner(file.as_os_str().as_bytes())? else { continue };
            let names = place.split(|byte| *byte == b'/').filter(|name| !name.is_empty());
            let place = names.clone().try_fold(Path::root(), |path, name| path.join(name));
            // What no path leads to nobody asks for; the root is what is served.
            kept.places.extend(place.ok().filter(|place| !place.is_root()));
        }
        // Also of what lies outside: a hard link may be inside.
        kept.bodies = files.iter().filter_map(|file| body(file)).collect();
        self.any.store(!(kept.places.is_empty() && kept.bodies.is_empty()), Ordering::Release);
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(kept);
        Ok(())
    }

    /// Looks again at what stands under the names.
    pub(crate) fn look_again(
        &self,
        inner: impl Fn(&[u8]) -> Result<Option<Vec<u8>>>,
    ) -> Result<()> {
        let files = self.kept().files.clone();
        if files.is_empty() { Ok(()) } else { self.keep(&files, inner) }
    }

    /// Returns whether a path leads to one of them or below.
    pub(crate) fn holds(&self, path: &Path) -> bool {
        self.any() && self.kept().places.iter().any(|place| path.is_within(place))
    }

    /// Returns whether a path leads to one of them or below where names in other spellings are the
    /// same.
    pub(crate) fn resemble(&self, path: &Path) -> bool {
        let resembles = |place: &Path| {
            let mut names = path.segments();
            place.segments().all(|of| names.next().is_some_and(|it| folded(it) == folded(of)))
        };
        self.any() && self.kept().places.iter().any(resembles)
    }

    /// Returns whether this is what stands at one of them.
    pub(crate) fn is_one(&self, stat: &Statx) -> bool {
        self.any() && {
            let (device, inode) = (device_of(stat), stat.stx_ino);
            self.kept().bodies.iter().any(|body| (body.device, body.inode) == (device, inode))
        }
    }

    /// Refuses to take away a name that one of them is under.
    ///
    /// # Errors
    /// `ReservedName`.
    pub(crate) fn stay(&self, path: &Path) -> Result<()> {
        if !self.any() || !self.kept().places.iter().any(|place| place.is_within(path)) {
            return Ok(());
        }
        let detail = "Something of the server's own lies in this folder, which has to stay; \
                      move or remove what else is in it.";
        Err(Error::refused(Condition::ReservedName, detail))
    }

    /// Returns whether there is anything.
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    fn kept(&self) -> Arc<Kept> {
        // A writer that panicked left a whole value: it is exchanged in one step.
        Arc::clone(&self.kept.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A file's absolute names: as it is called, whether it is there or not, and where that leads.
fn names(file: &DiskPath) -> Vec<PathBuf> {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = fs::canonicalize(parent.unwrap_or(DiskPath::new(".")));
    let called = parent.ok().zip(file.file_name()).map(|(parent, name)| parent.join(name));
    let mut names: Vec<PathBuf> = called.into_iter().chain(fs::canonicalize(file)).collect();
    names.dedup();
    names
}

/// Returns what stands at a file's name, if anything does.
fn body(file: &DiskPath) -> Option<Body> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let open = rustix::fs::openat(CWD, file, flags, Mode::empty()).ok()?;
    let stat = look(&open).ok()?;
    Some(Body { device: device_of(&stat), inode: stat.stx_ino, _open: open })
}

/// The refusal of a name that nobody but the server may use.
pub(crate) fn reserved() -> Error {
    let detail = "This name is one of the server's own files; take another.";
    Error::refused(Condition::ReservedName, detail)
}
