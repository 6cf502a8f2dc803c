//! The places of members in the order of their collection (RFC 3648 section 6): judged and given in
//! one way, whichever method puts something there.

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::{Footprint, Touch},
    header::position::{Position, from_headers},
    path::Path,
    rule::{
        ordering::{Edited, Key, Ordered, Side, Unplaced},
        privilege::Right,
    },
};
use methodical_store::{
    facts::order::{Number, ORDER, Ordering, Place as Kept, in_order},
    resource::Resource,
    transaction::Transaction,
    view::View,
    work,
};

use crate::{admission::privilege::may, request::Request};

/// The place that something which is put at a path comes to have.
#[derive(Debug)]
pub(crate) struct Placing {
    /// The collection that is ordered; nothing where that which holds the path is not.
    ordered: Option<(Resource, Ordering)>,
    position: Option<Position>,
}

/// How something comes to stand at a path.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arrival<'p> {
    /// It is made there, or brought there as content.
    Made,
    /// As a copy.
    Copied(&'p Path),
    /// From where it was.
    Moved(&'p Path),
}

impl Placing {
    /// Reads where a request wants what comes to stand at a path.
    ///
    /// # Errors
    /// `BadField` where Position is none; `CollectionMustBeOrdered`; `SegmentMustIdentifyMember`
    /// where it is to stand beside nothing, or beside itself.
    pub(crate) fn find(
        view: &View<'_>,
        request: &Request,
        at: &Path,
        arrival: Arrival<'_>,
    ) -> Result<Self> {
        let holder = match at.parent() {
            Some(parent) => view.find(&parent)?,
            None => None,
        };
        let is_affected =
            |path: &Path| path == at || matches!(arrival, Arrival::Moved(from) if from == path);
        // Content goes where a link leads; by COPY and MOVE another comes in place of the link.
        let written = match arrival {
            Arrival::Made => view.find(at)?,
            Arrival::Copied(_) | Arrival::Moved(_) => None,
        };
        let has_place =
            |holder: &Resource| written.as_ref().is_none_or(|written| is_member(holder, written));
        Self::within(view, request, holder.filter(has_place), is_affected)
    }

    /// The same of a collection, in which new members get names that nothing has.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub(crate) fn of(view: &View<'_>, request: &Request, holder: &Resource) -> Result<Self> {
        Self::within(view, request, Some(holder.clone()), |_| false)
    }

    fn within(
        view: &View<'_>,
        request: &Request,
        holder: Option<Resource>,
        is_affected: impl Fn(&Path) -> bool,
    ) -> Result<Self> {
        let position = from_headers(&request.fields)?;
        let ordered = holder.and_then(|holder| {
            let ordering = Ordering::of(&holder)?;
            Some((holder, ordering))
        });
        let position = match (position, &ordered) {
            (None, _) => None,
            (Some(_), None) => return Err(unordered()),
            (Some(position), Some((holder, _))) => {
                let beside = |name: Vec<u8>| {
                    let found = member(view, request, holder, &name)?;
                    let found = found.map(|found| found.path).filter(|found| !is_affected(found));
                    found.map(|found| found.name().to_vec()).ok_or_else(no_member)
                };
                Some(match position {
                    Position::Before(name) => Position::Before(beside(name)?),
                    Position::After(name) => Position::After(beside(name)?),
                    Position::First | Position::Last => position,
                })
            }
        };
        Ok(Self { ordered, position })
    }

    /// A footprint with what giving it its place changes: the order is a part of the collection's
    /// state (section 4). One that replaces another keeps the place of that.
    pub(crate) fn with(&self, mut footprint: Footprint, is_new: bool) -> Footprint {
        if let Some((holder, _)) = &self.ordered
            && (is_new || self.position.is_some())
        {
            footprint.0.push(Touch::any_member(&holder.path));
        }
        footprint
    }

    /// Gives what was put at a path its place, in place of another there (`replaces`).
    ///
    /// # Errors
    /// A failure of the store.
    pub(crate) fn give(
        &self,
        transaction: &mut Transaction<'_>,
        (at, replaces): (&Path, bool),
        arrival: Arrival<'_>,
    ) -> Result<()> {
        let view = transaction.view();
        let from = match arrival {
            Arrival::Made => None,
            Arrival::Copied(from) | Arrival::Moved(from) => Some(from),
        };
        let brings_one = match from {
            Some(from) => view.fact(&ORDER, from)?.is_some(),
            None => false,
        };
        let Some((holder, ordering)) = &self.ordered else {
            return forget(transaction, at, brings_one);
        };
        let order = Order::of(view, holder, ordering.number);
        if self.position.is_none() && replaces {
            let former = order.key_of(at.name())?;
            return match (from, former) {
                (None, _) => Ok(()),
                (Some(_), None) => forget(transaction, at, brings_one),
                (Some(_), Some(key)) => {
                    let kept = Kept { number: ordering.number, key };
                    transaction.set_fact(&ORDER, at, &kept)
                }
            };
        }
        let leaves = match arrival {
            Arrival::Moved(from) if from.parent() == at.parent() => Some(from.name().to_vec()),
            Arrival::Made | Arrival::Copied(_) | Arrival::Moved(_) => None,
        };
        if self.position.is_none() && leaves.is_some() {
            // Another name in the same collection: the place goes with it.
            return Ok(());
        }
        let mut edited = Edited::of(&order);
        order.place(&mut edited, at.name(), self.position.as_ref().unwrap_or(&Position::Last))?;
        let mut keys: Vec<_> = std::mem::take(&mut edited.keys).into_iter().collect();
        keys.retain(|(name, _)| leaves.as_ref() != Some(name));
        keep(transaction, (&holder.path, ordering.number), keys)
    }

    /// Gives places to what was made in the collection, the first its place and the others behind
    /// it in their order.
    ///
    /// # Errors
    /// A failure of the store.
    pub(crate) fn give_all<'m>(
        &self,
        transaction: &mut Transaction<'_>,
        made: impl Iterator<Item = &'m Path>,
    ) -> Result<()> {
        let Some((holder, ordering)) = &self.ordered else { return Ok(()) };
        let order = Order::of(transaction.view(), holder, ordering.number);
        let mut edited = Edited::of(&order);
        let mut position = self.position.clone().unwrap_or(Position::Last);
        for at in made {
            order.place(&mut edited, at.name(), &position)?;
            position = Position::After(at.name().to_vec());
        }
        let keys = std::mem::take(&mut edited.keys);
        keep(transaction, (&holder.path, ordering.number), keys)
    }
}

