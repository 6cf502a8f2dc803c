//! Reading: what is there, its bytes, its members.

use std::{
    cell::RefCell,
    fs::File,
    os::fd::{AsFd, OwnedFd},
    sync::{Arc, atomic::Ordering},
};

use methodical_semantics::{
    error::{Error, Result},
    footprint::Footprint,
    lock::Locks,
    media::Beginning,
    path::Path,
    timestamp::Timestamp,
};
use rustix::fs::OFlags;

use super::{
    found::{Found, Unsure},
    listing::{Listing, members},
    tree::{Form, Place, Standing, disk_of, look, look_at},
};
use crate::{
    Inner,
    bytes::{
        identity::{Identity, Seen, settle},
        stage::FolderStaging,
    },
    commit::changes::FolderChanges,
    errno::OrRefuse,
};
use methodical_content::{Content, FileSlice, file::OpenFile};
use methodical_store::{
    beginning::Beginnings,
    facts::{FactReader, OnMove, Row},
    names::equivalent,
    properties::{Properties, PropertyReader},
    resource::{Birth, Identifier, Kind, Resource},
    store::{Changes, Members, Room, Snapshot},
    sync::Synchronizer,
    walk::{Reach, Walk},
};

/// The folder as it is found.
pub(crate) struct Look<'s> {
    pub(crate) store: &'s Arc<Inner>,
    /// What was found already.
    found: RefCell<Found>,
    /// What we had written by then.
    since: Written,
}

/// How far our own writing had come.
#[derive(Debug, PartialEq, Eq)]
struct Written {
    commits: u64,
    facts: u64,
}

impl Snapshot for Look<'_> {
    fn find(&self, path: &Path) -> Result<Option<Resource>> {
        self.in_any_form(path, |path| {
            if let Ok(found) = self.find_near(path) {
                return Ok(found);
            }
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
            let file = File::from(opened.fd);
            let at = opened.elsewhere.as_ref().unwrap_or(path);
            let is_fast = self.store.tree.slow.leave_out(at);
            let file = if is_fast { file.into() } else { OpenFile::on_a_slow_disk(file) };
            let file = Arc::new(file);
            let slice = FileSlice { file, offset: 0, length: resource.length };
            Ok(Some((resource, Content::File(slice))))
        })
    }

    fn members(&self, of: &Path) -> Result<Members<'_>> {
        members(self.store, of)
    }

    fn walk(&self, of: &Path, reach: Reach) -> Result<Members<'static>> {
        let store = Arc::clone(self.store);
        let walk = Walk::below(of, reach, move |path| Listing::of(&store, path))?;
        if reach == Reach::Members {
            return Ok(Box::new(walk));
        }
        let birth = self.find(of)?.and_then(|found| found.birth);
        Ok(Box::new(walk.of(birth)))
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
            store.facts.steady(|| {
                let former = of.birth.and_then(|birth| store.known_elsewhere(at, &birth));
                let at = former.as_ref().unwrap_or(at);
                let known = store.facts.has_properties(at);
                if known { store.facts.properties(at) } else { Ok(Properties::default()) }
            })
        })
    }

    fn fact(&self, row: &'static Row, at: &Path) -> Result<Option<Vec<u8>>> {
        if !self.store.facts.has_any(row) || !self.store.tree.shows(at) {
            return Ok(None);
        }
        let place = self.place(at)?;
        self.fact_at(row, &place.leads_to.unwrap_or(place.name))
    }

    fn fact_reader(&self) -> FactReader {
        let store = Arc::clone(self.store);
        Box::new(move |row, of| {
            if !store.facts.has_any(row) {
                return Ok(None);
            }
            Look::at(&store).fact_at(row, of.facts_at.as_ref().unwrap_or(&of.path))
        })
    }

    fn beginning(&self, of: &Resource, content: &Content) -> Result<Beginning> {
        self.store.beginnings.of(of, || content.beginning())
    }

    fn beginnings(&self) -> Beginnings {
        let store = Arc::clone(self.store);
        Beginnings::new(move |of| {
            let look = || {
                let opened = Look::at(&store).open(&of.path)?;
                opened.map_or(Err(Error::failed(GONE)), |(_, content)| content.beginning())
            };
            store.beginnings.of(of, look).map(Some)
        })
    }

    fn identifier(&self) -> Result<Identifier> {
        self.store.identifier(|| Written::by(self.store) == self.since)
    }

    fn synchronizer(&self) -> Synchronizer {
        let log = Arc::clone(&self.store.log);
        let (finding, listing) = (Arc::clone(self.store), Arc::clone(self.store));
        let find = move |path: &Path| Look::at(&finding).find(path);
        let open = move |path: &Path| members(&listing, path);
        Synchronizer::new(log, Box::new(find), Box::new(open))
    }

    fn deleted_at(&self, path: &Path) -> Result<Option<Timestamp>> {
        self.store.deleted_at(path)
    }

    fn locks(&self) -> Arc<Locks> {
        self.store.facts.locks()
    }

    fn real_path(&self, path: &Path) -> Result<Path> {
        match self.standing(path) {
            // No link is on the way to it.
            Some(_) => Ok(path.clone()),
            None => self.store.tree.real_path(path),
        }
    }

    fn into_changes<'c>(self: Box<Self>, footprint: &Footprint) -> Option<Box<dyn Changes + 'c>>
    where
        Self: 'c,
    {
        let store = self.store;
        // What fails here is told where it is tried again.
        let truly = store.tree.true_footprint(footprint, |path| self.place(path)).ok()?;
        let held = store.guards.try_acquire(truly).filter(|_| store.options.writable)?;
        // Whoever wrote to what this touches counted it before we could have the guard.
        let holds = Written::by(store) == self.since;
        holds.then(|| Box::new(FolderChanges::begin(*self, held)) as Box<dyn Changes + 'c>)
    }
}

