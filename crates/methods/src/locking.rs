//! The If field and locks, judged for all methods by their footprints (RFC 4918 sections 7, 9 and
//! 10.4).

use std::sync::Arc;

use methodical_semantics::{
    condition::Condition,
    error::{Error, Refusal, Result},
    footprint::{Depth, Footprint, Part, Touch},
    header::if_::{If, State, Tag},
    lock::Lock,
    path::Path,
    rule::{
        locking::{blocking, holds},
        privilege::Right,
    },
};
use methodical_store::{resource::Resource, sync::SYNC_TOKEN_PREFIX, view::View};

use crate::{
    admit::precondition_failed, destination::here, methods::lock::not_refreshed, privilege::may,
    request::Request,
};

/// Whether the If field of a request holds, if there is one.
///
/// # Errors
/// `PreconditionFailed`; `BadField` where it is malformed.
pub fn judge_if(view: &View<'_>, request: &Request) -> Result<()> {
    let Some(field) = If::from_headers(&request.fields)? else { return Ok(()) };
    if holds(&field, |tag, state| has(view, request, tag, state))? {
        return Ok(());
    }
    Err(not_refreshed(request).unwrap_or_else(|| precondition_failed("If")))
}

/// Whether the resource that a tag means has a state. What is not there has none (section 10.4.4).
fn has(view: &View<'_>, request: &Request, tag: &Tag, state: &State) -> Result<bool> {
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
            let view = view.seen_by(&access);
            let Some(of) = view.find(path)?.filter(Resource::is_collection) else {
                return Ok(false);
            };
            Ok(view.synchronizer().token(&of)? == **token)
        }
        State::Token(token) => Ok(view.covering(path)?.iter().any(|lock| lock.token == *token)),
        State::ETag(tag) => {
            let etag = view.find(path)?.and_then(|found| found.etag());
            Ok(etag.is_some_and(|etag| etag.matches_strongly(tag)))
        }
    }
}

/// The collections whose states the If field names (RFC 6578 section 5): they must stay as they are
/// until the change is made.
///
/// # Errors
/// `BadField` where the field is malformed; a failure of the store.
pub(crate) fn compared(view: &View<'_>, request: &Request) -> Result<Vec<Touch>> {
    let mut touches = Vec::new();
    let Some(field) = If::from_headers(&request.fields)? else { return Ok(touches) };
    for list in &field.lists {
        let names_one = |state: &State| matches!(state, State::Token(it) if is_sync_token(it));
        let path = match &list.of {
            Tag::Target => Some(request.path().clone()),
            Tag::Resource(reference) => here(reference, request),
            Tag::Elsewhere => None,
        };
        let Some(path) = path else { continue };
        if list.conditions.iter().any(|condition| names_one(&condition.state))
            && may(view, request, Right::Read, &path)?
        {
            touches.push(Touch::source(&path));
        }
    }
    Ok(touches)
}

fn is_sync_token(token: &str) -> bool {
    token.starts_with(SYNC_TOKEN_PREFIX)
}

/// Whether the locks on what a method will change let it: for each locked resource the request
/// submits a token (section 7.5).
///
/// # Errors
/// `Locked` with the roots of the locks; where it is only members that are locked, those (sections
/// 9.6.1 and 9.9.4); `BadField` where If is malformed.
pub fn judge_footprint(view: &View<'_>, request: &Request, footprint: &Footprint) -> Result<()> {
    if footprint.0.is_empty() || view.locks().is_empty() {
        return Ok(());
    }
    let field = If::from_headers(&request.fields)?;
    let by = request.principal.name.as_deref();
    let mut members: Vec<(Path, Refusal)> = Vec::new();
    for touch in footprint.0.iter().filter(|touch| writes(touch)) {
        if let Some(lock) = blocking(&view.covering(&touch.path)?, field.as_ref(), by) {
            return Err(locked(view, lock)?.into());
        }
        if touch.part != Part::Members && touch.depth != Depth::Zero {
            members.extend(locked_members(view, &touch.path, field.as_ref(), by)?);
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