/// What a transaction finds of the order of a collection.
pub(crate) struct Order<'v> {
    view: View<'v>,
    of: Resource,
    number: Number,
}

impl<'v> Order<'v> {
    /// That of a collection, by the number of the order.
    pub(crate) fn of(view: View<'v>, of: &Resource, number: Number) -> Self {
        Self { view, of: of.clone(), number }
    }

    /// Gives a member a place. Where it is to stand beside one that has none, since another program
    /// added that, those without a place up to it get one; where no key fits, all are numbered
    /// anew.
    ///
    /// # Errors
    /// A failure of the store.
    pub(crate) fn place(
        &self,
        edited: &mut Edited<'_, Self>,
        name: &[u8],
        position: &Position,
    ) -> Result<()> {
        for _ in 0..ATTEMPTS_MAX {
            match self.attempt(edited, name, position) {
                Ok(()) => return Ok(()),
                Err(Unplaced::Crowded) => {
                    let names = self.names(edited)?;
                    edited.number(names);
                }
                Err(Unplaced::NoNeighbour) => return Err(no_member()),
                Err(Unplaced::Failed(failed)) => return Err(failed),
            }
        }
        Err(Error::failed("no place is found in an order that was numbered anew"))
    }

    fn attempt(
        &self,
        edited: &mut Edited<'_, Self>,
        name: &[u8],
        position: &Position,
    ) -> std::result::Result<(), Unplaced<Error>> {
        match (edited.place(name, position), position) {
            (Err(Unplaced::NoNeighbour), Position::Before(other) | Position::After(other)) => {
                self.settle(edited, other)?;
                edited.place(name, position)
            }
            (placed, _) => placed,
        }
    }

    /// Gives places to the members that have none, by name, up to one of them.
    fn settle(
        &self,
        edited: &mut Edited<'_, Self>,
        up_to: &[u8],
    ) -> std::result::Result<(), Unplaced<Error>> {
        for found in self.view.members(&self.of.path).map_err(Unplaced::Failed)? {
            work::go_on().map_err(Unplaced::Failed)?;
            let found = found.map_err(Unplaced::Failed)?;
            if !is_member(&self.of, &found) {
                continue;
            }
            let path = found.path;
            if edited.key_of(path.name()).map_err(Unplaced::Failed)?.is_none() {
                edited.place(path.name(), &Position::Last)?;
            }
            if path.name() == up_to {
                break;
            }
        }
        Ok(())
    }

