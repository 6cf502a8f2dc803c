//! The If field and locks, judged for all methods by their footprints (RFC 4918 sections 7, 9 and
//! 10.4).

use std::{sync::Arc, time::Duration};

use http::HeaderName;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Refusal, Result},
    footprint::{Footprint, Part, Touch},
    header::depth::Depth,
    header::if_::{If, List, State, Tag},
    lock::Lock,
    path::Path,
    rule::{
        locking::{blocking, holds},
        privilege::Right,
    },
};
use methodical_store::{resource::Resource, sync::SYNC_TOKEN_PREFIX, view::View};

use super::{privilege::may, refusal::precondition_failed};
use crate::{content::content_checks, method::Locks, place::destination::here, request::Request};

/// Checks whether the If field of a request holds, if there is one.
///
/// # Errors
/// `PreconditionFailed`; `BadField` where it is malformed.
pub fn judge_if(view: &View<'_>, request: &Request) -> Result<()> {
    let Some(field) = request.if_()? else { return Ok(()) };
    let mut states = CollectionStates::named_by(field)?;
    if holds(field, |tag, state| has(view, request, tag, state, &mut states))? {
        return Ok(());
    }
    Err(not_refreshed(request).unwrap_or_else(|| precondition_failed("If")))
}

/// Returns whether the resource that a tag means has a state. What is not there has none (section
/// 10.4.4).
fn has(
    view: &View<'_>,
    request: &Request,
    tag: &Tag,
    state: &State,
    states: &mut CollectionStates,
) -> Result<bool> {
    let path = match tag {
        Tag::Target => Some(request.path().clone()),
        Tag::Resource(reference) => here(reference, request),
        Tag::Elsewhere => None,
    };
    let Some(path) = &path else { return Ok(false) };
    // What may not be read is not there.
    if !may(view, request, Right::Read, path)? {
        return Ok(false);
    }
    match state {
        State::Token(token) if is_sync_token(token) => {
            let access = request.access();
            Ok(states.token(&view.seen_by(&access), path)?.as_deref() == Some(&**token))
        }
        State::Token(token) => Ok(view.covering(path)?.iter().any(|lock| lock.token == *token)),
        State::ETag(tag) => {
            let etag = view.find(path)?.and_then(|found| found.etag());
            Ok(etag.is_some_and(|etag| etag.matches_strongly(tag)))
        }
    }
}

/// The states of the collections that an If field names (RFC 6578 section 5). To find one takes a
/// look at everything below the collection, so each is found once for each time that the field is
/// judged, however often it is named.
#[derive(Default)]
struct CollectionStates(Vec<(Path, Option<String>)>);

impl CollectionStates {
    /// None is found yet.
    ///
    /// # Errors
    /// `BadField` where the field names the states of more than [`IF_COLLECTIONS_MAX`] collections.
    fn named_by(field: &If) -> Result<Self> {
        let mut named: Vec<&Tag> = Vec::new();
        for list in field.lists.iter().filter(|list| names_state(list)) {
            if !named.contains(&&list.of) {
                named.push(&list.of);
            }
            if named.len() > IF_COLLECTIONS_MAX {
                let detail = format!(
                    "If names the states of more than {IF_COLLECTIONS_MAX} collections by their \
                     sync tokens; name fewer in one request."
                );
                return Err(Error::refused(Condition::BadField, detail));
            }
        }
        Ok(Self::default())
    }

    /// The token of the collection's present state; nothing where there is no collection.
    fn token(&mut self, view: &View<'_>, path: &Path) -> Result<Option<String>> {
        if let Some((_, token)) = self.0.iter().find(|(its, _)| its == path) {
            return Ok(token.clone());
        }
        let of = view.find(path)?.filter(Resource::is_collection);
        let token = of.map(|of| view.synchronizer().token(&of)).transpose()?;
        self.0.push((path.clone(), token.clone()));
        Ok(token)
    }
}

/// Returns whether a list is about the state of a collection.
fn names_state(list: &List) -> bool {
    let mut states = list.conditions.iter().map(|condition| &condition.state);
    states.any(|state| matches!(state, State::Token(token) if is_sync_token(token)))
}

/// Returns whether the If field of a request names the state of a collection, so that to judge it
/// takes a look at everything below that.
pub(crate) fn names_collection_state(request: &Request) -> bool {
    let field = request.if_().ok().flatten();
    field.is_some_and(|field| field.lists.iter().any(names_state))
}

