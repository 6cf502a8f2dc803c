//! The sockets that the server listens on.
//!
//! Sockets are opened once, before rights are given up, and each thread accepts on a handle of its
//! own of the same socket: the kernel wakes whichever waits. A Unix socket's mode is set before
//! anybody can connect, and one that a killed server left is replaced only if nobody answers on it.

use std::{
    fmt, io,
    net::SocketAddr,
    os::{
        fd::AsRawFd as _,
        unix::{fs::FileTypeExt as _, net::UnixStream},
    },
    path::Path,
    str::FromStr,
};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, chmodat, fchmod, fstat, openat};

use crate::bind::{Bind, ListenerKind};

/// The mode of the sockets in the file system that the server makes: who may write to one may
/// connect.
///
/// ```
/// use methodical_wire::listen::UnixMode;
///
/// let mode: UnixMode = "660".parse().unwrap();
/// assert_eq!(mode.to_string(), "0660");
/// assert!("1777".parse::<UnixMode>().is_err() && "rw".parse::<UnixMode>().is_err());
/// assert_eq!(UnixMode::default().to_string(), "0600");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnixMode(u32);

impl UnixMode {
    /// The mode as the system calls take it.
    fn bits(self) -> Mode {
        Mode::from_raw_mode(self.0)
    }
}

impl Default for UnixMode {
    /// The owner's alone: whoever connects by a socket counts as this machine itself, which may
    /// write without login.
    fn default() -> Self {
        Self(0o600)
    }
}

impl fmt::Display for UnixMode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04o}", self.0)
    }
}

impl FromStr for UnixMode {
    type Err = NoUnixMode;

    fn from_str(text: &str) -> Result<Self, NoUnixMode> {
        let is_octal =
            (3..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        let bits = u32::from_str_radix(text, 8).ok().filter(|bits| is_octal && *bits <= 0o777);
        // What its owner cannot connect to nobody can, but root.
        bits.filter(|bits| bits & 0o200 != 0).map(Self).ok_or(NoUnixMode)
    }
}

/// The text is no mode of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoUnixMode;

impl fmt::Display for NoUnixMode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an octal mode that lets its owner write, as 0600, 0660 or 0666")
    }
}

impl std::error::Error for NoUnixMode {}

/// A listening socket of which every thread has its own handle.
#[derive(Debug)]
pub enum Listener {
    /// At an address and port.
    Tcp(std::net::TcpListener),
    /// In the file system.
    Unix(std::os::unix::net::UnixListener),
}

/// The port of a listener, if it has one.
pub fn port(listener: &Listener) -> Option<u16> {
    match listener {
        Listener::Tcp(tcp) => tcp.local_addr().ok().map(|address| address.port()),
        Listener::Unix(_) => None,
    }
}

/// Listeners, and what a person types into a client to come to each.
pub type Listening = (Vec<(Listener, ListenerKind)>, Vec<String>);

/// A place that could not be listened at.
#[derive(Debug)]
pub struct Unbound {
    /// The place.
    pub bind: Bind,
    /// The error that the system gave.
    pub cause: io::Error,
}

/// Listens at each of them.
///
/// # Errors
/// The first that cannot be listened at.
pub fn listen(binds: &[Bind], kind: ListenerKind, mode: UnixMode) -> Result<Listening, Unbound> {
    let (mut listeners, mut urls) = (Vec::new(), Vec::new());
    for bind in binds {
        let listened = match bind {
            Bind::Tcp(address) => {
                tcp(*address).map(|(listener, bound)| (listener, kind.url(&bound)))
            }
            Bind::Unix(path) => unix(path, mode).map(|listener| (listener, bind.url())),
        };
        let failed = |cause| Unbound { bind: bind.clone(), cause };
        let (listener, url) = listened.map_err(failed)?;
        listeners.push((listener, kind));
        urls.push(url);
    }
    Ok((listeners, urls))
}

/// Returns what to call sockets that somebody else opened.
///
/// # Errors
/// The error that the system gives for a socket.
pub fn given_sockets(sockets: Vec<Listener>, kind: ListenerKind) -> io::Result<Listening> {
    let url = |socket: &Listener| match socket {
        Listener::Tcp(tcp) => {
            tcp.set_nonblocking(true)?;
            tcp.local_addr().map(|address| kind.url(&Bind::Tcp(address)))
        }
        Listener::Unix(unix) => {
            unix.set_nonblocking(true)?;
            let address = unix.local_addr()?;
            let path = address.as_pathname().unwrap_or(Path::new("@"));
            Ok(Bind::Unix(path.to_owned()).url())
        }
    };
    let urls = sockets.iter().map(url).collect::<io::Result<Vec<_>>>()?;
    Ok((sockets.into_iter().map(|socket| (socket, kind)).collect(), urls))
}

/// Opens a socket on an address and returns the place where it was bound, with the port that the
/// system chose where 0 was asked for. The address may be taken again at once after a restart
/// (`SO_REUSEADDR`).
fn tcp(address: SocketAddr) -> io::Result<(Listener, Bind)> {
    use socket2::{Domain, Protocol, Socket, Type};
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        // Who binds an IPv6 address does not mean IPv4 too: each address is bound by itself.
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    let listener = std::net::TcpListener::from(socket);
    let bound = Bind::Tcp(listener.local_addr()?);
    Ok((Listener::Tcp(listener), bound))
}

/// Opens a socket in the file system with a mode. What lies at the path and is no socket, or is one
/// that somebody listens on, is left: binding fails then.
fn unix(path: &Path, mode: UnixMode) -> io::Result<Listener> {
    use socket2::{Domain, SockAddr, Socket, Type};
    // A socket that nobody listens on is left over from a server that was killed.
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_socket());
    if is_socket && UnixStream::connect(path).is_err() {
        std::fs::remove_file(path)?;
    }
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    // The file is made with the mode of the socket, as far as the umask lets it.
    fchmod(&socket, mode.bits())?;
    socket.bind(&SockAddr::unix(path)?)?;
    // Nobody can connect before it listens.
    give_mode(path, mode)?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(Listener::Unix(socket.into()))
}

/// Gives a socket's file what the umask took from its mode; whatever else has its name by now is
/// left as it is.
fn give_mode(path: &Path, mode: UnixMode) -> io::Result<()> {
    let file = openat(CWD, path, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
    let found = fstat(&file)?;
    let is_socket = FileType::from_raw_mode(found.st_mode) == FileType::Socket;
    if !is_socket {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    if Mode::from_raw_mode(found.st_mode) == mode.bits() {
        return Ok(());
    }
    // An open path takes no mode by itself.
    let open = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(chmodat(CWD, open, mode.bits(), AtFlags::empty())?)
}

impl Listener {
    /// One more handle of the same socket.
    ///
    /// One for each thread, made before it starts; all share one queue of the system.
    pub fn again(&self) -> io::Result<Self> {
        match self {
            Self::Tcp(listener) => listener.try_clone().map(Self::Tcp),
            Self::Unix(listener) => listener.try_clone().map(Self::Unix),
        }
    }
}

/// Connections that the system holds for us while we are busy.
const BACKLOG: i32 = 4096;
