//! What the disk says of something: one system call each.

use std::os::fd::{AsFd, AsRawFd};

use methodical_semantics::error::Result;
use rustix::fs::{AtFlags, CWD, FileType, Statx, StatxFlags};

use crate::errno::OrRefuse;

/// The kind of thing that the disk holds under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    File,
    Collection,
    Link,
    /// A device, a socket, a pipe.
    Special,
}

impl From<FileType> for Form {
    fn from(kind: FileType) -> Self {
        match kind {
            FileType::RegularFile => Self::File,
            FileType::Directory => Self::Collection,
            FileType::Symlink => Self::Link,
            FileType::Fifo
            | FileType::Socket
            | FileType::CharacterDevice
            | FileType::BlockDevice
            | FileType::Unknown => Self::Special,
        }
    }
}

/// Returns what the disk says about an open file.
pub(crate) fn look(fd: impl AsFd) -> rustix::io::Result<Statx> {
    rustix::fs::statx(fd, "", AtFlags::EMPTY_PATH, LOOKED_AT)
}

/// Returns what the disk says about a name, itself and not what it leads to.
pub(crate) fn look_at(dir: impl AsFd, name: &[u8]) -> rustix::io::Result<Statx> {
    rustix::fs::statx(dir, name, AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT, LOOKED_AT)
}

/// Returns what the disk speaks about.
pub(crate) fn form_of(stat: &Statx) -> Form {
    Form::from(FileType::from_raw_mode(u32::from(stat.stx_mode)))
}

/// Returns which disk it lies on.
pub(crate) fn disk_of(stat: &Statx) -> (u32, u32) {
    (stat.stx_dev_major, stat.stx_dev_minor)
}

/// The same as one number.
pub(crate) fn device_of(stat: &Statx) -> u64 {
    u64::from(stat.stx_dev_major) << 32 | u64::from(stat.stx_dev_minor)
}

/// The name under which the system itself reaches an open file.
pub(crate) fn self_name(fd: impl AsFd) -> String {
    format!("/proc/self/fd/{}", fd.as_fd().as_raw_fd())
}

/// The absolute path by which the kernel knows an open file.
pub(crate) fn absolute(fd: impl AsFd) -> Result<Vec<u8>> {
    let name = rustix::fs::readlinkat(CWD, self_name(fd), Vec::new()).or_refuse()?;
    Ok(name.into_bytes())
}

const LOOKED_AT: StatxFlags = StatxFlags::BASIC_STATS.union(StatxFlags::BTIME);
