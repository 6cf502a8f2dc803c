//! Which disks may let whoever looks at them wait: those of another machine, or of a program.
//!
//! Of a disk of this machine a look and a read are system calls, which an event loop may make. All
//! other kinds, those of the future too, are taken to be slow. What lies on a disk that is mounted
//! inside is told by its path before anything is opened, since opening is what may take long.

use std::{
    os::fd::AsFd,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use methodical_semantics::path::Path;
use rustix::fs::FsWord;

/// The places of slow disks beneath the root.
#[derive(Debug)]
pub(crate) struct SlowDisks {
    /// True if the root lies on one.
    root: bool,
    /// True if there are any at all.
    any: AtomicBool,
    /// True if disks are known to be mounted below, none of them slow.
    only_prompt_below: AtomicBool,
    /// The place where others are mounted.
    below: RwLock<Arc<[Path]>>,
}

impl SlowDisks {
    /// Those of an open root, of whose disk the kind is asked for once; none below by now.
    pub(crate) fn of(root: impl AsFd) -> Self {
        let kind = rustix::fs::fstatfs(root).map(|disk| disk.f_type);
        let root = !kind.is_ok_and(|kind| PROMPT.iter().any(|(_, number)| *number == kind));
        let (any, only_prompt_below) = (AtomicBool::new(root), AtomicBool::default());
        Self { root, any, only_prompt_below, below: RwLock::default() }
    }

    /// Returns whether there are any.
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    /// Returns whether who may not wait is to be kept from going to another disk than the root's.
    /// Not where those below are known and prompt; where none is known, one may just have been
    /// mounted.
    pub(crate) fn keep_off(&self) -> bool {
        !self.only_prompt_below.load(Ordering::Acquire)
    }

    /// Goes on with the places at which slow disks are mounted now, and whether any other is.
    pub(crate) fn set_below(&self, below: Vec<Path>, others: bool) {
        let only_prompt = others && below.is_empty() && !self.root;
        self.only_prompt_below.store(only_prompt, Ordering::Release);
        self.any.store(self.root || !below.is_empty(), Ordering::Release);
        *self.below.write().unwrap_or_else(PoisonError::into_inner) = below.into();
    }

    /// Returns whether what is at a path, and all below it, lies on prompt disks.
    pub(crate) fn leave_out(&self, path: &Path) -> bool {
        !self.any() || !self.root && !self.reach(path)
    }

    fn reach(&self, path: &Path) -> bool {
        let below = Arc::clone(&self.below.read().unwrap_or_else(PoisonError::into_inner));
        below.iter().any(|mount| path.is_within(mount) || mount.is_within(path))
    }
}

/// Returns whether a kind of disk, as the list of mounts names it, is one of this machine's own.
pub(crate) fn is_fast(kind: &[u8]) -> bool {
    PROMPT.iter().any(|(name, _)| name.as_bytes() == kind)
}

/// The kinds of disks that are no other machine's and no program's: their names, and their numbers
/// (`statfs(2)`).
const PROMPT: [(&str, FsWord); 32] = [
    ("ext2", 0xef53),
    ("ext3", 0xef53),
    ("ext4", 0xef53),
    ("xfs", 0x5846_5342),
    ("btrfs", 0x9123_683e),
    ("bcachefs", 0xca45_1a4e),
    ("f2fs", 0xf2f5_2010),
    ("zfs", 0x2fc1_2fc1),
    ("jfs", 0x3153_464a),
    ("nilfs2", 0x3434),
    ("reiserfs", 0x5265_4973),
    ("tmpfs", 0x0102_1994),
    ("ramfs", 0x8584_58f6),
    ("overlay", 0x794c_7630),
    ("squashfs", 0x7371_7368),
    ("erofs", 0xe0f5_e1e2),
    ("iso9660", 0x9660),
    ("udf", 0x1501_3346),
    ("vfat", 0x4d44),
    ("msdos", 0x4d44),
    ("exfat", 0x2011_bab0),
    ("ntfs3", 0x7366_746e),
    ("hfs", 0x4244),
    ("hfsplus", 0x482b),
    ("ubifs", 0x2405_1905),
    ("jffs2", 0x72b6),
    ("proc", 0x9fa0),
    ("sysfs", 0x6265_6572),
    ("devtmpfs", 0x0102_1994),
    ("devpts", 0x1cd1),
    ("mqueue", 0x1980_0202),
    ("cgroup2", 0x6367_7270),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        text.split('/')
            .filter(|name| !name.is_empty())
            .fold(Path::root(), |path, name| path.join(name.as_bytes()).unwrap())
    }

    fn prompt() -> SlowDisks {
        SlowDisks::of(std::fs::File::open("/proc/self").unwrap())
    }

    #[test]
    fn a_disk_that_nobody_knows_of_yet_is_kept_off() {
        let disks = prompt();
        assert!(disks.keep_off(), "nothing was looked for yet");
        for (below, others, keeps_off) in [
            (Vec::new(), false, true),
            (Vec::new(), true, false),
            (vec![path("/slow")], true, true),
        ] {
            disks.set_below(below, others);
            assert_eq!(disks.keep_off(), keeps_off);
        }
    }

    #[test]
    fn only_disks_of_this_machine_are_prompt() {
        assert!(["ext4", "xfs", "tmpfs", "overlay"].iter().all(|kind| is_fast(kind.as_bytes())));
        for kind in ["fuse", "fuse.sshfs", "fuseblk", "nfs", "nfs4", "cifs", "smb3", "9p", "autofs"]
        {
            assert!(!is_fast(kind.as_bytes()), "{kind}");
        }
        assert!(!is_fast(b"of the future"));
    }

    #[test]
    fn what_reaches_to_a_slow_disk_is_told_by_its_path() {
        let disks = prompt();
        assert!(!disks.any() && disks.leave_out(&path("/a")));
        disks.set_below(vec![path("/a/slow")], true);
        for reaching in ["/", "/a", "/a/slow", "/a/slow/f"] {
            assert!(!disks.leave_out(&path(reaching)), "{reaching}");
        }
        for other in ["/b", "/a/b", "/a/slower", "/slow"] {
            assert!(disks.leave_out(&path(other)), "{other}");
        }
        disks.set_below(Vec::new(), false);
        assert!(!disks.any() && disks.leave_out(&path("/a/slow")));
    }

    #[test]
    fn a_root_on_a_slow_disk_is_slow_everywhere() {
        let disks = SlowDisks { root: true, any: AtomicBool::new(true), ..prompt() };
        disks.set_below(Vec::new(), true);
        assert!(disks.any() && !disks.leave_out(&path("/a")));
    }
}
