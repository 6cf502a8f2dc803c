//! The ledger's facts in memory, changed as the ledger is.

use std::{collections::BTreeMap, sync::Arc};

use methodical_semantics::{
    error::Result,
    lock::{Lock, Locks},
    path::Path,
    path_map::PathMap,
};

use super::{
    inodes::Origins,
    ledger::{Edits, Ledger, Origin, Step, Tombstone},
    media_types::Types,
};
use methodical_store::{
    facts::{Kept, OnMove, Row, told::Told},
    names::is_ours,
    resource::Id,
};

/// The ledger's facts in memory.
#[derive(Debug, Default)]
pub(crate) struct Mirror {
    pub(crate) types: Types,
    pub(crate) tombstones: PathMap<Tombstone>,
    /// The places of the tombstones in the row of deletions.
    pub(crate) row: BTreeMap<i64, Path>,
    /// The resources that have dead properties: what these say is asked of the ledger.
    pub(crate) described: PathMap<()>,
    /// The facts of the store's table: what those say that are held in memory; what the others say
    /// is asked of the ledger.
    pub(crate) facts: Kept<Option<Arc<[u8]>>>,
    /// Shared with whoever looks at them, and copied when they change meanwhile.
    pub(crate) locks: Arc<Locks>,
    /// The origins of what stands where something is known of it.
    pub(crate) origins: Origins,
    /// The ids that do not follow from what stands there.
    pub(crate) ids: PathMap<Id>,
}

/// All that is known of what stands at a path, as far as a look at it tells.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The media type that it was given.
    pub(crate) media_type: Option<Box<str>>,
    /// The facts that are told with its content.
    pub(crate) facts: Option<Box<Told>>,
}

impl Mirror {
    /// Returns what a look at what stands at a path tells.
    pub(super) fn told(&self, path: &Path) -> Seen {
        Seen { media_type: self.types.get(path).map(Into::into), facts: self.facts.told(path) }
    }

    /// Shows what a ledger says.
    pub(crate) fn load(&mut self, ledger: &Ledger, tombstones_max: usize) -> Result<()> {
        self.types = ledger.media_types()?.into_iter().collect();
        self.tombstones = ledger.tombstones(tombstones_max)?.into_iter().collect();
        let row = self.tombstones.iter().map(|(path, tombstone)| (tombstone.place, path.clone()));
        self.row = row.collect();
        self.described = ledger.described()?.into_iter().map(|path| (path, ())).collect();
        self.ids = ledger.ids()?.into_iter().collect();
        self.facts = Kept::default();
        for (row, path, value) in ledger.facts()? {
            self.facts.set(row, &path, Some(value.map(Into::into)));
        }
        self.origins = Origins::default();
        for (path, origin) in ledger.origins()? {
            self.origins.set(&self.shared(&path), Some(origin));
        }
        let mut locks = Locks::default();
        ledger.locks()?.into_iter().for_each(|lock| locks.set(lock));
        self.locks = Arc::new(locks);
        Ok(())
    }

    /// Shows what was written to the ledger.
    pub(crate) fn apply(&mut self, edits: &Edits) {
        edits.steps.iter().for_each(|step| self.take(step));
        self.throw_away(&edits.steps);
        for (path, media_type) in &edits.types {
            match media_type {
                Some(media_type) => self.types.insert(path, media_type),
                None => self.types.remove(path),
            }
        }
        for (path, tombstone) in &edits.tombstones {
            if let Some(former) = self.tombstones.remove(path) {
                self.row.remove(&former.place);
            }
            if let Some(tombstone) = tombstone {
                self.tombstones.insert(path.clone(), *tombstone);
                self.row.insert(tombstone.place, path.clone());
            }
        }
        for (path, origin) in &edits.origins {
            let origin = origin.filter(|_| self.knows(path));
            self.origins.set(&self.shared(path), origin);
        }
        if edits.locks.is_empty() {
            return;
        }
        let locks = Arc::make_mut(&mut self.locks);
        for (token, lock) in &edits.locks {
            match lock {
                Some(lock) => locks.set(lock.clone()),
                None => locks.remove(token),
            }
        }
    }

    /// Shows where dead properties are after a step.
    fn take(&mut self, step: &Step) {
        self.take_facts(step);
        match step {
            Step::Move { from, to } => {
                self.described.rename_tree(from, to);
                self.ids.rename_tree(from, to);
                self.origins.rename(from, to);
            }
            Step::Carry { from, to } => {
                if self.described.remove(from).is_some() {
                    self.described.insert(to.clone(), ());
                }
                if let Some(id) = self.ids.remove(from) {
                    self.ids.insert(to.clone(), id);
                }
                self.origins.carry(from, to);
            }
            Step::Copy { from, to, tree } => {
                self.described.remove_tree(to);
                let known = self.described.tree(from).map(|(path, ())| path);
                let copied = known.filter(|path| *tree || *path == from);
                let made: Vec<_> = copied.map(|path| (path.rebased(from, to), ())).collect();
                self.described.extend(made);
            }
            Step::Forget(path) => {
                self.described.remove_tree(path);
                self.ids.remove_tree(path);
            }
            Step::Identify(path, Some(id)) => {
                self.ids.insert(path.clone(), *id);
            }
            Step::Identify(path, None) => {
                self.ids.remove(path);
            }
            Step::Describe(path, properties) if properties.is_empty() => {
                self.described.remove(path);
            }
            Step::Describe(path, _) => {
                self.described.insert(path.clone(), ());
            }
            Step::State(..)
            | Step::Shift { .. }
            | Step::CopyFacts { .. }
            | Step::ForgetFacts(..) => {}
        }
    }