/// The collections whose states the If field names (RFC 6578 section 5): they must stay as they are
/// until the change is made.
///
/// # Errors
/// `BadField` where the field is malformed; a failure of the store.
pub(crate) fn compared(view: &View<'_>, request: &Request) -> Result<Vec<Touch>> {
    let mut touches = Vec::new();
    let Some(field) = request.if_()? else { return Ok(touches) };
    for list in &field.lists {
        let path = match &list.of {
            Tag::Target => Some(request.path().clone()),
            Tag::Resource(reference) => here(reference, request),
            Tag::Elsewhere => None,
        };
        let Some(path) = path else { continue };
        if names_state(list) && may(view, request, Right::Read, &path)? {
            touches.push(Touch::source(&path));
        }
    }
    Ok(touches)
}

fn is_sync_token(token: &str) -> bool {
    token.starts_with(SYNC_TOKEN_PREFIX)
}

/// Checks whether the locks on what a method will change let it: for each locked resource the
/// request submits a token (section 7.5).
///
/// # Errors
/// `Locked` with the roots of the locks; where it is only members that are locked, those (sections
/// 9.6.1 and 9.9.4); `BadField` where If is malformed.
pub fn judge_footprint(view: &View<'_>, request: &Request, footprint: &Footprint) -> Result<()> {
    if footprint.0.is_empty() || view.locks().is_empty() {
        return Ok(());
    }
    let field = request.if_()?;
    let by = request.principal.name.as_deref();
    let mut members: Vec<(Path, Refusal)> = Vec::new();
    for touch in footprint.0.iter().filter(|touch| writes(touch)) {
        if let Some(lock) = blocking(&view.covering(&touch.path)?, field, by) {
            return Err(locked(view, lock)?.into());
        }
        if touch.part != Part::Members && touch.depth != Depth::Zero {
            members.extend(locked_members(view, &touch.path, field, by)?);
        }
    }
    members.truncate(MEMBERS_TOLD_MAX);
    if members.is_empty() { Ok(()) } else { Err(Error::Members(members)) }
}

/// Taking out a lock has rules of its own (section 9.10.5), and reading is free.
fn writes(touch: &Touch) -> bool {
    match touch.part {
        Part::Content | Part::Existence | Part::Members | Part::Properties | Part::Acl => true,
        Part::Lock | Part::Source => false,
    }
}

fn locked_members(
    view: &View<'_>,
    path: &Path,
    field: Option<&If>,
    by: Option<&str>,
) -> Result<Vec<(Path, Refusal)>> {
    let mut members = Vec::new();
    let mut before: Option<Arc<Lock>> = None;
    for lock in view.locked_below(path)? {
        let is_next = before.as_ref().is_none_or(|before| before.root != lock.root);
        if is_next && let Some(by) = blocking(&view.covering(&lock.root)?, field, by) {
            members.push((lock.root.clone(), locked(view, by)?));
        }
        before = Some(lock);
    }
    Ok(members)
}

/// The refusal of a request that would change what a lock protects.
fn locked(view: &View<'_>, lock: &Lock) -> Result<Refusal> {
    let detail =
        "This is locked: submit the lock's token in the If field, or wait until the lock ends.";
    let mut refusal = Refusal::new(Condition::Locked, detail);
    refusal.resources.push(with_kind(view, &lock.root)?);
    Ok(refusal)
}

/// A resource that stands in the way, and whether it is a collection.
pub(crate) fn with_kind(view: &View<'_>, path: &Path) -> Result<(Path, bool)> {
    Ok((path.clone(), view.find(path)?.is_some_and(|found| found.is_collection())))
}

/// Locked members that an answer lists: enough to find them one after the other.
pub const MEMBERS_TOLD_MAX: usize = 1000;

/// Collections whose states one If field may name: the states of a folder and of some beside it,
/// each at the price of a look at everything below.
pub const IF_COLLECTIONS_MAX: usize = 8;

/// The refusal of a request whose If field does not hold, where that asks to refresh a lock: the
/// lock has ended, or is one on something else (RFC 4918 section 9.10.6).
fn not_refreshed(request: &Request) -> Option<Error> {
    let refreshes =
        request.method.locks == Locks::Takes && !content_checks::announces_content(&request.fields);
    refreshes.then(|| {
        Error::refused(
            Condition::RefreshedLock,
            "No lock that If names covers this resource: it has ended, or is one on something \
             else; take out a new one.",
        )
    })
}

/// The time that a lock lasts when the client does not say.
pub const LOCK_TIMEOUT_DEFAULT: Duration = Duration::from_hours(1);

/// The field in which the token of a new lock stands.
pub(crate) const LOCK_TOKEN: HeaderName = HeaderName::from_static("lock-token");
