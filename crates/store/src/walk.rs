//! Everything below a collection, one collection open after the other, so that memory is bounded by
//! how deep it goes and not by how much there is, and descriptors not even by that.

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::{Path, SEGMENTS_MAX},
};

use crate::{
    resource::{Birth, Resource},
    work,
};

/// Members of a collection, one by one.
pub type Members<'s> = Box<dyn Iterator<Item = Result<Resource>> + Send + 's>;

/// The depth to which a walk goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To the members of the collection.
    Members,
    /// To everything below it.
    Tree,
}

/// Members of one of the collections of a walk, one by one.
pub trait Level: Iterator<Item = Result<Resource>> {
    /// Gives back what it has open: it is gone on with later, as far as the collection stands where
    /// it stood.
    fn rest(&mut self);
}

/// Members that have nothing open.
impl Level for Members<'_> {
    fn rest(&mut self) {}
}

/// Members, each collection followed by its own members.
///
/// A collection that disappears or cannot be looked into before its turn comes has none, and what
/// is deeper than a path can tell is left out. A link that leads to a collection in which it stands
/// is told of, and not followed: below it there is nothing else. No more than [`LEVELS_OPEN_MAX`]
/// collections are open at a time, the innermost; of one that moved away before the walk came back
/// to it nothing more is told.
pub struct Walk<O, L> {
    open: O,
    /// The collections that are looked into, from the outermost: which one, and what is left of its
    /// members.
    levels: Vec<(Option<Birth>, L)>,
    next: Option<(Path, Option<Birth>)>,
    reach: Reach,
}

/// Collections that a walk has open: as many descriptors as a request that lists is counted for.
/// To open another one again when the walk comes back to it costs as much as a few of its members.
pub const LEVELS_OPEN_MAX: usize = 4;

impl<L: Level, O: FnMut(&Path) -> Result<L>> Walk<O, L> {
    /// Begins a walk below a collection, with a way to look into it and into those below it.
    ///
    /// # Errors
    /// Where the collection itself cannot be looked into.
    pub fn below(of: &Path, reach: Reach, mut open: O) -> Result<Self> {
        let levels = vec![(None, open(of)?)];
        Ok(Self { open, levels, next: None, reach })
    }

    /// The same with what tells the collection below which it began.
    #[must_use]
    pub fn of(mut self, birth: Option<Birth>) -> Self {
        if let Some((first, _)) = self.levels.first_mut() {
            *first = birth;
        }
        self
    }

    fn descend(&mut self, into: &Path, birth: Option<Birth>) -> Result<()> {
        // Those above it rest already.
        if let Some((_, level)) = self.levels.iter_mut().nth_back(LEVELS_OPEN_MAX - 1) {
            level.rest();
        }
        match (self.open)(into) {
            Ok(members) => self.levels.push((birth, members)),
            Err(failed) if keeps_out(&failed) => {}
            Err(failed) => return Err(failed),
        }
        Ok(())
    }

    fn leads_deeper(&self, resource: &Resource) -> bool {
        let is_open = |(birth, _): &(Option<Birth>, L)| birth.is_some() && *birth == resource.birth;
        self.reach == Reach::Tree
            && resource.is_collection()
            && resource.path.segments().count() < SEGMENTS_MAX
            && !self.levels.iter().any(is_open)
    }
}

impl<L: Level, O: FnMut(&Path) -> Result<L>> Iterator for Walk<O, L> {
    type Item = Result<Resource>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(Err(failed)) = self.next.take().map(|(into, birth)| self.descend(&into, birth))
        {
            return Some(Err(failed));
        }
        loop {
            let level = self.levels.last_mut()?;
            if let Err(unwanted) = work::go_on() {
                self.levels.clear();
                return Some(Err(unwanted));
            }
            match level.1.next() {
                Some(Ok(resource)) => {
                    let deeper = self.leads_deeper(&resource);
                    self.next = deeper.then(|| (resource.path.clone(), resource.birth));
                    return Some(Ok(resource));
                }
                // What may not be looked at below is left out; of the collection itself it is told.
                Some(Err(failed)) if self.levels.len() > 1 && keeps_out(&failed) => {}
                Some(failed) => return Some(failed),
                None => drop(self.levels.pop()),
            }
        }
    }
}

/// Returns whether what failed says of a collection that it cannot be looked into: it is gone, or
/// nobody may. All else (no descriptors are left, the disk is full or does not answer) says nothing
/// of it, and what was not seen for that is not left out in silence.
fn keeps_out(failed: &Error) -> bool {
    let Error::Refused(refusal) = failed else { return false };
    matches!(
        refusal.condition,
        Condition::Forbidden | Condition::NotFound | Condition::TargetTooLong
    )
}

impl<O, L> std::fmt::Debug for Walk<O, L> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Walk").field("reach", &self.reach).finish_non_exhaustive()
    }
}
