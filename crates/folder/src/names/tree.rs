//! The tree of files beneath the root, reached by openat2 and never by a joined path string.
//!
//! `RESOLVE_BENEATH` makes the kernel refuse every way out, whatever others rename meanwhile.
//! First the way without symbolic links is tried. Only where a link stands on it, and links are
//! followed, a second look goes through it and asks the kernel where it arrived, so that
//! a link into the server's own state shows nothing, and two addresses of one file are known
//! to be the same.

use methodical_store::names::is_our_name;
use methodical_store::names::is_ours;
use std::{
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::{Path as DiskPath, PathBuf},
};

use methodical_semantics::{
    error::Result,
    footprint::{Footprint, Touch},
    path::Path,
};
use rustix::{
    fs::{Mode, OFlags, ResolveFlags, Statx},
    io::Errno,
};

use super::{
    secrets::{Secrets, reserved},
    slow::SlowDisks,
    spelled::{Spelled, is_as_listed, is_listed},
    stat::{Form, absolute, device_of, form_of, look, look_at},
};
use crate::{
    errno::{OrRefuse, error, is_absent},
    options::FolderOptions,
};
use methodical_store::{names::Shown, work};

/// The root and what of it may be shown.
#[derive(Debug)]
pub(crate) struct Tree {
    root: OwnedFd,
    /// The absolute path by which the operator named the root.
    given: Box<[u8]>,
    shown: Shown,
    secrets: Secrets,
    follow_symlinks: bool,
    /// The number of its disk.
    device: u64,
    pub(crate) spelled: Spelled,
    pub(crate) slow: SlowDisks,
}

/// Something that was opened beneath the root.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) fd: OwnedFd,
    /// The place where it truly stands, when a symbolic link led to another place than the path
    /// says.
    pub(crate) elsewhere: Option<Path>,
}

/// The collection that holds a name, and the name.
#[derive(Debug)]
pub(crate) struct Parent<'p> {
    pub(crate) fd: OwnedFd,
    pub(crate) name: &'p [u8],
}

/// The place where the names of a path really stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// The path with all links among its ancestors resolved: where the name itself stands.
    pub(crate) name: Path,
    /// The place where the name leads, if it is a link that leads to something inside.
    pub(crate) leads_to: Option<Path>,
}

/// The thing that stands at a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Nothing,
    File,
    Collection,
    /// A device, a socket, a pipe, a link that leads nowhere or outside: never shown, never
    /// replaced.
    Unseen,
}

impl Tree {
    pub(crate) fn new(root: OwnedFd, given: &DiskPath, options: &FolderOptions) -> Self {
        // Only links may have to be known by it; without it, they are known by the kernel's name.
        let given = std::path::absolute(given).unwrap_or_default();
        let given = given.into_os_string().into_encoded_bytes().into();
        let shown = Shown { hidden: options.hidden, mac_junk: options.mac_junk };
        // Where it cannot be told, nothing is on the same disk as the root.
        let device = look(&root).map_or(0, |stat| device_of(&stat));
        let (secrets, follow_symlinks) = (Secrets::default(), options.follow_symlinks);
        let (spelled, slow) = (Spelled::default(), SlowDisks::of(&root));
        Self { root, given, shown, secrets, follow_symlinks, device, spelled, slow }
    }

    /// The number of the disk of the root.
    pub(crate) fn device(&self) -> u64 {
        self.device
    }

    /// Returns whether symbolic links are followed.
    pub(crate) fn follows_links(&self) -> bool {
        self.follow_symlinks
    }

