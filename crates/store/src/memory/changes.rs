//! Changes of a store in memory: each is tried at once on a state of its own, and all are made
//! again on the then current state by the commit, beside which others may have committed elsewhere.

use std::sync::Arc;

use bytes::Bytes;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    lock::Lock,
    path::Path,
    rule::privilege::Access,
    timestamp::Timestamp,
};

use super::{
    MemoryStore,
    snapshot::MemorySnapshot,
    state::{Change, State},
};
use crate::{
    facts::Row,
    guard::Held,
    properties::Properties,
    store::{Changes, Committed, Mark, Placement, Snapshot},
    sync::{history::Form, notes::Note},
};
use methodical_content::staging::{Staged, Staging};

/// Returns what a change makes or takes away, for those who synchronize.
fn noted(change: &Change) -> Vec<Note> {
    match change {
        Change::Place { path, .. } | Change::Remove(path, _) => {
            vec![Note::At(path.clone(), Form::File)]
        }
        Change::MakeCollection(path) => vec![Note::At(path.clone(), Form::Collection)],
        Change::Copy { from, to, .. } | Change::Rename { from, to } => {
            vec![
                Note::At(to.clone(), Form::File),
                Note::Moved { from: from.clone(), to: to.clone() },
            ]
        }
        Change::Describe(..)
        | Change::State(..)
        | Change::Date(..)
        | Change::Lock(_)
        | Change::Unlock(_) => Vec::new(),
    }
}

/// A set of changes that is being made.
pub(super) struct MemoryChanges<'s> {
    store: &'s MemoryStore,
    before: MemorySnapshot,
    after: State,
    changes: Vec<Change>,
    /// The one who makes them, where names may be hidden from them.
    access: Option<Access>,
    _held: Held,
}

impl<'s> MemoryChanges<'s> {
    /// No changes yet, under a guard.
    pub(super) fn new(store: &'s MemoryStore, held: Held) -> Self {
        let before = store.view();
        let after = before.state.begin();
        Self { store, before, after, changes: Vec::new(), access: None, _held: held }
    }

    fn try_out(&mut self, change: Change) -> Result<()> {
        self.after.make(&change, (self.store.clock)(), &self.store.options)?;
        self.changes.push(change);
        Ok(())
    }

    /// What is not shown is not there.
    fn is_there(&self, path: &Path) -> Result<()> {
        if self.before.shows(path) && self.after.resource(path).is_some() {
            return Ok(());
        }
        Err(Error::refused(Condition::NotFound, "There is nothing at this address."))
    }
}

impl Changes for MemoryChanges<'_> {
    fn snapshot(&self) -> &dyn Snapshot {
        &self.before
    }

    fn held_to(&mut self, access: &Access) {
        self.access = (!access.shows_all_names()).then(|| access.clone());
    }

    fn stage(&mut self, _path: &Path) -> Result<Box<dyn Staging>> {
        self.store.staging(None)
    }

    fn place(&mut self, path: &Path, content: Staged, as_: Placement) -> Result<()> {
        let bytes = content.into_held::<Bytes>()?;
        self.before.may_write(path)?;
        self.try_out(Change::Place { path: path.clone(), bytes, as_ })
    }

    fn make_collection(&mut self, path: &Path) -> Result<()> {
        self.before.may_write(path)?;
        self.try_out(Change::MakeCollection(path.clone()))
    }

    fn remove(&mut self, path: &Path, mark: Mark) -> Result<()> {
        self.is_there(path)?;
        self.try_out(Change::Remove(path.clone(), mark))
    }

    fn copy(&mut self, from: &Path, to: &Path, tree: bool) -> Result<()> {
        self.is_there(from)?;
        self.before.may_write(to)?;
        let access = self.access.clone();
        self.try_out(Change::Copy { from: from.clone(), to: to.clone(), tree, access })
    }

    fn rename(&mut self, from: &Path, to: &Path) -> Result<()> {
        self.is_there(from)?;
        if from.is_root() || to.is_within(from) {
            let detail = "A resource cannot be moved to itself or below.";
            return Err(Error::refused(Condition::Forbidden, detail));
        }
        self.before.may_write(to)?;
        self.try_out(Change::Rename { from: from.clone(), to: to.clone() })
    }

    fn set_properties(&mut self, path: &Path, properties: Properties) -> Result<()> {
        self.is_there(path)?;
        self.try_out(Change::Describe(path.clone(), properties))
    }

    fn set_fact(&mut self, row: &'static Row, path: &Path, value: Option<Vec<u8>>) -> Result<()> {
        value.as_ref().map_or(Ok(()), |value| row.check_room(value))?;
        self.is_there(path)?;
        self.try_out(Change::State(row, path.clone(), value.map(Into::into)))
    }

    fn set_modified(&mut self, path: &Path, modified: Timestamp) -> Result<()> {
        self.is_there(path)?;
        if path.is_root() {
            let detail = "The times of the root are the operator's own.";
            return Err(Error::refused(Condition::Forbidden, detail));
        }
        self.try_out(Change::Date(path.clone(), modified))
    }

    fn set_lock(&mut self, lock: Lock) -> Result<()> {
        self.is_there(&lock.root)?;
        self.try_out(Change::Lock(lock))
    }

    fn remove_lock(&mut self, token: &str) -> Result<()> {
        self.try_out(Change::Unlock(token.into()))
    }

    fn commit(self: Box<Self>) -> Result<Committed> {
        let now = (self.store.clock)();
        let mut current = self.store.current();
        let mut next = current.begin();
        let mut placed = Vec::new();
        for change in &self.changes {
            next.make(change, now, &self.store.options)?;
            if let Change::Place { path, .. } = change {
                placed.push((path, next.made_as(path)));
            }
        }
        // What was placed and then moved or replaced is another file now, or none.
        let still = placed.into_iter().filter(|(path, made)| next.made_as(path) == *made);
        let etags = still.filter_map(|(path, _)| Some((path.clone(), next.tag(path)?))).collect();
        *current = Arc::new(next);
        drop(current);
        self.store.log.note(|| self.changes.iter().flat_map(noted).collect());
        Ok(Committed { etags })
    }
}