impl Written {
    fn by(store: &Inner) -> Self {
        let commits = store.commits.load(Ordering::Acquire);
        Self { commits, facts: store.facts.epoch() }
    }
}

impl<'s> Look<'s> {
    /// Nothing is found yet.
    pub(crate) fn at(store: &'s Arc<Inner>) -> Self {
        Self { store, found: RefCell::default(), since: Written::by(store) }
    }

    /// What was seen to stand at a path without links on its way.
    pub(crate) fn standing(&self, path: &Path) -> Option<Standing> {
        self.found.borrow().standing(path)
    }

    /// What tells what stands at a path without links on its way from all else; nothing where
    /// nothing does.
    pub(crate) fn birth(&self, path: &Path) -> Result<Option<Birth>> {
        if let Some(birth) = self.found.borrow().birth(path) {
            return Ok(Some(birth));
        }
        self.store.birth_at(path)
    }

    /// Where a path's name truly stands, and where it leads.
    pub(crate) fn place(&self, path: &Path) -> Result<Place> {
        match self.standing(path) {
            Some(_) => Ok(Place { name: path.clone(), leads_to: None }),
            None => self.store.tree.place(path),
        }
    }

    /// A fact of what stands at a path without links on its way.
    fn fact_at(&self, row: &Row, at: &Path) -> Result<Option<Vec<u8>>> {
        let facts = &self.store.facts;
        self.store.facts.steady(|| {
            if row.on_move == OnMove::Stays {
                return facts.fact(row, at);
            }
            let Some(birth) = self.store.birth_at(at)? else { return Ok(None) };
            let former = match row.on_move {
                OnMove::Goes => self.store.known_elsewhere(at, &birth),
                OnMove::Stays | OnMove::Ends => None,
            };
            facts.fact(row, former.as_ref().unwrap_or(at))
        })
    }

    /// Begins to receive content for a path.
    pub(crate) fn stage(&self, path: &Path) -> Result<FolderStaging> {
        let found = self.found.borrow();
        let holder = path.parent().and_then(|parent| found.collection(&parent));
        let staging = holder.map(|dir| FolderStaging::within(self.store, path, (dir, None)));
        // It may have been removed since.
        match staging {
            Some(Ok(staging)) => Ok(staging),
            _ => FolderStaging::begin(self.store, path, None),
        }
    }

    /// The collection that holds a name, where it is open already.
    pub(crate) fn into_holder(self, of: &Path) -> Option<OwnedFd> {
        self.found.into_inner().into_holder(of)
    }