    pub(crate) fn root(&self) -> BorrowedFd<'_> {
        self.root.as_fd()
    }

    /// Returns whether what is at a path, wherever links lead, and all below it lies on disks that
    /// are read fast.
    pub(crate) fn reads_fast(&self, path: &Path) -> bool {
        if !self.slow.any() {
            return true;
        }
        let real_path = || work::at_once(|| self.real_path(path));
        self.slow.leave_out(path)
            && real_path().is_some_and(|it| it.is_ok_and(|it| self.slow.leave_out(&it)))
    }

    /// Returns whether the path may be shown, if there is something.
    pub(crate) fn shows(&self, path: &Path) -> bool {
        self.shown.shows(path)
            && !self.secrets.holds(path)
            && self.spelled.as_in_rules(path).is_none()
    }

    /// Returns whether a member of this name may be shown in the collection.
    pub(crate) fn shows_member(&self, of: &Path, name: &[u8]) -> bool {
        if self.secrets.any() && of.join(name).is_ok_and(|path| self.secrets.holds(&path)) {
            return false;
        }
        // Whatever rules are about is not to be seen by a name that they do not have.
        let is_other = |at: Path| self.spelled.as_in_rules(&at).is_some();
        if self.spelled.is_loose() && of.join(name).is_ok_and(is_other) {
            return false;
        }
        match name.first() {
            Some(b'.') if is_our_name(name) || matches!(name, b"." | b"..") => false,
            // What may be shown at the root only is known to the path.
            Some(b'.') if of.is_root() => of.join(name).is_ok_and(|path| self.shown.shows(&path)),
            Some(b'.') => self.shown.shows_name(name),
            _ => true,
        }
    }

    /// Refuses to write where nothing can be shown afterwards.
    pub(crate) fn permit(&self, path: &Path) -> Result<()> {
        self.shown.permit(path)?;
        self.spelled.permit(path)?;
        self.is_no_secret(path)
    }

    /// Refuses what would stand at or below something secret, where it truly is.
    pub(crate) fn is_no_secret(&self, at: &Path) -> Result<()> {
        let resembles = || self.spelled.is_loose() && self.secrets.resemble(at);
        if self.secrets.holds(at) || resembles() { Err(reserved()) } else { Ok(()) }
    }

    /// Refuses to take a name away that something secret is under.
    pub(crate) fn may_go(&self, at: &Path) -> Result<()> {
        self.secrets.stay(at)
    }

    /// Keeps files and folders of the disk secret.
    pub(crate) fn keep_secret(&self, files: &[PathBuf]) -> Result<()> {
        self.secrets.keep(files, |path| self.inner(path))
    }

    /// Finds out what stands at the names of what is secret by now.
    pub(crate) fn look_at_secrets(&self) -> Result<()> {
        self.secrets.look_again(|path| self.inner(path))
    }

    /// Returns what the disk speaks about; what is secret is of a kind that is never shown, under
    /// whatever name.
    pub(crate) fn form(&self, stat: &Statx) -> Form {
        if self.secrets.is_one(stat) { Form::Special } else { form_of(stat) }
    }

    /// The same of what the disk found by a name in a directory; under another spelling of its name
    /// nothing is shown.
    pub(crate) fn form_in(
        &self,
        dir: BorrowedFd<'_>,
        name: &[u8],
        stat: &Statx,
    ) -> rustix::io::Result<Form> {
        let is_spelled = !self.spelled.is_loose() || is_listed(dir, name)?;
        Ok(if is_spelled { self.form(stat) } else { Form::Special })
    }

    /// Opens what is at the path; nothing where there is nothing that may be shown.
    pub(crate) fn open(&self, path: &Path, flags: OFlags) -> Result<Option<Opened>> {
        if self.shows(path) { self.reach(path, flags) } else { Ok(None) }
    }

    /// Opens what is at the path, be its name hidden or not: an operator's link may lead there.
    pub(crate) fn reach(&self, path: &Path, flags: OFlags) -> Result<Option<Opened>> {
        if is_ours(path) || self.secrets.holds(path) {
            return Ok(None);
        }
        match self.open_beneath(path, flags, ResolveFlags::NO_SYMLINKS) {
            Ok(fd) => Ok(Some(Opened { fd, elsewhere: None })),
            Err(Errno::LOOP) if self.follow_symlinks => self.open_through_links(path, flags),
            // A socket, or a device without a driver: it is there, and never shown.
            Err(Errno::NXIO | Errno::NODEV) => Ok(None),
            Err(errno) if is_absent(errno) => Ok(None),
            Err(errno) => Err(error(errno)),
        }
    }

    /// Opens what was built at a path out of sight.
    pub(crate) fn reach_built(&self, path: &Path, flags: OFlags) -> Result<Option<Opened>> {
        let fd = self.open_beneath(path, flags, ResolveFlags::NO_SYMLINKS).or_absent()?;
        Ok(fd.map(|fd| Opened { fd, elsewhere: None }))
    }

    /// Opens the collection at a path on whose way there are no links, be it the server's own.
    pub(crate) fn collection(&self, path: &Path) -> Result<Option<OwnedFd>> {
        self.straight_collection(path).or_absent()
    }

    /// As [`Self::collection`], in the system's own words.
    pub(crate) fn straight_collection(&self, path: &Path) -> rustix::io::Result<OwnedFd> {
        self.open_beneath(path, OFlags::PATH | OFlags::DIRECTORY, ResolveFlags::NO_SYMLINKS)
    }

    /// Opens the collection that holds a path on whose way there are no links, be it the server's
    /// own.
    pub(crate) fn holder<'p>(&self, path: &'p Path) -> Result<Option<Parent<'p>>> {
        let Some(parent) = path.parent() else { return Ok(None) };
        let fd = self.collection(&parent)?;
        Ok(fd.map(|fd| Parent { fd, name: path.name() }))
    }

    /// Returns where the path's name truly stands, and where it leads.
    pub(crate) fn resolve(&self, path: &Path) -> Result<Resolved> {
        if !self.follow_symlinks || path.is_root() {
            return Ok(Resolved { name: path.clone(), leads_to: None });
        }
        match self.open_beneath(path, OFlags::PATH, ResolveFlags::NO_SYMLINKS) {
            Err(Errno::LOOP) => {}
            // No link on the way, or none before the first name that is missing.
            _ => return Ok(Resolved { name: path.clone(), leads_to: None }),
        }
        let name = self.real_name(path)?;
        let opened = self.open_through_links(path, OFlags::PATH)?;
        let leads_to = opened.and_then(|opened| opened.elsewhere).filter(|there| *there != name);
        Ok(Resolved { name, leads_to })
    }

    /// Returns where facts about what a path leads to are kept.
    pub(crate) fn real_path(&self, path: &Path) -> Result<Path> {
        let place = self.resolve(path)?;
        Ok(place.leads_to.unwrap_or(place.name))
    }

    /// The same footprint in terms of where names truly stand. A name that is a link is touched
    /// as itself and as what it leads to.
    pub(crate) fn real_footprint(
        &self,
        footprint: &Footprint,
        place: impl Fn(&Path) -> Result<Resolved>,
    ) -> Result<Footprint> {
        if !self.follow_symlinks {
            return Ok(footprint.clone());
        }
        let mut touches = Vec::with_capacity(footprint.0.len());
        let mut straight: Option<&Path> = None;
        for touch in &footprint.0 {
            // No link is on the way to what is above a path without links on its way.
            if straight.is_some_and(|path| path.is_within(&touch.path)) {
                touches.push(touch.clone());
                continue;
            }
            let place = place(&touch.path)?;
            if place.leads_to.is_none() && place.name == touch.path {
                straight = Some(&touch.path);
            }
            touches.extend(place.leads_to.map(|path| Touch { path, ..touch.clone() }));
            touches.push(Touch { path: place.name, ..touch.clone() });
        }
        Ok(Footprint(touches))
    }

    /// Returns what stands at a path.
    pub(crate) fn standing(&self, path: &Path) -> Result<Standing> {
        if path.is_root() {
            return Ok(Standing::Collection);
        }
        // Most names are of files and directories, or of nothing: the holder tells that at once.
        let Some(parent) = self.holder(path)? else { return Ok(Standing::Nothing) };
        let seen = look_at(&parent.fd, parent.name);
        match seen.and_then(|stat| self.form_in(parent.fd.as_fd(), parent.name, &stat)) {
            Ok(Form::File) => return Ok(Standing::File),
            Ok(Form::Collection) => return Ok(Standing::Collection),
            Ok(Form::Special) => return Ok(Standing::Unseen),
            Ok(Form::Link) => {}
            Err(errno) if is_absent(errno) => return Ok(Standing::Nothing),
            Err(errno) => return Err(error(errno)),
        }
        if let Some(opened) = self.reach(path, OFlags::PATH)? {
            return Ok(match self.form(&look(&opened.fd).or_refuse()?) {
                Form::File => Standing::File,
                Form::Collection => Standing::Collection,
                Form::Link | Form::Special => Standing::Unseen,
            });
        }
        Ok(Standing::Unseen)
    }

    /// The path with all links among the ancestors resolved, as far as there are any.
    fn real_name(&self, path: &Path) -> Result<Path> {
        let Some(parent) = path.parent() else { return Ok(Path::root()) };
        let flags = OFlags::PATH | OFlags::DIRECTORY;
        let above = match self.open_beneath(&parent, flags, ResolveFlags::NO_SYMLINKS) {
            Err(Errno::LOOP) => match self.open_through_links(&parent, flags)? {
                Some(opened) => opened.elsewhere.unwrap_or(parent),
                None => self.real_name(&parent)?,
            },
            _ => parent,
        };
        above.join(path.name()).map_err(|_| error(Errno::NAMETOOLONG))
    }

    fn open_through_links(&self, path: &Path, flags: OFlags) -> Result<Option<Opened>> {
        let opened = match self.open_beneath(path, flags, ResolveFlags::empty()) {
            Err(Errno::NXIO | Errno::NODEV) => return Ok(None),
            Err(Errno::XDEV) => match self.follow(path)? {
                // An absolute link to a place inside.
                Some(there) => self.open_beneath(&there, flags, ResolveFlags::NO_SYMLINKS),
                None => return Ok(None),
            },
            opened => opened,
        };
        let Some(fd) = opened.or_absent()? else { return Ok(None) };
        let Some(there) = self.whereabouts(&fd)? else { return Ok(None) };
        // What the operator linked to is shown under the link's name even where its own name is
        // hidden; the server's state never is.
        if is_ours(&there) || self.secrets.holds(&there) {
            return Ok(None);
        }
        if self.spelled.is_loose() && !is_as_listed(self.root(), &there).or_refuse()? {
            return Ok(None);
        }
        Ok(Some(Opened { fd, elsewhere: Some(there) }))
    }

    /// Opens what is at a path and spelled so.
    fn open_beneath(
        &self,
        path: &Path,
        flags: OFlags,
        resolve: ResolveFlags,
    ) -> rustix::io::Result<OwnedFd> {
        let opened = self.open_in_any_spelling(path, flags, resolve)?;
        if self.spelled.is_loose() && !is_as_listed(self.root(), path)? {
            return Err(Errno::NOENT);
        }
        Ok(opened)
    }

    fn open_in_any_spelling(
        &self,
        path: &Path,
        flags: OFlags,
        resolve: ResolveFlags,
    ) -> rustix::io::Result<OwnedFd> {
        let resolve = resolve | ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let name = if path.is_root() { b"." } else { path.bytes() };
        let flags = flags | OFlags::CLOEXEC;
        // By a link, or in another spelling, a path leads to a slow disk that does not look so; or
        // one was mounted just now.
        let stays = self.slow.keep_off() && !work::may_wait();
        let resolve = if stays { resolve | ResolveFlags::NO_XDEV } else { resolve };
        for _ in 1..RACE_ATTEMPTS_MAX {
            match rustix::fs::openat2(&self.root, name, flags, Mode::empty(), resolve) {
                // A rename elsewhere kept the kernel from being sure about a `..` in a link.
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(Errno::XDEV) if stays => {
                    work::would_wait();
                    return Err(Errno::AGAIN);
                }
                done => return done,
            }
        }
        rustix::fs::openat2(&self.root, name, flags, Mode::empty(), resolve)
    }

    /// Returns what of an absolute path of the disk lies beneath the root, by the name that the
    /// kernel has for it or by the one that the operator gave.
    pub(crate) fn inner(&self, there: &[u8]) -> Result<Option<Vec<u8>>> {
        let within = |root: &[u8]| {
            // All but `/` itself end where a name ends.
            let inner = there.strip_prefix(root.strip_suffix(b"/").unwrap_or(root))?;
            let ends = inner.is_empty() || inner.starts_with(b"/");
            (ends && root.starts_with(b"/")).then(|| inner.to_vec())
        };
        Ok(within(&absolute(&self.root)?).or_else(|| within(&self.given)))
    }

    /// The same as a path; nothing where it is too long for one, too.
    pub(crate) fn inner_path(&self, there: &[u8]) -> Result<Option<Path>> {
        let Some(inner) = self.inner(there)? else { return Ok(None) };
        let mut names = inner.split(|byte| *byte == b'/').filter(|name| !name.is_empty());
        Ok(names.try_fold(Path::root(), |path, name| path.join(name)).ok())
    }

    /// The path beneath the root at which the kernel knows an open file; nothing if it was removed.
    fn whereabouts(&self, fd: &OwnedFd) -> Result<Option<Path>> {
        let there = absolute(fd)?;
        let path = self.inner_path(&there)?;
        if there.ends_with(b" (deleted)") && look(fd).or_refuse()?.stx_nlink == 0 {
            return Ok(None);
        }
        Ok(path)
    }
}

/// The number of times that a look that raced with a rename is tried again.
const RACE_ATTEMPTS_MAX: u32 = 16;
