//! Disks that find a name under another spelling: in other letters, in another Unicode form, by a
//! short name, with a dot at its end.
//!
//! Rules, locks, preconditions and what is hidden are about names as the disk has them. On such a
//! disk a name stands for something only as it is listed; under another spelling nothing that is
//! shown stands there, and nothing that could be replaced. What the kernel calls an open file is no
//! help: it remembers the spelling that was asked for.

use methodical_store::names::is_our_name;
use std::{
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use methodical_semantics::{
    condition::Condition,
    error::{self, Error},
    name::folded,
    path::Path,
};
use rustix::{
    fs::{CWD, Mode, OFlags},
    io::{Errno, Result},
};

use super::{entries::Entries, secrets::reserved, stat::look_at};
use methodical_store::work;

/// The spellings that are judged.
#[derive(Debug, Default)]
pub(crate) struct Spelled {
    /// True if names may be found under other spellings.
    is_loose: AtomicBool,
    /// Paths that rules are about.
    rules: RwLock<Arc<[Path]>>,
}

impl Spelled {
    /// Returns whether names may be found under other spellings.
    pub(crate) fn is_loose(&self) -> bool {
        self.is_loose.load(Ordering::Acquire)
    }

    pub(crate) fn set_loose(&self, is_loose: bool) {
        self.is_loose.store(is_loose, Ordering::Release);
    }

    /// Has what rules are about stand under these spellings only.
    pub(crate) fn keep(&self, paths: &[Path]) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = paths.into();
    }

    /// Refuses new names that the disk would take for the server's own, or for those of rules.
    ///
    /// # Errors
    /// `ReservedName`.
    pub(crate) fn permit(&self, path: &Path) -> error::Result<()> {
        if self.is_loose() && path.segments().any(|name| is_our_name(&folded(name))) {
            return Err(reserved());
        }
        let Some(rule) = self.as_in_rules(path) else { return Ok(()) };
        let detail = format!("There are rules for {rule}; use its spelling, or another name.");
        Err(Error::refused(Condition::ReservedName, detail))
    }

    /// The path that rules are about and that a path leads to, or towards, in another spelling.
    pub(crate) fn as_in_rules(&self, path: &Path) -> Option<Path> {
        if !self.is_loose() {
            return None;
        }
        // Each name of a rule's path, as far as the path goes.
        let is_other = |rule: &&Path| {
            let names = || rule.segments().zip(path.segments());
            let same = names().take_while(|(of, it)| folded(of) == folded(it)).count();
            names().take(same).any(|(of, it)| of != it)
        };
        let rules = Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner));
        rules.iter().find(is_other).cloned()
    }
}

/// The judgement of a disk's kind about spellings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// Another spelling is another name, unless the directory says otherwise.
    Exact,
    /// It depends on how the disk was made, or on who serves it.
    Unsure,
    /// Another spelling finds the same.
    Loose,
}

impl Spelling {
    /// As the list of mounts names the kind and the options of a disk.
    pub(crate) fn of(kind: &[u8], options: &[u8]) -> Self {
        let is = |names: &[&str]| names.iter().any(|name| name.as_bytes() == kind);
        if is(&LOOSE) || kind.starts_with(b"fuse.") || is_option(options, b"casefold") {
            return Self::Loose;
        }
        if is(&UNSURE) { Self::Unsure } else { Self::Exact }
    }
}

fn is_option(options: &[u8], name: &[u8]) -> bool {
    let of = |option: &[u8]| option.split(|byte| *byte == b'=').next() == Some(name);
    options.split(|byte| *byte == b',').any(of)
}

/// Returns whether names in a directory may be found under other spellings, as the directory itself
/// says or its names show.
pub(crate) fn is_loose(dir: impl AsFd, spelling: Spelling) -> bool {
    match spelling {
        Spelling::Loose => true,
        Spelling::Exact => says_so(&dir),
        Spelling::Unsure => says_so(&dir) || shows_so(dir.as_fd()).unwrap_or(true),
    }
}