    /// The resource at a path, told from the collection that holds it.
    fn find_near(&self, path: &Path) -> std::result::Result<Option<Resource>, Unsure> {
        let tree = &self.store.tree;
        if !tree.shows(path) {
            return Ok(None);
        }
        let mut found = self.found.borrow_mut();
        let Some(seen) = found.look(tree, path)? else { return Ok(None) };
        let disk = disk_of(&seen.stat);
        match (tree.form(&seen.stat), path.parent()) {
            (Form::Collection, _) => {
                Ok(Some(collection(path.clone(), None, &Identity::of(&seen.stat))))
            }
            (Form::File, Some(parent)) => {
                let dir = found.collection(&parent).ok_or(Unsure)?;
                let again = || look_at(dir, path.name());
                // A file may be mounted from another disk than its collection lies on.
                let same_disk = || look(dir).is_ok_and(|of| disk_of(&of) == disk);
                let settled = settle(seen, again, || same_disk() && self.store.is_multigrain(dir));
                let identity = settled.map_err(|_| Unsure)?;
                Ok(Some(self.file(path.clone(), None, &identity)))
            }
            (Form::File | Form::Link | Form::Special, _) => Ok(None),
        }
    }

    /// What is at a path, else under another Unicode form of it.
    fn in_any_form<T>(
        &self,
        path: &Path,
        look: impl Fn(&Path) -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        if let Some(found) = self.store.facts.steady(|| look(path))? {
            return Ok(Some(found));
        }
        match equivalent(path, |path| is_there(self.store, path))? {
            Some(path) => self.store.facts.steady(|| look(&path)),
            None => Ok(None),
        }
    }

    /// The resource that an open file is; nothing if it is of a kind that is not shown.
    fn resource(
        &self,
        path: &Path,
        elsewhere: Option<&Path>,
        fd: impl AsFd,
    ) -> Result<Option<Resource>> {
        let seen = Seen::by(|| look(&fd)).or_refuse()?;
        match self.store.tree.form(&seen.stat) {
            Form::Collection => {
                let identity = Identity::of(&seen.stat);
                Ok(Some(collection(path.clone(), elsewhere.cloned(), &identity)))
            }
            Form::File => {
                let again = || look(&fd);
                let identity = settle(seen, again, || self.store.is_multigrain(&fd)).or_refuse()?;
                Ok(Some(self.file(path.clone(), elsewhere.cloned(), &identity)))
            }
            Form::Link | Form::Special => Ok(None),
        }
    }

    /// The resource of a file; `facts_at` is where facts about it are kept, if not at its path.
    pub(crate) fn file(&self, path: Path, facts_at: Option<Path>, identity: &Identity) -> Resource {
        let facts = self.store.facts.epoch();
        let at = facts_at.as_ref().unwrap_or(&path);
        let is_fast = self.store.tree.slow.leave_out(at);
        let (media_type, is_former) = self.media_type(at, &identity.birth());
        Resource {
            path,
            kind: Kind::File,
            length: identity.length,
            modified: identity.modified,
            created: identity.born,
            tag: Some(identity.tag()),
            media_type,
            facts_at,
            birth: Some(identity.birth()),
            principal: None,
            // It is that of another path only as long as nothing stands there.
            witness: identity.witness(facts).filter(|_| !is_former && is_fast),
        }
    }

    /// The media type of the file at a path, and whether it is known by another.
    fn media_type(&self, at: &Path, birth: &Birth) -> (Option<Box<str>>, bool) {
        let store = self.store;
        let (media_type, former) = store.facts.media_type_or_former(at, || store.origin(birth));
        if former.is_empty() {
            return (media_type, false);
        }
        let former = store.known_elsewhere(at, birth);
        (former.and_then(|former| store.facts.media_type(&former)), true)
    }
}

pub(crate) fn is_there(store: &Inner, path: &Path) -> Result<bool> {
    Ok(store.tree.open(path, OFlags::PATH)?.is_some())
}

/// The resource of a collection; `facts_at` as for a file.
pub(crate) fn collection(path: Path, facts_at: Option<Path>, identity: &Identity) -> Resource {
    Resource {
        path,
        kind: Kind::Collection,
        length: 0,
        modified: identity.modified,
        created: identity.born,
        tag: None,
        media_type: None,
        facts_at,
        birth: Some(identity.birth()),
        principal: None,
        witness: None,
    }
}

/// Why nothing was looked at.
const GONE: &str = "a file is gone that was found";
