//! Reading: what is there, its bytes, its members.

use std::{fs::File, os::fd::AsFd, sync::Arc};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    lock::Locks,
    path::Path,
    timestamp::Timestamp,
};
use rustix::fs::{FileType, OFlags, Statx, StatxFlags};

use super::{
    Inner,
    entries::Entries,
    errno::{OrRefuse, error, is_absent},
    identity::{Identity, Seen, moment, settle},
    tree::{Form, form_of, look, look_at},
};
use crate::{
    content::{Content, FileSlice},
    names::equivalent,
    properties::{Properties, PropertyReader},
    resource::{Kind, Resource, Tag},
    store::{Members, Room, Snapshot},
    sync::Synchronizer,
    walk::{Reach, Walk},
};

/// The folder as it is found.
pub(crate) struct Look<'s> {
    pub(crate) store: &'s Arc<Inner>,
}

impl Snapshot for Look<'_> {
    fn find(&self, path: &Path) -> Result<Option<Resource>> {
        self.in_any_form(path, |path| {
            let Some(opened) = self.store.tree.open(path, OFlags::PATH)? else { return Ok(None) };
            self.resource(path, opened.elsewhere.as_ref(), &opened.fd)
        })
    }

    fn open(&self, path: &Path) -> Result<Option<(Resource, Content)>> {
        // A pipe must not make anybody wait, and a terminal not become ours.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        self.in_any_form(path, |path| {
            let Some(opened) = self.store.tree.open(path, flags)? else { return Ok(None) };
            let found = self.resource(path, opened.elsewhere.as_ref(), &opened.fd)?;
            let Some(resource) = found.filter(|found| found.kind == Kind::File) else {
                return Ok(None);
            };
            let file = Arc::new(File::from(opened.fd));
            let slice = FileSlice { file, offset: 0, length: resource.length };
            Ok(Some((resource, Content::File(slice))))
        })
    }

    fn members(&self, of: &Path) -> Result<Members<'_>> {
        members(self.store, of)
    }

    fn walk(&self, of: &Path, reach: Reach) -> Result<Members<'static>> {
        let store = Arc::clone(self.store);
        Ok(Box::new(Walk::below(of, reach, move |path| members(&store, path))?))
    }

    fn room(&self, at: &Path) -> Result<Option<Room>> {
        let Some(opened) = self.store.tree.open(at, OFlags::PATH)? else { return Ok(None) };
        let disk = rustix::fs::fstatvfs(&opened.fd).or_refuse()?;
        let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
        let used = bytes(disk.f_blocks.saturating_sub(disk.f_bfree));
        Ok(Some(Room { available: bytes(disk.f_bavail), used }))
    }

    fn may_write(&self, path: &Path) -> Result<()> {
        self.store.tree.permit(path)
    }

    fn property_reader(&self) -> PropertyReader {
        let store = Arc::clone(self.store);
        Box::new(move |of| {
            let at = of.facts_at.as_ref().unwrap_or(&of.path);
            let known = Look { store: &store }.steady(|| Ok(store.facts.has_properties(at)))?;
            if known { store.facts.properties(at) } else { Ok(Properties::default()) }
        })
    }

    fn synchronizer(&self) -> Synchronizer {
        let log = Arc::clone(&self.store.log);
        let (finding, listing) = (Arc::clone(self.store), Arc::clone(self.store));
        let find = move |path: &Path| Look { store: &finding }.find(path);
        let open = move |path: &Path| members(&listing, path);
        Synchronizer::new(log, Box::new(find), Box::new(open))
    }

    fn gone(&self, path: &Path) -> Result<Option<Timestamp>> {
        self.store.gone(path)
    }

    fn locks(&self) -> Arc<Locks> {
        self.store.facts.locks()
    }

    fn truly(&self, path: &Path) -> Result<Path> {
        self.store.tree.truly(path)
    }
}