    /// Shows where facts of the store's table are after a step.
    fn take_facts(&mut self, step: &Step) {
        match step {
            Step::Move { from, to } => self.shift(&self.going(), from, to),
            Step::Carry { from, to } => {
                for row in self.going() {
                    self.facts.carry(row, from, to);
                }
            }
            Step::State(row, path, value) => {
                let held = value.as_ref().map(|value| row.in_memory.then(|| Arc::clone(value)));
                self.facts.set(row, path, held);
            }
            Step::Shift { rows, from, to } => self.shift(rows, from, to),
            Step::CopyFacts { rows, from, to, tree } => {
                for row in rows {
                    self.facts.copy(row, (from, to), |at| *tree || at == from);
                }
            }
            Step::ForgetFacts(rows, path) => {
                for row in rows {
                    self.facts.forget(row, path);
                }
            }
            Step::Copy { .. } | Step::Forget(_) | Step::Describe(..) | Step::Identify(..) => {}
        }
    }

    fn going(&self) -> Vec<&'static Row> {
        self.facts.rows().filter(|row| row.on_move == OnMove::Goes).collect()
    }

    fn shift(&mut self, rows: &[&'static Row], from: &Path, to: &Path) {
        for row in rows {
            self.facts.shift(row, from, to);
        }
    }

    /// Nobody asks for facts of what these steps threw away.
    fn throw_away(&mut self, steps: &[Step]) {
        let thrown = steps.iter().filter_map(|step| match step {
            Step::Move { to, .. } | Step::Shift { to, .. } => Some(to).filter(|to| is_ours(to)),
            Step::Carry { .. }
            | Step::Copy { .. }
            | Step::Forget(_)
            | Step::Describe(..)
            | Step::Identify(..)
            | Step::State(..)
            | Step::CopyFacts { .. }
            | Step::ForgetFacts(..) => None,
        });
        for path in thrown {
            for row in self.facts.rows().collect::<Vec<_>>() {
                self.facts.forget(row, path);
            }
        }
    }

    /// Returns whether something is known of what stands at a path, by this path.
    pub(crate) fn knows(&self, path: &Path) -> bool {
        self.types.get(path).is_some()
            || self.described.contains_key(path)
            || self.ids.contains_key(path)
            || self.facts.goes_from(path)
    }

    pub(crate) fn former(&self, path: &Path, origin: impl Fn() -> Option<Origin>) -> Vec<Path> {
        if self.origins.is_empty() {
            return Vec::new();
        }
        let Some(origin) = origin() else { return Vec::new() };
        let former = self.origins.paths(origin).filter(|former| self.knows(former));
        let former: Vec<Path> = former.cloned().collect();
        if former.is_empty() || self.knows(path) { Vec::new() } else { former }
    }

    /// Returns what undoes changes that were not applied here yet, but for their steps.
    pub(crate) fn opposite(&self, edits: &Edits) -> Edits {
        let types =
            edits.types.keys().map(|path| (path.clone(), self.types.get(path).map(Into::into)));
        let tombstones = edits.tombstones.keys();
        let tombstones = tombstones.map(|path| (path.clone(), self.tombstones.get(path).copied()));
        let held = |token: &str| self.locks.find(token).map(|lock| Lock::clone(lock));
        let locks = edits.locks.keys().map(|token| (token.clone(), held(token)));
        let origins = edits.origins.keys().map(|path| (path.clone(), self.origins.get(path)));
        Edits {
            steps: Vec::new(),
            types: types.collect(),
            tombstones: tombstones.collect(),
            locks: locks.collect(),
            origins: origins.collect(),
        }
    }

    pub(crate) fn types_within<'m>(
        &'m self,
        path: &Path,
    ) -> impl Iterator<Item = (&'m Path, &'m str)> {
        self.types.within(path)
    }

    /// A path in the memory of the same one by which something is known.
    fn shared(&self, path: &Path) -> Path {
        let known = [
            self.types.path(path),
            self.described.get_key_value(path).map(|(path, ())| path),
            self.ids.get_key_value(path).map(|(path, _)| path),
        ];
        known.into_iter().flatten().next().unwrap_or(path).clone()
    }
}
