//! The looks that are taken before the server starts, and the sentence for each thing that is
//! amiss.
//!
//! A server that cannot serve should say so at once, to the one who starts it, and say how to mend
//! it: an error from the first request comes too late. Here, too, it is refused that strangers
//! write where nobody asked for that.

#![expect(clippy::wildcard_enum_match_arm, reason = "the kinds of errors are an open list")]

use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use methodical_server::certificates::Tls;
use methodical_server::settings::{Bind, ServeError, Settings};
use rustix::fs::{Access, AtFlags, CWD, accessat};
use rustix::io::Errno;

use super::case_check;
use crate::{
    failure::Failure,
    output::warn,
    settings::{SETTINGS, certificate::with_certificate, draft::Draft, effective::Effective},
};

/// The settings to start with; the folder in them is there and gives the rights that it needs.
///
/// # Errors
/// No folder is named, it cannot be used, or strangers could write into it.
pub(crate) fn settings(effective: Effective) -> Result<Settings, Failure> {
    let draft = effective.draft;
    let dir = dir(&draft)?;
    let root = fs::canonicalize(&dir).map_err(|cause| folder_failure(&dir, &cause))?;
    let settings = with_certificate(draft.finish(root).map_err(Failure::refused)?)?;
    check(&settings)?;
    Ok(settings)
}

/// Looks at settings whose folder is known; what is odd and stops nothing is warned of.
///
/// # Errors
/// The folder cannot be used, or strangers could write into it.
pub(crate) fn check(settings: &Settings) -> Result<(), Failure> {
    check_folder(settings)?;
    case_check::check(settings)?;
    case_check::missing(settings).iter().map(String::as_str).for_each(warn);
    check_strangers(settings)
}

/// Looks whether a folder is there.
///
/// # Errors
/// It is not, or is none.
pub(crate) fn check_dir(dir: &Path) -> Result<(), Failure> {
    match fs::metadata(dir) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(folder_failure(dir, &Errno::NOTDIR.into())),
        Err(cause) => Err(folder_failure(dir, &cause)),
    }
}

/// The settings to go on with, and those that are wanted. What the store and the sockets were
/// opened with stays as it was at the start: the rest is taken over.
///
/// # Errors
/// As [`settings`].
pub(crate) fn reloaded(
    effective: Effective,
    start: &Settings,
) -> Result<(Settings, Settings), Failure> {
    let wanted = effective.draft.finish(start.root.clone()).map_err(Failure::refused)?;
    let wanted = with_certificate(wanted)?;
    let settings = Settings {
        tls: tls(&wanted, start),
        binds: start.binds.clone(),
        redirect_http: start.redirect_http.clone(),
        admin: start.admin.clone(),
        unix_mode: start.unix_mode,
        ..held(start, &wanted)
    };
    check(&settings)?;
    Ok((settings, wanted))
}

/// The wanted settings, where each that holds at a restart only is as it was at the start. What is
/// kept as words until a draft is finished is not among them.
fn held(start: &Settings, wanted: &Settings) -> Settings {
    let draft = |settings: &Settings| Draft { settings: settings.clone(), ..Draft::new() };
    let (mut of_start, mut held) = (draft(start), draft(wanted));
    for setting in SETTINGS.iter().filter(|it| it.applies.waits(start, wanted)) {
        setting.kind.take(&mut held, &mut of_start);
    }
    held.settings
}

/// Certificates are exchanged; whether there is TLS, and what is ordered, is as fixed as the
/// sockets.
fn tls(wanted: &Settings, start: &Settings) -> Option<Tls> {
    let is_ordered = |tls: &&Tls| tls.acme.is_some();
    let of_start = start.tls.as_ref();
    let of_wanted = wanted.tls.as_ref().filter(|tls| of_start.is_some() && !is_ordered(tls));
    of_start.filter(is_ordered).or(of_wanted).or(of_start).cloned()
}

/// A service that was started without a folder would serve whatever its working directory is.
fn dir(draft: &Draft) -> Result<PathBuf, Failure> {
    match &draft.dir {
        Some(dir) => Ok(dir.clone()),
        None if io::stdin().is_terminal() => Ok(PathBuf::from(".")),
        None => Err(Failure::refused(
            "no folder was named, and without a terminal the current one is not served unasked; \
             name it: methodical serve DIR",
        )),
    }
}