impl Look<'_> {
    /// What is at a path, else under another Unicode form of it.
    fn in_any_form<T>(
        &self,
        path: &Path,
        look: impl Fn(&Path) -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        if let Some(found) = self.steady(|| look(path))? {
            return Ok(Some(found));
        }
        match equivalent(path, |path| is_there(self.store, path))? {
            Some(path) => self.steady(|| look(&path)),
            None => Ok(None),
        }
    }

    /// Looks again while what is known of files changes, so that a file and what is known of it are
    /// of one moment.
    fn steady<T>(&self, look: impl Fn() -> Result<T>) -> Result<T> {
        for _ in 0..STEADY_ATTEMPTS_MAX {
            let before = self.store.facts.epoch();
            if before.is_multiple_of(2) {
                let found = look();
                if self.store.facts.epoch() == before {
                    return found;
                }
            }
            std::thread::yield_now();
        }
        look()
    }

    /// The resource that an open file is; nothing if it is of a kind that is not shown.
    fn resource(
        &self,
        path: &Path,
        elsewhere: Option<&Path>,
        fd: impl AsFd,
    ) -> Result<Option<Resource>> {
        let seen = Seen::by(|| look(&fd)).or_refuse()?;
        match form_of(&seen.stat) {
            Form::Collection => Ok(Some(collection(path.clone(), elsewhere.cloned(), &seen.stat))),
            Form::File => {
                let again = || look(&fd);
                let identity = settle(seen, again, || self.store.is_multigrain(&fd)).or_refuse()?;
                Ok(Some(self.file(path.clone(), elsewhere.cloned(), &identity)))
            }
            Form::Link | Form::Special => Ok(None),
        }
    }

    /// The resource of a file; `facts_at` is where facts about it are kept, if not at its path.
    fn file(&self, path: Path, facts_at: Option<Path>, identity: &Identity) -> Resource {
        let facts = self.store.facts.epoch();
        let media_type = self.store.facts.media_type(facts_at.as_ref().unwrap_or(&path));
        Resource {
            path,
            kind: Kind::File,
            length: identity.length,
            modified: identity.modified,
            created: identity.born,
            tag: Some(Tag::of(*identity)),
            media_type,
            facts_at,
            birth: Some(identity.birth()),
            witness: identity.witness(facts),
        }
    }
}

fn is_there(store: &Inner, path: &Path) -> Result<bool> {
    Ok(store.tree.open(path, OFlags::PATH)?.is_some())
}

fn members(store: &Arc<Inner>, of: &Path) -> Result<Members<'static>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    let mut of = of.clone();
    let mut opened = store.tree.open(&of, flags)?;
    if opened.is_none()
        && let Some(path) = equivalent(&of, |path| is_there(store, path))?
    {
        opened = store.tree.open(&path, flags)?;
        of = path;
    }
    let Some(opened) = opened else {
        return Err(Error::refused(Condition::NotFound, "There is no collection here."));
    };
    let names = Entries::of(opened.fd);
    let (store, elsewhere) = (Arc::clone(store), opened.elsewhere);
    Ok(Box::new(Listing { store, of, elsewhere, names }))
}

/// The members of a collection that is being read.
struct Listing {
    store: Arc<Inner>,
    of: Path,
    /// Where it truly stands, if not there.
    elsewhere: Option<Path>,
    names: Entries,
}

impl Iterator for Listing {
    type Item = Result<Resource>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.names.advance() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(errno) => return Some(Err(error(errno))),
            }
            let (name, kind) = self.names.current();
            let found = self.member(name, kind);
            if let Some(found) = found.transpose() {
                return Some(found);
            }
        }
    }
}

impl Listing {
    fn member(&self, name: &[u8], kind: FileType) -> Result<Option<Resource>> {
        let shown = self.store.tree.shows_member(&self.of, name);
        // Some disks do not tell here; then the look does.
        let is_special = kind != FileType::Unknown && Form::from(kind) == Form::Special;
        if !shown || is_special {
            return Ok(None);
        }
        let Ok(path) = self.of.join(name) else { return Ok(None) };
        let dir = self.names.dir();
        let seen = match Seen::by(|| look_at(dir, name)) {
            Ok(seen) => seen,
            // It disappeared meanwhile.
            Err(errno) if is_absent(errno) => return Ok(None),
            Err(errno) => return Err(error(errno)),
        };
        let look = Look { store: &self.store };
        let elsewhere = self.elsewhere.as_ref().map(|of| of.join(name)).transpose();
        let Ok(elsewhere) = elsewhere else { return Ok(None) };
        match form_of(&seen.stat) {
            Form::Collection => Ok(Some(collection(path, elsewhere, &seen.stat))),
            Form::File => {
                let again = || look_at(dir, name);
                let settled = settle(seen, again, || self.store.is_multigrain(dir));
                let Some(identity) = settled.or_absent()? else { return Ok(None) };
                Ok(Some(look.file(path, elsewhere, &identity)))
            }
            Form::Link => look.find(&path),
            Form::Special => Ok(None),
        }
    }
}

fn collection(path: Path, facts_at: Option<Path>, stat: &Statx) -> Resource {
    let knows_birth = stat.stx_mask & StatxFlags::BTIME.bits() != 0;
    Resource {
        path,
        kind: Kind::Collection,
        length: 0,
        modified: moment(stat.stx_mtime),
        created: knows_birth.then(|| moment(stat.stx_btime)),
        tag: None,
        media_type: None,
        facts_at,
        birth: Some(Identity::of(stat).birth()),
        witness: None,
    }
}

/// How often a look is repeated while what is known of files keeps changing: each change takes some
/// renames only.
const STEADY_ATTEMPTS_MAX: u32 = 1000;
