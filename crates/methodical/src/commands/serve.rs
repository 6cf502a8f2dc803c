//! `serve`: the settings, the banner and the way back to the configuration, given to the server.
//!
//! The order matters. Settings are judged and files read while the process has the rights that it
//! was started with; sockets are opened by the server; then it becomes the user and enters the
//! sandbox, before the first byte of a client is read; then the folder is opened, the banner said
//! and the service manager told. A reload reads the same sources again.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use methodical_server::settings::{Bind, Hooks, Settings};

use crate::{
    failure::Failure,
    output::warn,
    service::{
        banner, qr,
        reload::Running,
        sandbox::{self, Becomes, Reread, Sandbox},
        start, store, systemd,
    },
    settings::{acme, certificate, config::CommandLine, effective::Effective},
};

/// Serves until told to stop.
///
/// # Errors
/// The server did not start, or failed.
pub(crate) fn run(command_line: CommandLine) -> Result<(), Failure> {
    let given = systemd::sockets().map_err(|cause| {
        Failure::unavailable(format!("the service manager gave us what is no socket: {cause}"))
    })?;
    let (sockets, binds): (_, Vec<Bind>) = given.into_iter().unzip();
    let effective = effective(&command_line, &binds)?;
    let (becomes, wants_sandbox) = (becomes(&effective)?, effective.draft.sandbox);
    let then = "a reload (SIGHUP) will be refused";
    let file = command_line.file().map(|path| Reread { path, then });
    let mut reread: Vec<Reread> = file.into_iter().collect();
    reread.extend(effective.draft.access.files());
    if effective.is_said_by_flag("auth") {
        warn("others on this machine can see --auth; say it in METHODICAL_AUTH or --auth-file");
    }
    let draft = effective.draft.clone();
    let qr = draft.qr;
    let named = named(&command_line, &effective);
    let mut settings = start::settings(effective)?;
    reread.extend(certificate::files(&settings));
    settings.own_files = own_files(named, &settings);
    acme::make_folder(&settings, becomes.as_ref())?;
    let confined = settings.clone();
    let sandbox = Arc::<OnceLock<Sandbox>>::default();
    let is_confined = Arc::clone(&sandbox);
    let hooks = Hooks {
        sockets,
        bound: Box::new(move || {
            if let Some(becomes) = &becomes {
                becomes.become_it()?;
                let lost = sandbox::lost(&confined, &reread, becomes.name());
                lost.iter().map(String::as_str).for_each(warn);
            }
            let sandbox = if wants_sandbox {
                let confined = sandbox::to_folder(&confined, &reread);
                confined.map_err(|cause| cause.to_string())?
            } else {
                Sandbox::Off
            };
            // It is called once.
            is_confined.set(sandbox).or(Ok(()))
        }),
        stopping: Box::new(systemd::stopping),
        ..hooks(command_line, Running::new(draft, settings.clone()), (binds, Said { sandbox, qr }))
    };
    methodical_server::serve(&settings, hooks).map_err(|failed| start::serve_failure(&failed))
}

/// The configuration, with the addresses of the sockets that were given, if there are any.
fn effective(command_line: &CommandLine, given: &[Bind]) -> Result<Effective, Failure> {
    let mut effective = command_line.effective()?;
    if !given.is_empty() {
        effective.draft.bind = given.iter().map(ToString::to_string).collect();
    }
    Ok(effective)
}

/// The user to become, if one is named.
///
/// # Errors
/// There is no such user or group, or only root could become it.
fn becomes(effective: &Effective) -> Result<Option<Becomes>, Failure> {
    let user = Some(effective.draft.user.as_str()).filter(|user| !user.is_empty());
    let found = user.map(Becomes::find).transpose();
    found.map_err(|clause| Failure::refused(format!("--user: {clause}")))
}

/// The files that no client may see or change, should they lie in the folder: what the server is
/// configured with, what it orders certificates with, and what it writes its log to.
fn own_files(named: Vec<PathBuf>, settings: &Settings) -> Vec<PathBuf> {
    let certificates = certificate::files(settings).into_iter().map(|file| file.path);
    let acme = settings.tls.as_ref().and_then(|tls| tls.acme.as_ref());
    let said = ["/proc/self/fd/1", "/proc/self/fd/2"].map(std::fs::canonicalize);
    let said = said.into_iter().flatten().filter(|path| path.is_file());
    let more = certificates.chain(acme.map(|acme| acme.folder.clone())).chain(said);
    named.into_iter().chain(more).collect()
}

/// The files that are named by the command line and the configuration.
fn named(command_line: &CommandLine, effective: &Effective) -> Vec<PathBuf> {
    command_line.file().into_iter().chain(effective.draft.access.named()).collect()
}

/// The words that are told besides the addresses once they listen.
struct Said {
    /// Set once the sockets are open, which is before the addresses are told.
    sandbox: Arc<OnceLock<Sandbox>>,
    /// True if an address is shown as a QR code, too.
    qr: bool,
}

/// The functions that the server calls back: to open the folder, to tell that it listens, and to
/// reload.
fn hooks(command_line: CommandLine, running: Running, (given, said): (Vec<Bind>, Said)) -> Hooks {
    let settings = running.settings().clone();
    let listening = Box::new(move |urls: &[String]| {
        // Nobody may be reading; that is no reason not to serve.
        let sandbox = said.sandbox.get().copied().unwrap_or_default();
        let code = if said.qr { qr::code(urls) } else { None };
        if let Err(cause) = banner::say(&settings, urls, sandbox, code.as_deref()) {
            warn(&format!("cannot say where the folder is served: {cause}"));
        }
        systemd::ready();
    });
    let reload = Box::new(move || {
        systemd::reloading();
        let effective = effective(&command_line, &given);
        let reread = effective.and_then(|effective| {
            let named = named(&command_line, &effective);
            let mut reread = running.reread(effective)?;
            reread.settings.own_files = own_files(named, &reread.settings);
            Ok(reread)
        });
        systemd::ready();
        reread.map_err(|failure| failure.to_string())
    });
    Hooks::new(Box::new(store::open), listening, reload)
}
