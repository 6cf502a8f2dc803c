//! Which representation a request selects, and what its preconditions say of it (RFC 9110 sections
//! 3.2, 13 and 15.4).

use std::sync::Arc;

use http::{HeaderValue, StatusCode, header};
use methodical_content::Content;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    header::accept::Accept,
    media,
    path::encode_segment,
    rule::{conditional::Verdict, privilege::Access},
};
use methodical_store::{resource::Resource, view::View};

use super::{linking, listing::list, media_types::told_type, representation::Representation};
use crate::{
    admission::{
        locking::judge_if,
        refusal::{deleted_at, not_found, precondition_failed},
    },
    reply::{NO_CACHE, NOSNIFF, Reply},
    request::Request,
};

/// The representation that a request selects, or where it is.
#[derive(Debug)]
pub enum Selected {
    /// A representation of the target.
    Here(Representation),
    /// The target has its representation at another address: the answer that says so.
    Elsewhere(Reply),
}

/// Selects a representation of the target: a file, a collection's `index.html`, or the list of its
/// members in the form that the client likes best.
///
/// A collection that is named without its final slash has its representation elsewhere (RFC 4918
/// section 5.2): relative references in it would lead astray.
///
/// # Errors
/// `NotFound` where nothing is, `NotAcceptable` where no form of the list is accepted, and failures
/// of the store.
pub fn select(view: &View<'_>, request: &Request) -> Result<Selected> {
    let path = request.path();
    if request.target.slash {
        return collection(view, request);
    }
    if let Some((resource, content)) = view.open(path)? {
        return file((view, request), &resource, content).map(Selected::Here);
    }
    match view.find(path)? {
        Some(resource) if resource.is_collection() => Ok(Selected::Elsewhere(with_slash(request))),
        _ => Err(not_found()),
    }
}

fn collection(view: &View<'_>, request: &Request) -> Result<Selected> {
    let path = request.path();
    // A file does not stand at its own address with a slash behind.
    let Some(found) = view.find(path)?.filter(Resource::is_collection) else {
        return Err(not_found());
    };
    let index = if request.policy.index { index(view, request)? } else { None };
    let told = index.map_or_else(|| list(view, request), Ok)?.beside(&found)?;
    Ok(Selected::Here(told))
}

