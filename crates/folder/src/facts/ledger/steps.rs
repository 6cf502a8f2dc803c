//! Changes of facts that build on one another, made in their order.

use std::sync::Arc;

use methodical_semantics::path::Path;
use rusqlite::Connection;

use super::{facts, ids, properties, resources};
use methodical_store::{facts::Row, properties::Properties, resource::Id};

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A resource goes from a path to another with everything below, and all facts go with it.
    Move {
        /// From where.
        from: Path,
        /// To where.
        to: Path,
    },
    /// All that is known of the resource at a path, and not of those below, is known of another.
    Carry {
        /// The place where it was known of.
        from: Path,
        /// The place where it is from now on.
        to: Path,
    },
    /// The dead properties of a resource are copied, with those of everything below it if `tree`.
    Copy {
        /// From where.
        from: Path,
        /// To where.
        to: Path,
        /// True if those below are copied, too.
        tree: bool,
    },
    /// The dead properties of whatever was at a path and below are forgotten, and their ids.
    Forget(Path),
    /// A resource has these dead properties from now on.
    Describe(Path, Properties),
    /// A resource has this id from now on; nothing where it follows from what stands there.
    Identify(Path, Option<Id>),
    /// A resource has this fact from now on, or none.
    State(&'static Row, Path, Option<Arc<[u8]>>),
    /// What hangs by these rows on a path and those below hangs on another.
    Shift {
        /// By which rows: none of which goes with its resource.
        rows: Vec<&'static Row>,
        /// The place where it hung.
        from: Path,
        /// The place where it hangs from now on.
        to: Path,
    },
    /// Facts of a resource are copied to where there are none, with those of everything below it if
    /// `tree`.
    CopyFacts {
        /// Which.
        rows: Vec<&'static Row>,
        /// From where.
        from: Path,
        /// To where.
        to: Path,
        /// True if those below are copied, too.
        tree: bool,
    },
    /// These facts of whatever was at a path and below are forgotten.
    ForgetFacts(Vec<&'static Row>, Path),
}

impl Step {
    /// Makes it; says what undoes it, where something has to be undone.
    pub(super) fn make(&self, db: &Connection) -> rusqlite::Result<Option<Self>> {
        match self {
            Self::Move { from, to } => {
                resources::rename(db, from, to)?;
                Ok(Some(Self::Move { from: to.clone(), to: from.clone() }))
            }
            Self::Carry { from, to } => {
                let carried = resources::carry(db, from, to)?;
                Ok(carried.then(|| Self::Carry { from: to.clone(), to: from.clone() }))
            }
            Self::Copy { from, to, tree } => {
                properties::forget(db, to)?;
                for path in properties::within(db, from)? {
                    if *tree || path == *from {
                        properties::copy(db, &path, &path.rebased(from, to))?;
                    }
                }
                Ok(Some(Self::Forget(to.clone())))
            }
            // Nothing stood there any more: nobody misses them.
            Self::Forget(path) => {
                ids::forget(db, path)?;
                properties::forget(db, path).map(|()| None)
            }
            Self::Describe(path, described) => {
                let former = properties::of(db, path)?;
                properties::set(db, path, described)?;
                Ok(Some(Self::Describe(path.clone(), former)))
            }
            Self::Identify(path, id) => {
                let former = ids::of(db, path)?;
                ids::set(db, path, *id)?;
                Ok(Some(Self::Identify(path.clone(), former)))
            }
            Self::State(row, path, value) => {
                let former = facts::of(db, row, path)?;
                facts::set(db, row, path, value.as_deref())?;
                Ok(Some(Self::State(row, path.clone(), former.map(Into::into))))
            }
            Self::Shift { rows, from, to } => {
                rows.iter().try_for_each(|row| facts::shift(db, row, from, to))?;
                Ok(Some(Self::Shift { rows: rows.clone(), from: to.clone(), to: from.clone() }))
            }
            Self::CopyFacts { rows, from, to, tree } => {
                rows.iter().try_for_each(|row| facts::copy(db, row, (from, to), *tree))?;
                Ok(Some(Self::ForgetFacts(rows.clone(), to.clone())))
            }
            // As above.
            Self::ForgetFacts(rows, path) => {
                rows.iter().try_for_each(|row| facts::forget(db, row, path)).map(|()| None)
            }
        }
    }
}
