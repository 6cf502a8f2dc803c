//! The service manager: sockets that it opened for us, and what it is told of our state.
//!
//! A socket that the manager holds stays open over a restart, and may have a port that the server
//! has no right to. All of it is optional: with neither variable set nothing is done.

use std::io;

use listenfd::ListenFd;
use methodical_server::settings::{Bind, Listener};
use sd_notify::NotifyState;

use crate::output::warn;

/// The sockets that were opened before we were started (`LISTEN_FDS`), and where they are.
///
/// # Errors
/// One of them is not a socket that listens for streams.
pub(crate) fn sockets() -> io::Result<Vec<(Listener, Bind)>> {
    let mut given = ListenFd::from_env();
    (0..given.len()).map(|index| socket(&mut given, index)).collect()
}

/// The socket of this number, TCP or Unix.
fn socket(given: &mut ListenFd, index: usize) -> io::Result<(Listener, Bind)> {
    if let Ok(Some(tcp)) = given.take_tcp_listener(index) {
        let bind = Bind::Tcp(tcp.local_addr()?);
        return Ok((Listener::Tcp(tcp), bind));
    }
    match given.take_unix_listener(index)? {
        Some(unix) => {
            let path = unix.local_addr()?.as_pathname().map(Into::into).unwrap_or_default();
            Ok((Listener::Unix(unix), Bind::Unix(path)))
        }
        None => Err(io::ErrorKind::NotFound.into()),
    }
}

/// Tells that the server serves.
pub(crate) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// Tells that the configuration is being read again; [`ready`] ends that.
pub(crate) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(cause) => warn(&format!("the service manager is not told of the reload: {cause}")),
    }
}

/// Tells that the server finishes what runs, and ends.
pub(crate) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Says nothing where nobody asked to be told (`NOTIFY_SOCKET`).
fn tell(state: &[NotifyState<'_>]) {
    if let Err(cause) = sd_notify::notify(state) {
        warn(&format!("the service manager cannot be told how the server is: {cause}"));
    }
}
