//! The socket itself: made where the state folder is, replaced when it is left over, removed at the
//! end.
//!
//! The mode of the socket is no defence by itself: whoever connects is asked for by the kernel (see
//! `server`). The folder is held open, so that neither making nor removing can be led elsewhere by
//! a link.

use std::{
    io,
    os::fd::{AsRawFd as _, OwnedFd},
    path::{Path, PathBuf},
};

use methodical_semantics::path::RESERVED;
use rustix::{
    fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat, chmodat, openat, statat, unlinkat},
    io::Errno,
};
use socket2::{Domain, SockAddr, Socket, Type};
use tokio::net::UnixListener;

use super::words::SOCKET;

/// A socket that listens, and whose file is removed with it.
#[derive(Debug)]
pub(super) struct Door {
    /// The socket that questions come to.
    pub(super) listener: UnixListener,
    /// The folder that is served.
    root: PathBuf,
    /// The state folder, held open: a path could lead elsewhere by now.
    state: OwnedFd,
    /// Device and number of the socket's file.
    file: (u64, u64),
}

/// The state folder of a folder, if there is one.
pub(super) fn state_folder(root: &Path) -> io::Result<Option<OwnedFd>> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = openat(CWD, root, flags, Mode::empty())?;
    match openat(&root, RESERVED, flags | OFlags::NOFOLLOW, Mode::empty()) {
        Ok(state) => Ok(Some(state)),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

/// The socket's name by way of the open folder: it fits into the 107 octets that the name of a
/// socket may have, however long that of the folder is.
pub(super) fn name_in(state: &OwnedFd) -> PathBuf {
    format!("/proc/self/fd/{}/{SOCKET}", state.as_raw_fd()).into()
}

impl Door {
    /// Listens, if there is a state folder. Only one server at a time may write a folder: a socket
    /// that is there already was left by one that was killed.
    ///
    /// # Errors
    /// Something else than a socket has its name, or the disk takes no sockets.
    pub(super) fn open(root: &Path) -> io::Result<Option<Self>> {
        let Some(state) = state_folder(root)? else { return Ok(None) };
        match look(&state) {
            Ok(found) if is_socket(&found) => unlinkat(&state, SOCKET, AtFlags::empty())?,
            Ok(_) => return Err(io::ErrorKind::AlreadyExists.into()),
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno.into()),
        }
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.bind(&SockAddr::unix(name_in(&state))?)?;
        let file = identity(&look(&state)?);
        // Nobody can connect before it listens.
        chmodat(&state, SOCKET, Mode::RUSR | Mode::WUSR, AtFlags::empty())?;
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
        let listener = UnixListener::from_std(socket.into())?;
        Ok(Some(Self { listener, root: root.to_owned(), state, file }))
    }

    /// Returns whether it is still what is found under its name: others may have removed it with
    /// the state folder.
    pub(super) fn stands(&self) -> bool {
        match state_folder(&self.root) {
            Ok(Some(state)) => match look(&state) {
                Ok(found) => identity(&found) == self.file,
                Err(errno) => errno != Errno::NOENT,
            },
            Ok(None) => false,
            // That there is no look at the moment says nothing of it.
            Err(_) => true,
        }
    }
}

impl Drop for Door {
    /// Removes the socket, unless another one has its name.
    fn drop(&mut self) {
        if look(&self.state).is_ok_and(|found| identity(&found) == self.file) {
            // What cannot be removed is replaced by the next server.
            _ = unlinkat(&self.state, SOCKET, AtFlags::empty());
        }
    }
}

/// Returns what has the socket's name, a link not followed.
fn look(state: &OwnedFd) -> rustix::io::Result<Stat> {
    statat(state, SOCKET, AtFlags::SYMLINK_NOFOLLOW)
}

/// Returns whether that is a socket.
fn is_socket(found: &Stat) -> bool {
    FileType::from_raw_mode(found.st_mode) == FileType::Socket
}

/// Disk and inode: what tells one file from another that has its name.
fn identity(found: &Stat) -> (u64, u64) {
    (found.st_dev, found.st_ino)
}

/// Questions that the system holds for us while we are busy.
const BACKLOG: i32 = 16;