/// Selects a representation, judges the preconditions against it (steps 1 to 4 of RFC 9110 section
/// 13.2.2), and lets `proceed` answer where they let it.
///
/// # Errors
/// As [`select`]; `PreconditionFailed`; what `proceed` refuses.
pub fn answer(
    view: &View<'_>,
    request: &Request,
    proceed: fn(Representation, &View<'_>, &Request) -> Result<Reply>,
) -> Result<Reply> {
    let found = match select(view, request)? {
        Selected::Here(found) => found,
        // Section 13.2.1: what would not be answered 2xx is answered so whatever the preconditions.
        Selected::Elsewhere(reply) => return Ok(reply),
    };
    judge_if(view, request)?;
    match request.conditions.judge_read(Some(&found.validators)) {
        Verdict::Proceed => proceed(found, view, request),
        Verdict::NotModified => Ok(found.not_modified()),
        Verdict::Failed(field) => Err(precondition_failed(field)),
    }
}

/// Tells of what was deleted by 410 instead of 404 (RFC 9110 section 15.5.11), to whom that says
/// more: people. A client that does not name HTML in Accept looks whether a thing is there, as a
/// rule, and many know no other no than 404.
///
/// # Errors
/// Those of the answer; `Gone`.
pub(crate) fn or_gone(view: &View<'_>, request: &Request, answer: Result<Reply>) -> Result<Reply> {
    let refusal = match answer {
        Err(Error::Refused(refusal)) if refusal.condition == Condition::NotFound => refusal,
        answered => return answered,
    };
    let shows = Accept::from_headers(&request.fields).names(HTML);
    let gone = if shows { view.deleted_at(request.path())? } else { None };
    Err(match gone {
        Some(when) => Error::refused(Condition::Gone, deleted_at(when)),
        None => Error::Refused(refusal),
    })
}

fn file(
    (view, request): (&View<'_>, &Request),
    resource: &Resource,
    content: Content,
) -> Result<Representation> {
    // Section 8.8.2.1: no Last-Modified later than Date.
    let modified = resource.modified.min(view.now());
    let looks = resource.media_type.is_none() && media::needs_a_look(&resource.path.name_text());
    let told = if looks { Some(view.beginning(resource, &content)?) } else { None };
    let coding = told.and_then(|told| told.coding(&resource.path.name_text()));
    let mut head = Reply::empty(StatusCode::OK)
        .with(header::CONTENT_TYPE, told_type(resource, told))
        .with(header::LAST_MODIFIED, modified.http_date())
        .with(header::ACCEPT_RANGES, "bytes");
    let control = cache_control(request, resource, &head);
    head.fields.insert(header::CACHE_CONTROL, control);
    if let Some(coding) = coding {
        head.fields.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    if request.policy.sandboxes() && head.fields.get(header::CONTENT_TYPE).is_some_and(is_active) {
        head.fields.insert(header::CONTENT_SECURITY_POLICY, SANDBOX);
    }
    let validators = resource.validators();
    if let Some(etag) = &validators.etag {
        head = head.with(header::ETAG, etag.to_string());
    }
    head.fields.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    linking::tell(resource, &mut head.fields)?;
    // With a date of the future the answer changes although the file does not.
    head.witness = resource.witness.filter(|_| modified == resource.modified);
    Ok(Representation { head, content, validators })
}

fn is_active(content_type: &HeaderValue) -> bool {
    // What is no text names no type that anybody knows.
    content_type.to_str().is_ok_and(media::is_active)
}

/// Returns what the operator says caches may do with a file; else they ask before they use it.
fn cache_control(request: &Request, resource: &Resource, head: &Reply) -> HeaderValue {
    let policy = &request.policy;
    let (path, kind) = (&resource.path, head.fields.get(header::CONTENT_TYPE));
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let said = policy.caching.find(path, kind).and_then(|control| {
        let everybody = Access { principal: Arc::default(), ..request.access() };
        control.value(everybody.sees(path, resource.facts_at.as_ref()))
    });
    said.unwrap_or(HeaderValue::from_static(NO_CACHE))
}

fn index(view: &View<'_>, request: &Request) -> Result<Option<Representation>> {
    let Ok(path) = request.path().join(INDEX) else { return Ok(None) };
    let Some((resource, content)) = view.open(&path)? else { return Ok(None) };
    let mut found = file((view, request), &resource, content)?;
    found.head = found.head.with(header::CONTENT_LOCATION, resource.href());
    // The witness is one of another path than the target's.
    found.head.witness = None;
    Ok(Some(found))
}

/// 301, with a way back: what is a collection now may be a file tomorrow. What selects a
/// representation is no POST, so that 301 (RFC 9110 section 15.4.2) loses nothing that 308 keeps,
/// and every client knows it.
fn with_slash(request: &Request) -> Reply {
    let mut location = request.path().encoded_collection();
    if let Some(query) = &request.target.query {
        location.push('?');
        location.extend(query.chars().map(|character| match character {
            '!'..='~' => character.to_string(),
            _ => encode_segment(character.to_string().as_bytes()),
        }));
    }
    Reply::empty(StatusCode::MOVED_PERMANENTLY)
        .with(header::LOCATION, location)
        .with(header::CACHE_CONTROL, NO_CACHE)
}

/// Of an origin of its own, without scripts, forms and windows: one person's page acts with nobody
/// else's login (HTML section 7.1.5, Content Security Policy section 6.3.2).
const SANDBOX: HeaderValue = HeaderValue::from_static("sandbox");

/// The media type of what is read by people.
const HTML: &str = "text/html";

/// The file that stands for its collection.
const INDEX: &[u8] = b"index.html";
