//! Opening a folder: what must be so, and the sentence that says what to do where it is not.

use std::{os::fd::OwnedFd, path::Path as DiskPath, sync::Arc};

use rustix::{
    fs::{Access, AtFlags, CWD, FlockOperation, Mode, OFlags, ResolveFlags},
    io::Errno,
};

use super::{
    FolderOptions, FolderStore, Inner,
    remains::Remover,
    state::State,
    syncing::Syncs,
    tree::{Tree, self_name},
};
use crate::guard::Guards;

/// Why a folder cannot be served, for the operator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is nothing.
    #[error("There is no folder {0}; name one that exists, or create it.")]
    Missing(String),
    /// A file or something else is there.
    #[error("{0} is no folder; name the folder that holds it.")]
    NotAFolder(String),
    /// The system does not let us in.
    #[error("{0} cannot be read; give this user the right to read and enter it.")]
    NotReadable(String),
    /// It can be read only.
    #[error("{0} cannot be written; give this user the right to, or serve it read-only.")]
    NotWritable(String),
    /// Another process has it open for writing.
    #[error("{0} is being written by another server; stop that one, or serve it read-only.")]
    InUse(String),
    /// The kernel cannot keep paths beneath a root.
    #[error(
        "The kernel has no openat2; Linux 5.6 or later is needed, and a sandbox must allow it."
    )]
    NoOpenat2,
    /// The process file system is missing.
    #[error("/proc is not mounted; mount it, it is needed to name open files.")]
    NoProc,
    /// Whatever else.
    #[error("{0} cannot be opened: {1}.")]
    Other(String, String),
}

impl FolderStore {
    /// Opens a folder, and finishes and sweeps what an earlier process was killed at.
    ///
    /// # Errors
    /// See [`OpenError`]: each is a sentence that tells the operator what to do.
    ///
    /// ```
    /// use methodical_store::folder::{FolderOptions, FolderStore};
    /// let folder = tempfile::tempdir()?;
    /// let options = FolderOptions { writable: true, ..FolderOptions::default() };
    /// let store = FolderStore::open(folder.path(), options)?;
    /// assert!(store.is_writable());
    /// assert!(FolderStore::open(&folder.path().join("none"), FolderOptions::default()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(root: &DiskPath, options: FolderOptions) -> Result<Self, OpenError> {
        let shown = root.display().to_string();
        let fd = open_root(root, &shown)?;
        if options.writable {
            claim(&fd, &shown)?;
        }
        let release = rustix::system::uname().release().to_string_lossy().into_owned();
        let inner = Inner {
            tree: Tree::new(fd, options.hidden, options.follow_symlinks),
            state: State::default(),
            guards: Guards::new(),
            syncs: Arc::new(Syncs::new(options.durability)),
            remover: Remover::default(),
            options,
            release: release.into(),
        };
        if inner.options.writable {
            inner.recover().map_err(|failure| OpenError::Other(shown, failure.to_string()))?;
        }
        Ok(Self { inner: Arc::new(inner) })
    }
}

impl Inner {
    /// Sweeps what an earlier process left behind.
    fn recover(&self) -> methodical_semantics::error::Result<()> {
        let Some(rooms) = self.state.existing(&self.tree)? else { return Ok(()) };
        for left in rooms.leftovers()?.into_iter().chain(rooms.leftovers_beside(&self.tree)?) {
            self.discard(left);
        }
        Ok(())
    }
}

fn open_root(root: &DiskPath, shown: &str) -> Result<OwnedFd, OpenError> {
    let shown = || shown.to_owned();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = rustix::fs::open(root, flags, Mode::empty()).map_err(|errno| match errno {
        Errno::NOENT => OpenError::Missing(shown()),
        Errno::NOTDIR => OpenError::NotAFolder(shown()),
        Errno::ACCESS | Errno::PERM => OpenError::NotReadable(shown()),
        other => OpenError::Other(shown(), other.to_string()),
    })?;
    let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let probe = OFlags::PATH | OFlags::CLOEXEC;
    match rustix::fs::openat2(&fd, ".", probe, Mode::empty(), beneath) {
        Ok(_) => {}
        // Sandboxes that do not know the call answer as if it were denied.
        Err(Errno::NOSYS | Errno::PERM) => return Err(OpenError::NoOpenat2),
        Err(Errno::ACCESS) => return Err(OpenError::NotReadable(shown())),
        Err(other) => return Err(OpenError::Other(shown(), other.to_string())),
    }
    match rustix::fs::readlinkat(CWD, self_name(&fd), Vec::new()) {
        Ok(_) => Ok(fd),
        Err(_) => Err(OpenError::NoProc),
    }
}

/// Makes sure that the folder can be written, by us alone: what is staged must not be swept by
/// another server, and its writers take turns by guards that only one process has.
fn claim(fd: &OwnedFd, shown: &str) -> Result<(), OpenError> {
    let access = Access::WRITE_OK | Access::EXEC_OK;
    if rustix::fs::accessat(fd, ".", access, AtFlags::EACCESS).is_err() {
        return Err(OpenError::NotWritable(shown.to_owned()));
    }
    match rustix::fs::flock(fd, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => Err(OpenError::InUse(shown.to_owned())),
        // Disks of other machines may have no such locks; then the operator has to know.
        _ => Ok(()),
    }
}