    /// The names of all members in their order, after the changes; those without a place by name.
    ///
    /// # Errors
    /// A failure of the store.
    pub(crate) fn names(&self, edited: &Edited<'_, Self>) -> Result<Vec<Vec<u8>>> {
        let mut all = Vec::new();
        for found in self.view.members(&self.of.path)? {
            work::go_on()?;
            let found = found?;
            if !is_member(&self.of, &found) {
                continue;
            }
            let path = found.path;
            all.push((edited.key_of(path.name())?, path.name().to_vec()));
        }
        all.sort_by(|(one, name), (other, its)| {
            in_order(one.as_deref(), other.as_deref()).then_with(|| name.cmp(its))
        });
        Ok(all.into_iter().map(|(_, name)| name).collect())
    }
}

impl Ordered for Order<'_> {
    type Error = Error;

    fn key_of(&self, name: &[u8]) -> Result<Option<Key>> {
        let Ok(at) = self.of.path.join(name) else { return Ok(None) };
        let kept = self.view.fact(&ORDER, &at)?;
        Ok(kept.filter(|kept| kept.number == self.number).map(|kept| kept.key))
    }

    fn next_to(&self, key: Option<&[u8]>, side: Side) -> Result<Option<Key>> {
        let (low, high) = match (side, key) {
            (Side::Before, Some(key)) => (self.number.before(None), self.number.before(Some(key))),
            (Side::Before, None) => (self.number.before(None), self.number.end()),
            (Side::Behind, key) => (self.number.before(key), self.number.end()),
        };
        let found = self.view.nearest(&ORDER, (&low, &high), side)?;
        Ok(found.and_then(|kept| self.number.key_of(&kept).map(<[u8]>::to_vec)))
    }
}

/// Keeps the keys of members of a collection.
///
/// # Errors
/// As [`Transaction::set_fact`].
pub(crate) fn keep(
    transaction: &mut Transaction<'_>,
    (of, number): (&Path, Number),
    keys: impl IntoIterator<Item = (Vec<u8>, Key)>,
) -> Result<()> {
    for (name, key) in keys {
        work::go_on()?;
        let Ok(at) = of.join(&name) else { continue };
        transaction.set_fact(&ORDER, &at, &Kept { number, key })?;
    }
    Ok(())
}

fn forget(transaction: &mut Transaction<'_>, at: &Path, has_one: bool) -> Result<()> {
    if has_one { transaction.remove_fact(&ORDER, at) } else { Ok(()) }
}

/// Whether a member truly stands in its collection. What a link leads to has its place where it
/// stands, in another order.
fn is_member(collection: &Resource, found: &Resource) -> bool {
    let truly = |of: &Resource| of.facts_at.clone().unwrap_or_else(|| of.path.clone());
    truly(collection).join(found.path.name()).is_ok_and(|at| at == truly(found))
}

/// The member of this name, if one is there that may be read and has a place.
///
/// # Errors
/// A failure of the store.
pub(crate) fn member(
    view: &View<'_>,
    request: &Request,
    of: &Resource,
    name: &[u8],
) -> Result<Option<Resource>> {
    let Ok(at) = of.path.join(name) else { return Ok(None) };
    if !may(view, request, Right::Read, &at)? {
        return Ok(None);
    }
    Ok(view.find(&at)?.filter(|found| is_member(of, found)))
}

/// The refusal of a place in a collection that is not ordered.
pub(crate) fn unordered() -> Error {
    let detail =
        "This collection is not ordered: leave the place out, or have ORDERPATCH order it.";
    Error::refused(Condition::CollectionMustBeOrdered, detail)
}

fn no_member() -> Error {
    Error::refused(Condition::SegmentMustIdentifyMember, NO_MEMBER)
}

/// Why a place is none.
pub(crate) const NO_MEMBER: &str =
    "Name another member of the same collection, which is there, to stand beside.";

/// Attempts to find a place: one, and one more in an order that was numbered anew.
const ATTEMPTS_MAX: usize = 2;
