//! Whether If holds (RFC 4918 section 10.4), which locks stand in the way of each other
//! (section 9.10.5), and which in the way of a write (section 7.5).

use std::{ops::Deref, sync::Arc};

use crate::{
    header::if_::{If, State, Tag},
    lock::{Lock, Scope},
};

/// Returns whether the field holds: all conditions of one of its lists do. `has` says whether the
/// resource that a tag means has a state; what is not there has none.
///
/// ```
/// use methodical_semantics::{header::if_::{If, State, Tag}, rule::locking::holds};
/// let has = |_: &Tag, state: &State| Ok::<_, ()>(*state == State::Token("urn:uuid:1".into()));
/// let of = |text| holds(&If::parse(text).unwrap(), has);
/// assert_eq!(of("(<urn:uuid:1> <urn:uuid:2>) (Not <urn:uuid:2>)"), Ok(true));
/// assert_eq!(of("(<urn:uuid:1> [\"a\"])"), Ok(false));
/// ```
///
/// # Errors
/// What `has` fails with.
pub fn holds<E>(
    field: &If,
    mut has: impl FnMut(&Tag, &State) -> Result<bool, E>,
) -> Result<bool, E> {
    for list in &field.lists {
        let mut all = true;
        for condition in &list.conditions {
            all = has(&list.of, &condition.state)? != condition.negated;
            if !all {
                break;
            }
        }
        if all {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns whether a lock of a scope cannot be granted beside another (section 9.10.5).
///
/// ```
/// use methodical_semantics::{lock::Scope, rule::locking::conflicts};
/// assert!(conflicts(Scope::Exclusive, Scope::Shared));
/// assert!(!conflicts(Scope::Shared, Scope::Shared));
/// ```
pub fn conflicts(wanted: Scope, held: Scope) -> bool {
    wanted == Scope::Exclusive || held == Scope::Exclusive
}

/// The lock that keeps a resource from being written: there are locks on it, and the token of none
/// of them was submitted. Of several shared locks one suffices (section 6.2).
pub fn blocking<'l, L: Deref<Target = Lock>>(
    covering: &'l [L],
    submitted: Option<&If>,
    by: Option<&str>,
) -> Option<&'l L> {
    let is_submitted =
        |lock: &L| lock.is_for(by) && submitted.is_some_and(|field| field.submits(&lock.token));
    if covering.iter().any(is_submitted) { None } else { covering.first() }
}

/// The locks among these of which the field submits the token, by the one who took them out.
pub fn submitted<'l>(
    covering: &'l [Arc<Lock>],
    field: &'l If,
    by: Option<&'l str>,
) -> impl Iterator<Item = &'l Arc<Lock>> {
    covering.iter().filter(move |lock| lock.is_for(by) && field.submits(&lock.token))
}
