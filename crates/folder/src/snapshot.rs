//! What a store shows at a moment.

use std::{fs::File, sync::Arc};

use methodical_content::{Content, FileSlice, file::OpenFile};
use methodical_semantics::{
    error::{Error, Result},
    footprint::Footprint,
    lock::Locks,
    media::Beginning,
    path::Path,
    rule::ordering::Side,
    timestamp::Timestamp,
};
use methodical_store::{
    beginning::Beginnings,
    facts::{FactReader, Row},
    properties::{Properties, PropertyReader},
    resource::{Identifier, Kind, Resource},
    store::{Between, Changes, DiskSpace, Members, Snapshot},
    sync::Synchronizer,
    walk::{Reach, Walk},
};
use rustix::fs::OFlags;

use crate::{
    commit::changes::FolderChanges,
    errno::OrRefuse,
    names::{
        listing::{Listing, members},
        look::FolderSnapshot,
    },
};

impl Snapshot for FolderSnapshot<'_> {
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

    fn room(&self, at: &Path) -> Result<Option<DiskSpace>> {
        let Some(opened) = self.store.tree.open(at, OFlags::PATH)? else { return Ok(None) };
        let disk = rustix::fs::fstatvfs(&opened.fd).or_refuse()?;
        let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
        let used = bytes(disk.f_blocks.saturating_sub(disk.f_bfree));
        Ok(Some(DiskSpace { available: bytes(disk.f_bavail), used }))
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
        let place = self.resolve(at)?;
        self.fact_at(row, &place.leads_to.unwrap_or(place.name))
    }

    fn nearest(&self, row: &'static Row, of: Between<'_>, side: Side) -> Result<Option<Vec<u8>>> {
        Ok(self.store.facts.nearest(row, of, side))
    }

    fn fact_reader(&self) -> FactReader {
        let store = Arc::clone(self.store);
        Box::new(move |row, of| {
            if !store.facts.has_any(row) {
                return Ok(None);
            }
            FolderSnapshot::at(&store).fact_at(row, of.facts_at.as_ref().unwrap_or(&of.path))
        })
    }

    fn beginning(&self, of: &Resource, content: &Content) -> Result<Beginning> {
        self.store.beginnings.of(of, || content.beginning())
    }

    fn beginnings(&self) -> Beginnings {
        let store = Arc::clone(self.store);
        Beginnings::new(move |of| {
            let look = || {
                let opened = FolderSnapshot::at(&store).open(&of.path)?;
                opened.map_or(Err(Error::failed(GONE)), |(_, content)| content.beginning())
            };
            store.beginnings.of(of, look).map(Some)
        })
    }

    fn identifier(&self) -> Result<Identifier> {
        self.store.identifier(|| self.is_unwritten())
    }

    fn synchronizer(&self) -> Synchronizer {
        let log = Arc::clone(&self.store.log);
        let (finding, listing) = (Arc::clone(self.store), Arc::clone(self.store));
        let find = move |path: &Path| FolderSnapshot::at(&finding).find(path);
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
        let real_footprint =
            store.tree.real_footprint(footprint, |path| self.resolve(path)).ok()?;
        let held = store.guards.try_acquire(real_footprint).filter(|_| store.options.writable)?;
        // Whoever wrote to what this touches counted it before we could have the guard.
        self.is_unwritten()
            .then(|| Box::new(FolderChanges::begin(*self, held)) as Box<dyn Changes + 'c>)
    }
}

/// Why nothing was looked at.
const GONE: &str = "a file is gone that was found";