/// As [`is_loose`], of a directory by its absolute path; one that cannot be opened is served to
/// nobody.
pub(crate) fn is_loose_at(at: &[u8], spelling: Spelling) -> bool {
    if spelling == Spelling::Loose {
        return true;
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let opened = rustix::fs::openat(CWD, at, flags, Mode::empty());
    opened.is_ok_and(|dir| is_loose(&dir, spelling))
}

/// `FS_CASEFOLD_FL` of ext4, f2fs and others.
fn says_so(dir: impl AsFd) -> bool {
    rustix::fs::ioctl_getflags(dir).is_ok_and(|flags| flags.bits() & CASEFOLD != 0)
}

/// Returns whether one of the names in a directory is found in its other case; where none can tell,
/// it may be.
fn shows_so(dir: BorrowedFd<'_>) -> Result<bool> {
    let mut entries = Entries::of(reopened(dir)?);
    if entries.read()? {
        for at in 0..entries.len().min(SAMPLES_MAX) {
            let Some((name, _)) = entries.name(at) else { break };
            if swapped(name).is_some() {
                return Ok(!tells_apart(dir, name)?);
            }
        }
    }
    Ok(true)
}

/// Returns whether a path beneath the root, at which something stands, is spelled as the disk has
/// it. What is behind a symbolic link on the way has to be asked for by where that leads.
pub(crate) fn is_as_listed(root: BorrowedFd<'_>, path: &Path) -> Result<bool> {
    let mut dir: Option<OwnedFd> = None;
    for name in path.segments() {
        let of = dir.as_ref().map_or(root, AsFd::as_fd);
        if !is_listed(of, name)? {
            return Ok(false);
        }
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::openat(of, name, flags, Mode::empty()) {
            Ok(next) => dir = Some(next),
            // A file, which is the last, or a link.
            Err(Errno::NOTDIR | Errno::LOOP) => return Ok(true),
            Err(errno) => return Err(errno),
        }
    }
    Ok(true)
}

/// Returns whether a name at which something stands is one of those that a directory lists.
///
/// # Errors
/// What keeps the directory from being read. Who may not wait for that fails.
pub(crate) fn is_listed(dir: BorrowedFd<'_>, name: &[u8]) -> Result<bool> {
    if tells_apart(dir, name)? {
        return Ok(true);
    }
    if work::would_wait() {
        return Err(Errno::IO);
    }
    let mut entries = Entries::of(reopened(dir)?);
    while entries.read()? {
        for at in 0..entries.len() {
            if entries.name(at).is_some_and(|(listed, _)| listed == name) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Returns whether it is sure that a name is not found under another spelling: in its other case it
/// is not. Only names of ASCII tell; short names of old disks have a tilde.
fn tells_apart(dir: BorrowedFd<'_>, name: &[u8]) -> Result<bool> {
    let Some(other) = swapped(name) else { return Ok(false) };
    match look_at(dir, &other) {
        Ok(_) => Ok(false),
        Err(Errno::NOENT) => Ok(true),
        Err(errno) => Err(errno),
    }
}

/// A name of ASCII with each letter in its other case; nothing if there are no letters.
fn swapped(name: &[u8]) -> Option<Vec<u8>> {
    let has_letters = name.is_ascii() && name.iter().any(u8::is_ascii_alphabetic);
    let other = |byte: &u8| if byte.is_ascii_alphabetic() { byte ^ 0x20 } else { *byte };
    has_letters.then(|| name.iter().map(other).collect())
}

fn reopened(dir: BorrowedFd<'_>) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::openat(dir, ".", flags, Mode::empty())
}

/// Disks that mostly find other spellings, and those of which anybody may be the server.
const LOOSE: [&str; 20] = [
    "adfs",
    "affs",
    "apfs",
    "ciopfs",
    "cifs",
    "exfat",
    "fakeowner",
    "fuse",
    "fuseblk",
    "hfs",
    "hfsplus",
    "hpfs",
    "msdos",
    "ntfs",
    "ntfs3",
    "prl_fs",
    "smb3",
    "smbfs",
    "vboxsf",
    "vfat",
];

/// Disks that can be made or served so that they do.
const UNSURE: [&str; 11] =
    ["9p", "afs", "ceph", "iso9660", "jfs", "nfs", "nfs4", "udf", "virtiofs", "xfs", "zfs"];

/// `FS_CASEFOLD_FL` (`ioctl_iflags(2)`).
const CASEFOLD: u32 = 0x4000_0000;

/// Names that are looked at until one has a letter.
const SAMPLES_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn kinds_of_disks_are_told_by_their_names() {
        for (kind, options, spelling) in [
            ("ext4", "rw", Spelling::Exact),
            ("tmpfs", "rw,casefold=utf8-12.1.0", Spelling::Loose),
            ("tmpfs", "rw,size=8192k", Spelling::Exact),
            ("fuse.ciopfs", "rw", Spelling::Loose),
            ("vfat", "rw,shortname=mixed", Spelling::Loose),
            ("xfs", "rw", Spelling::Unsure),
        ] {
            let told = Spelling::of(kind.as_bytes(), options.as_bytes());
            assert_eq!(told, spelling, "{kind} {options}");
        }
    }

    #[test]
    fn names_are_told_by_what_a_directory_lists() {
        let folder = tempfile::tempdir().unwrap();
        let dir = fs::File::open(folder.path()).unwrap();
        assert!(is_loose(&dir, Spelling::Unsure), "nothing can tell yet");
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/17"), "").unwrap();
        assert!(!is_loose(&dir, Spelling::Unsure) && !is_loose(&dir, Spelling::Exact));
        assert!(is_loose(&dir, Spelling::Loose));
        let is_so = |path: &str| is_as_listed(dir.as_fd(), &Path::decode(path).unwrap().0).unwrap();
        assert!(is_so("/") && is_so("/a") && is_so("/a/17"));
        // Both are there, and two.
        fs::create_dir(folder.path().join("A")).unwrap();
        assert!(is_so("/a/17") && is_so("/A"));
    }
}
