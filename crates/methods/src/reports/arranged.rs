//! Members as the collections that hold them order these (RFC 3648 section 8).

use std::collections::{BTreeMap, btree_map::Entry};

use methodical_semantics::{error::Result, path::Path, rule::ordering::Key};
use methodical_store::{
    facts::order::{Number, ORDER, ORDERING},
    view::View,
    work,
};

/// The numbers of the orders of collections, those without one among them.
type Orders = BTreeMap<Path, Option<Number>>;

/// Where a member stands below the collection that is asked: of each name on the way its key, or
/// none, which comes behind.
type Place = Vec<(bool, Option<Key>, Vec<u8>)>;

/// Brings what lies below a collection into its order, each collection before what is in it; leaves
/// it as it is where no collection has one.
///
/// # Errors
/// A failure of the store.
pub(super) fn arrange<T>(
    view: &View<'_>,
    below: &Path,
    members: &mut Vec<T>,
    path: fn(&T) -> &Path,
) -> Result<()> {
    let mut orders = Orders::new();
    for at in members.iter().filter_map(|member| path(member).parent()) {
        if let Entry::Vacant(unknown) = orders.entry(at) {
            work::go_on()?;
            let ordering = view.fact(&ORDERING, unknown.key())?;
            unknown.insert(ordering.map(|ordering| ordering.number));
        }
    }
    if orders.values().all(Option::is_none) {
        return Ok(());
    }
    let mut placed = Vec::with_capacity(members.len());
    for member in members.drain(..) {
        work::go_on()?;
        placed.push((place(view, below, path(&member), &orders)?, member));
    }
    placed.sort_by(|(one, _), (other, _)| one.cmp(other));
    members.extend(placed.into_iter().map(|(_, member)| member));
    Ok(())
}

fn place(view: &View<'_>, below: &Path, at: &Path, orders: &Orders) -> Result<Place> {
    let (mut place, mut on_the_way) = (Place::new(), below.clone());
    for name in at.segments().skip(below.segments().count()) {
        let Ok(next) = on_the_way.join(name) else { break };
        let key = match orders.get(&on_the_way).copied().flatten() {
            Some(number) => view.fact(&ORDER, &next)?.filter(|its| its.number == number),
            None => None,
        };
        place.push((key.is_none(), key.map(|kept| kept.key), name.to_vec()));
        on_the_way = next;
    }
    Ok(place)
}
