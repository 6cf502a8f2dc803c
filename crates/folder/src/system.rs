//! The system calls that change the disk, so that tests can make each of them fail, or the process
//! "crash" before it (`faulty::under`). In a server they are the calls themselves.

use std::os::fd::{AsFd, OwnedFd};

use rustix::{
    fs::{
        AtFlags, FallocateFlags, FileType, Gid, Mode, OFlags, RenameFlags, Timestamps, Uid,
        XattrFlags,
    },
    io::Result,
    path::Arg,
};

/// Says that the disk is about to be changed.
///
/// # Errors
/// In a test that wants this change to fail.
#[cfg(feature = "testing")]
pub(crate) fn about_to(change: &'static str) -> Result<()> {
    methodical_store::faulty::about_to(change).map_err(|failure| {
        let full = failure.kind() == std::io::ErrorKind::StorageFull;
        let answer = rustix::io::Errno::from_io_error(&failure);
        answer.unwrap_or(if full { rustix::io::Errno::NOSPC } else { rustix::io::Errno::IO })
    })
}

/// Says that the disk is about to be changed.
#[cfg(not(feature = "testing"))]
#[expect(clippy::unnecessary_wraps, reason = "in a test it may fail")]
pub(crate) const fn about_to(_change: &'static str) -> Result<()> {
    Ok(())
}

macro_rules! calls {
    ($($name:ident($($argument:ident: $kind:ty),+) -> $out:ty;)+) => {$(
        pub(crate) fn $name($($argument: $kind),+) -> Result<$out> {
            about_to(stringify!($name))?;
            rustix::fs::$name($($argument),+)
        }
    )+};
}

calls! {
    copy_file_range(
        from: impl AsFd,
        from_offset: Option<&mut u64>,
        to: impl AsFd,
        to_offset: Option<&mut u64>,
        length: usize
    ) -> usize;
    fallocate(file: impl AsFd, flags: FallocateFlags, offset: u64, length: u64) -> ();
    fchmod(file: impl AsFd, mode: Mode) -> ();
    fchown(file: impl AsFd, user: Option<Uid>, group: Option<Gid>) -> ();
    fdatasync(file: impl AsFd) -> ();
    fremovexattr(file: impl AsFd, name: impl Arg) -> ();
    fsetxattr(file: impl AsFd, name: impl Arg, value: &[u8], flags: XattrFlags) -> ();
    fsync(file: impl AsFd) -> ();
    ftruncate(file: impl AsFd, length: u64) -> ();
    futimens(file: impl AsFd, times: &Timestamps) -> ();
    ioctl_ficlone(to: impl AsFd, from: impl AsFd) -> ();
    linkat(from: impl AsFd, name: impl Arg, to: impl AsFd, new: impl Arg, flags: AtFlags) -> ();
    chownat(
        dir: impl AsFd,
        name: impl Arg,
        user: Option<Uid>,
        group: Option<Gid>,
        flags: AtFlags
    ) -> ();
    chmodat(dir: impl AsFd, name: impl Arg, mode: Mode, flags: AtFlags) -> ();
    mkdirat(dir: impl AsFd, name: impl Arg, mode: Mode) -> ();
    mknodat(dir: impl AsFd, name: impl Arg, kind: FileType, mode: Mode, device: u64) -> ();
    renameat(from: impl AsFd, name: impl Arg, to: impl AsFd, new: impl Arg) -> ();
    renameat_with(
        from: impl AsFd,
        name: impl Arg,
        to: impl AsFd,
        new: impl Arg,
        flags: RenameFlags
    ) -> ();
    symlinkat(target: impl Arg, dir: impl AsFd, name: impl Arg) -> ();
    syncfs(disk: impl AsFd) -> ();
    unlinkat(dir: impl AsFd, name: impl Arg, flags: AtFlags) -> ();
    utimensat(dir: impl AsFd, name: impl Arg, times: &Timestamps, flags: AtFlags) -> ();
}

/// Opens a file that is made by this.
pub(crate) fn create(dir: impl AsFd, name: impl Arg, flags: OFlags, mode: Mode) -> Result<OwnedFd> {
    about_to("create")?;
    rustix::fs::openat(dir, name, flags, mode)
}

/// Writes to a file.
pub(crate) fn write(file: impl AsFd, bytes: &[u8]) -> Result<usize> {
    about_to("write")?;
    rustix::io::write(file, bytes)
}
