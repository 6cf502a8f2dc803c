//! Changes of facts that are written as one.

use std::collections::BTreeMap;

use methodical_semantics::{lock::Lock, path::Path, path_map::PathMap};
use rusqlite::Connection;

use super::{
    locks, media_types,
    origins::{self, Origin},
    resources,
    steps::Step,
    tombstones::{self, Tombstone},
};
use methodical_store::{facts::OnMove, names::is_ours};

/// Changes of facts that are written as one.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    /// The steps that build on one another, in order; it is made before all else.
    pub(crate) steps: Vec<Step>,
    /// The media types that are remembered from now on, or no longer.
    pub(crate) types: PathMap<Option<Box<str>>>,
    /// The deletions that are remembered from now on, or no longer.
    pub(crate) tombstones: BTreeMap<Path, Option<Tombstone>>,
    /// The locks that are held from now on, or no longer, by their tokens.
    pub(crate) locks: BTreeMap<Box<str>, Option<Lock>>,
    /// The origins of what stands at paths of which something is known, or that this is not known
    /// any more.
    pub(crate) origins: BTreeMap<Path, Option<Origin>>,
}

impl Edits {
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
            && self.types.is_empty()
            && self.tombstones.is_empty()
            && self.locks.is_empty()
            && self.origins.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.steps.len()
            + self.types.len()
            + self.tombstones.len()
            + self.locks.len()
            + self.origins.len()
    }

    /// Returns whether what is known of a file comes to be known of another, or is another: what is
    /// read together must not be of two moments then.
    pub(crate) fn are_shown(&self) -> bool {
        let stays = |step: &Step| matches!(step, Step::Describe(..));
        !self.types.is_empty() || !self.steps.iter().all(stays)
    }

    /// The paths of which something new is said.
    pub(crate) fn described(&self) -> impl Iterator<Item = &Path> {
        let typed = self.types.iter().filter(|(_, it)| it.is_some()).map(|(path, _)| path);
        let steps = self.steps.iter().filter_map(|step| match step {
            Step::Describe(path, properties) => Some(path).filter(|_| !properties.is_empty()),
            Step::State(row, path, value) => {
                Some(path).filter(|_| value.is_some() && row.on_move == OnMove::Goes)
            }
            Step::Copy { to, .. } | Step::CopyFacts { to, .. } => Some(to),
            Step::Identify(path, id) => id.map(|_| path),
            Step::Move { .. }
            | Step::Carry { .. }
            | Step::Forget(_)
            | Step::Shift { .. }
            | Step::ForgetFacts(..) => None,
        });
        typed.chain(steps).filter(|path| !is_ours(path))
    }

    pub(super) fn write(&self, db: &Connection) -> rusqlite::Result<Vec<Step>> {
        let mut undo = Vec::new();
        for step in &self.steps {
            undo.extend(step.make(db)?);
        }
        undo.reverse();
        for (path, media_type) in &self.types {
            match media_type {
                Some(media_type) => {
                    let number = resources::number(db, path)?;
                    media_types::set(db, number, media_type)?;
                }
                None => media_types::remove(db, path)?,
            }
        }
        for (path, origin) in &self.origins {
            match origin {
                Some(origin) => origins::set(db, path, origin)?,
                None => origins::remove(db, path)?,
            }
        }
        for (path, tombstone) in &self.tombstones {
            match tombstone {
                Some(tombstone) => tombstones::set(db, path, tombstone)?,
                None => tombstones::remove(db, path)?,
            }
        }
        for (token, lock) in &self.locks {
            match lock {
                Some(lock) => locks::set(db, lock)?,
                None => locks::remove(db, token)?,
            }
        }
        Ok(undo)
    }
}