/// # Errors
/// The folder is none, or the process has not the rights that serving it takes.
fn check_folder(settings: &Settings) -> Result<(), Failure> {
    let root = &settings.root;
    let found = fs::metadata(root).map_err(|cause| folder_failure(root, &cause))?;
    if !found.is_dir() {
        return Err(folder_failure(root, &Errno::NOTDIR.into()));
    }
    let may = |access| accessat(CWD, root, access, AtFlags::EACCESS).map_err(io::Error::from);
    may(Access::READ_OK | Access::EXEC_OK).map_err(|cause| folder_failure(root, &cause))?;
    match may(Access::WRITE_OK) {
        Err(cause) if settings.policy.writable => Err(write_failure(root, &cause)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The sentence for a folder that cannot be used, with a way out.
fn folder_failure(path: &Path, cause: &io::Error) -> Failure {
    let shown = path.display();
    Failure::unavailable(match cause.kind() {
        io::ErrorKind::NotFound => {
            format!("there is no folder {shown}; check the name, or create it: mkdir -p {shown}")
        }
        io::ErrorKind::NotADirectory => {
            format!("{shown} is not a folder; name the folder that it is in")
        }
        io::ErrorKind::PermissionDenied => format!(
            "no right to read the folder {shown}; grant it (chmod, chown) or start as another user"
        ),
        _ => format!("cannot open the folder {shown}: {cause}; name another"),
    })
}

/// The sentence for a folder that is to be written and cannot be.
fn write_failure(path: &Path, cause: &io::Error) -> Failure {
    let why = match cause.kind() {
        io::ErrorKind::ReadOnlyFilesystem => "its disk is read-only",
        _ => "no right to",
    };
    Failure::unavailable(format!(
        "cannot write to the folder {}: {why}; grant it (chmod, chown, mount) or leave out --write",
        path.display()
    ))
}

/// Refuses that everybody who reaches an address of this machine may write, unless that was asked
/// for by name.
fn check_strangers(settings: &Settings) -> Result<(), Failure> {
    let Some(bind) = settings.open_to_strangers() else { return Ok(()) };
    if !settings.policy.rules.is_open() {
        return Err(Failure::refused(format!(
            "with --write on {bind} anyone could change the folder by what [access] grants to \
             anyone; grant it to users, or bind to 127.0.0.1, or leave out --write, or allow it \
             with --insecure-anonymous-write"
        )));
    }
    Err(Failure::refused(format!(
        "with --write on {bind} everybody who reaches this machine could change the folder, \
         because no login is configured; say who may (--users and [access], or -a USER:PASSWORD), \
         or bind to 127.0.0.1, or leave out --write, or allow it \
         with --insecure-anonymous-write"
    )))
}

/// The sentence for a server that did not come up or did not last.
pub(crate) fn serve_failure(failed: &ServeError) -> Failure {
    match failed {
        ServeError::Bind { bind: Bind::Tcp(address), cause } => {
            Failure::unavailable(address_failure(address, cause))
        }
        ServeError::Bind { bind: Bind::Unix(path), cause } => {
            Failure::unavailable(socket_failure(path, cause))
        }
        ServeError::Tls(_) | ServeError::Open(_) => Failure::unavailable(failed.to_string()),
        ServeError::Run(_) => Failure::run(failed.to_string()),
    }
}

/// The sentence for an address that cannot be listened on.
fn address_failure(address: &std::net::SocketAddr, cause: &io::Error) -> String {
    let (ip, port) = (address.ip(), address.port());
    match cause.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {port} of {ip} is taken; stop what listens there, or name another: --port 0 \
             (or :0 in --bind) picks a free one"
        ),
        io::ErrorKind::AddrNotAvailable => format!(
            "this machine has no address {ip}; name one of its own with --bind, or 0.0.0.0 for all"
        ),
        io::ErrorKind::PermissionDenied => format!(
            "no right to listen on port {port}; name one from 1024 on with --port, or grant \
             CAP_NET_BIND_SERVICE"
        ),
        _ => format!("cannot listen on {address}: {cause}; name another address with --bind"),
    }
}

/// The sentence for a Unix socket that cannot be made.
fn socket_failure(path: &Path, cause: &io::Error) -> String {
    let shown = path.display();
    match cause.kind() {
        io::ErrorKind::AddrInUse | io::ErrorKind::AlreadyExists => format!(
            "the socket {shown} is there already; stop what listens on it, or remove the file"
        ),
        io::ErrorKind::NotFound => {
            format!("there is no folder for the socket {shown}; create it, or name another path")
        }
        io::ErrorKind::PermissionDenied => {
            format!("no right to create the socket {shown}; grant it, or name another path")
        }
        _ => format!("cannot listen on the socket {shown}: {cause}; name another path"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use methodical_server::settings::{Durability, MacJunk, ShownTo};

    use super::*;

    #[test]
    fn what_holds_at_a_restart_only_stays_and_the_rest_is_taken_over() {
        let start = Settings::of("/srv".into());
        let mut wanted = start.clone();
        wanted.policy.trace = true;
        wanted.limits.patch_bytes_max = 1;
        let same = wanted.clone();
        (wanted.policy.writable, wanted.symlinks) = (true, false);
        wanted.policy.hidden = ShownTo::Nobody;
        wanted.policy.mac_junk = MacJunk::Refuse;
        (wanted.durability, wanted.drain) = (Durability::Relaxed, Duration::from_secs(1));
        assert_eq!(held(&start, &wanted), same);
    }

    #[test]
    fn writing_that_ends_is_taken_over() {
        let mut start = Settings::of("/srv".into());
        let wanted = start.clone();
        start.policy.writable = true;
        assert_eq!(held(&start, &wanted), wanted);
    }
}
