//! What a store in memory shows of the state at one commit.

use std::sync::{Arc, Mutex, PoisonError};

use methodical_content::Content;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    lock::Locks,
    path::Path,
    rule::ordering::Side,
    timestamp::Timestamp,
};

use super::state::State;
use crate::{
    beginning::Beginnings,
    facts::{FactReader, Row},
    names::{Shown, equivalent},
    properties::PropertyReader,
    resource::{Identifier, Resource},
    store::{Between, DiskSpace, Members, Snapshot},
    sync::{Log, Synchronizer},
    walk::{Reach, Walk},
};

/// The state at one commit.
pub(super) struct MemorySnapshot {
    pub(super) state: Arc<State>,
    pub(super) shown: Shown,
    /// Where the state is at other moments, and what was seen of it.
    pub(super) store: (Arc<Mutex<Arc<State>>>, Arc<Log>),
    /// The most bytes that all files together may have, where there is a limit.
    pub(super) bytes_max: Option<u64>,
}

impl MemorySnapshot {
    pub(super) fn shows(&self, path: &Path) -> bool {
        self.shown.shows(path)
    }

    /// The path under which the resource is, if there is one, in whatever Unicode form.
    fn path_of(&self, path: &Path) -> Result<Option<Path>> {
        let is_there = |path: &Path| Ok(self.shows(path) && self.state.resource(path).is_some());
        if is_there(path)? { Ok(Some(path.clone())) } else { equivalent(path, is_there) }
    }

    /// The same at the present moment.
    fn anew(&self) -> Self {
        let state = Arc::clone(&self.store.0.lock().unwrap_or_else(PoisonError::into_inner));
        Self { state, ..self.kept() }
    }

    /// The same, to be kept.
    fn kept(&self) -> Self {
        Self { state: Arc::clone(&self.state), store: self.store.clone(), ..*self }
    }

    fn kept_members(&self, of: &Path) -> Result<Members<'static>> {
        let Some(of) = self.find(of)?.filter(Resource::is_collection) else {
            return Err(Error::refused(Condition::NotFound, "There is no collection here."));
        };
        let members = self.state.members(&of.path);
        let shown = self.kept();
        Ok(Box::new(members.into_iter().filter(move |one| shown.shows(&one.path)).map(Ok)))
    }
}

impl Snapshot for MemorySnapshot {
    fn find(&self, path: &Path) -> Result<Option<Resource>> {
        Ok(self.path_of(path)?.and_then(|path| self.state.resource(&path)))
    }

    fn open(&self, path: &Path) -> Result<Option<(Resource, Content)>> {
        let Some(resource) = self.find(path)? else { return Ok(None) };
        let content = self.state.content(&resource.path).map(Content::Bytes);
        Ok(content.map(|content| (resource, content)))
    }

    fn members(&self, of: &Path) -> Result<Members<'_>> {
        self.kept_members(of)
    }

    fn walk(&self, of: &Path, reach: Reach) -> Result<Members<'static>> {
        let kept = self.kept();
        let walk = Walk::below(of, reach, move |path| kept.kept_members(path))?;
        Ok(Box::new(walk))
    }

    fn room(&self, _at: &Path) -> Result<Option<DiskSpace>> {
        let used = self.state.bytes();
        let available = self.bytes_max.map(|most| most.saturating_sub(used));
        Ok(available.map(|available| DiskSpace { available, used }))
    }

    fn property_reader(&self) -> PropertyReader {
        let state = Arc::clone(&self.state);
        Box::new(move |of| Ok(state.properties(&of.path)))
    }

    fn fact(&self, row: &'static Row, at: &Path) -> Result<Option<Vec<u8>>> {
        Ok(if self.shows(at) { self.state.fact(row, at) } else { None })
    }

    fn nearest(&self, row: &'static Row, of: Between<'_>, side: Side) -> Result<Option<Vec<u8>>> {
        Ok(self.state.nearest(row, of, side))
    }

    fn fact_reader(&self) -> FactReader {
        let state = Arc::clone(&self.state);
        Box::new(move |row, of| Ok(state.fact(row, &of.path)))
    }

    fn beginnings(&self) -> Beginnings {
        let shown = self.kept();
        Beginnings::new(move |of| {
            let opened = shown.anew().open(&of.path)?;
            opened.map(|(_, content)| content.beginning()).transpose()
        })
    }

    fn identifier(&self) -> Result<Identifier> {
        let shown = self.kept();
        Ok(Identifier::new(move |of| shown.anew().state.id(&of.path)))
    }

    fn synchronizer(&self) -> Synchronizer {
        let (finding, listing) = (self.kept(), self.kept());
        let find = move |path: &Path| finding.anew().find(path);
        let open = move |path: &Path| listing.anew().kept_members(path);
        Synchronizer::new(Arc::clone(&self.store.1), Box::new(find), Box::new(open))
    }

    fn deleted_at(&self, path: &Path) -> Result<Option<Timestamp>> {
        Ok(if self.shows(path) { self.state.deleted_at(path) } else { None })
    }

    fn locks(&self) -> Arc<Locks> {
        self.state.locks()
    }

    /// Names that are not shown are not written either.
    fn may_write(&self, path: &Path) -> Result<()> {
        self.shown.permit(path)
    }
}
