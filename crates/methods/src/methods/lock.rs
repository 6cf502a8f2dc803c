//! LOCK takes out a write lock, or refreshes one (RFC 4918 section 9.10).
//!
//! As long as the lock is held, nothing that it covers is changed by anybody who does not submit
//! its token in the `If` field: not the content of a file, not its properties, not which members a
//! folder has. Reading stays free. Locks end by UNLOCK, with their time, or with the resource; they
//! outlive a restart of the server.
//!
//! ```http
//! > LOCK /notes.txt HTTP/1.1
//! > Host: example.com
//! > Timeout: Second-600
//! > Content-Type: application/xml
//! >
//! > <lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype>
//! > <owner>Ann</owner></lockinfo>
//! < HTTP/1.1 200 OK
//! < Lock-Token: <urn:uuid:...>
//! < Content-Type: application/xml; charset=utf-8
//! <
//! < <?xml version="1.0" encoding="utf-8"?>
//! < <D:prop xmlns:D="DAV:"><D:lockdiscovery><D:activelock>...<D:timeout>Second-600</D:timeout>...
//! ```
//!
//! * `exclusive` locks stand alone, `shared` ones beside each other (section 9.10.5). A lock in the
//!   way is 423 with `no-conflicting-lock`; one on a member, 207 with 423 for the member and 424
//!   for the folder.
//! * `Depth: infinity`, which is also what no `Depth` means, locks a folder with everything below
//!   it; `Depth: 0` its properties and the names of its members.
//! * Where nothing is, an empty file is made and locked: 201.
//! * A lock is its creator's alone: its token counts for nobody else who logged in (section 6.4).
//! * Without content it refreshes the lock whose token stands in `If`; `Depth` means nothing then.
//!   No such lock covers the resource: 412 with `lock-token-matches-request-uri`.
//! * One user, or address without login, holds 1,000 locks at most; 507 beyond.
//! * `Timeout` (section 10.7) is granted up to a day; without, a lock lasts an hour.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{StatusCode, header};
use methodical_semantics::{
    condition::Condition,
    document::{lockdiscovery::document, lockinfo::Lockinfo},
    error::{Error, Refusal, Result},
    footprint::{Footprint, Part, Touch},
    header::{depth::Depth, if_, lock_token::coded, timeout::Timeout},
    lock::{Lock, Scope},
    path::Path,
    rule::locking::{conflicts, submitted},
};
use methodical_store::{locking::NewLock, store::Placement, transaction::Transaction, view::View};

use crate::{
    admission::locking::{LOCK_TIMEOUT_DEFAULT, LOCK_TOKEN, with_kind},
    content::content_checks,
    method::{Accepts, Applies, Class, Fit, Locks, Method, Run},
    place::{
        ordering::{Arrival, Placing},
        target::Target,
    },
    properties::multistatus::XML,
    reply::Reply,
    request::{Input, Request},
};

/// The row of LOCK.
pub const LOCK: Method = Method {
    summary: "Takes out or refreshes a lock.",
    accepts: Accepts::Small { bytes_max: LOCK_BYTES_MAX, types: &content_checks::XML_TYPES },
    applies: Applies { unmapped: Fit::Yes, unmapped_collection: Fit::No, ..Applies::EXISTING },
    locks: Locks::Takes,
    classes: &[Class::Two],
    spec: &["RFC 4918 section 9.10"],
    page: include_str!("lock.rs"),
    ..Method::writing("LOCK", Run::Write { touches, run: lock })
};

/// Bytes (16 KiB) of the content: what is longer has an owner that is too long to keep.
pub const LOCK_BYTES_MAX: usize = 16 * 1024;

/// The time that a lock lasts at most unless it is refreshed: a day, so that one that was forgotten
/// is gone the next morning.
pub const LOCK_TIMEOUT_MAX: Duration = Duration::from_hours(24);

/// Shared locks in whose scope one resource may be: each is told with each of its resources.
pub const LOCKS_A_RESOURCE_MAX: usize = 32;

fn touches(view: &View<'_>, request: &Request, _: &Input) -> Result<Footprint> {
    content_checks::check_head(&request.fields)?;
    let target = Target::find(view, request.path());
    // Where nothing can be made there is nothing to refresh either.
    let target = match target {
        Err(Error::Refused(refusal))
            if refusal.condition == Condition::ParentMissing && refreshes(request) =>
        {
            return Err(not_to_refresh());
        }
        target => target?,
    };
    // A refresh ignores Depth (RFC 4918 section 9.10.2), and may be one for all that is known yet.
    let depth = match request.depth() {
        Ok(Some(Depth::Zero)) => Depth::Zero,
        Ok(_) | Err(_) => Depth::Infinity,
    };
    let mut footprint =
        Footprint(vec![Touch { path: target.path.clone(), part: Part::Lock, depth }]);
    if target.present.is_none() {
        let placing = Placing::find(view, request, &target.path, Arrival::Made)?;
        footprint.0.extend(placing.with(target.footprint(), true).0);
    }
    if let Some(field) = request.if_()? {
        let covering = view.covering(&target.path)?;
        let by = request.principal.name.as_deref();
        let roots = submitted(&covering, field, by).map(|lock| lock.root.clone());
        let touch = |path| Touch { path, part: Part::Lock, depth: Depth::Zero };
        footprint.0.extend(roots.map(touch));
    }
    Ok(footprint)
}

fn lock(transaction: &mut Transaction<'_>, request: &Request, input: Input) -> Result<Reply> {
    let content = input.into_bytes()?;
    if content.is_empty() {
        return refresh(transaction, request);
    }
    content_checks::check_document(&request.fields, &content)?;
    make(transaction, request, &content)
}

/// RFC 4918 section 9.10.2.
fn refresh(transaction: &mut Transaction<'_>, request: &Request) -> Result<Reply> {
    let view = transaction.view();
    let Some(field) = request.if_()? else {
        return Err(Error::refused(
            Condition::BadContent,
            "Send a DAV:lockinfo element for a new lock, or a token in If to refresh its lock.",
        ));
    };
    // Section 9.10.6: what is not there is in the scope of no lock.
    let resource = view.find(request.path())?.ok_or_else(not_to_refresh)?;
    let covering = view.covering(&resource.path)?;
    let by = request.principal.name.as_deref();
    let named: Vec<&Arc<Lock>> = submitted(&covering, field, by).collect();
    let [named] = named.as_slice() else {
        return Err(not_to_refresh());
    };
    let lasts = Timeout::from_headers(&request.fields)
        .map_or(named.timeout, |asked| asked.granted(LOCK_TIMEOUT_MAX));
    let refreshed = transaction.refresh(named, lasts)?;
    let now = transaction.now();
    let is = |lock: &Lock| lock.token == refreshed.token;
    let locks = covering.iter().map(|lock| if is(lock) { &refreshed } else { lock });
    let told =
        document(locks, (&resource.path, resource.is_collection()), now, &request.policy.mount);
    Ok(Reply::bytes(StatusCode::OK, XML, told))
}

/// Returns whether the head alone tells that a lock is to be refreshed.
fn refreshes(request: &Request) -> bool {
    let coded = request.fields.contains_key(header::TRANSFER_ENCODING);
    let named = request.fields.contains_key(if_::NAME);
    named && !coded && !content_checks::announces_content(&request.fields)
}

fn not_to_refresh() -> Error {
    let detail = "If must name the one lock to refresh, in whose scope this resource is.";
    Error::refused(Condition::RefreshedLock, detail)
}

fn make(transaction: &mut Transaction<'_>, request: &Request, content: &Bytes) -> Result<Reply> {
    let wanted = Lockinfo::parse(content)?;
    let depth = depth(request)?;
    let view = transaction.view();
    let target = Target::find(&view, request.path())?;
    let covering = view.covering(&target.path)?;
    check(&view, &target.path, (wanted.scope, depth), &covering)?;
    let status = if target.present.is_none() {
        let nothing = content_checks::staged(transaction, &target.path, Input::Nothing)?;
        let placing = Placing::find(&transaction.view(), request, &target.path, Arrival::Made)?;
        transaction.place(&target.path, nothing, Placement::default())?;
        placing.give(transaction, (&target.path, false), Arrival::Made)?;
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let asked = Timeout::from_headers(&request.fields);
    let lock = transaction.lock(NewLock {
        root: target.path.clone(),
        scope: wanted.scope,
        depth,
        owner: wanted.owner,
        timeout: asked.map_or(LOCK_TIMEOUT_DEFAULT, |asked| asked.granted(LOCK_TIMEOUT_MAX)),
        principal: request.principal.name.as_deref().map(Into::into),
        address: address(request),
    })?;
    let collection =
        target.present.as_ref().is_some_and(methodical_store::resource::Resource::is_collection);
    let locks = covering.iter().map(|lock| &**lock).chain([&lock]);
    let told =
        document(locks, (&target.path, collection), transaction.now(), &request.policy.mount);
    let mut reply = Reply::bytes(status, XML, told).with(LOCK_TOKEN, coded(&lock.token));
    if status == StatusCode::CREATED {
        reply = reply.with(header::LOCATION, target.path.encoded());
        reply.etag_of = Some(target.path);
    }
    Ok(reply)
}

/// Returns whose the lock is where nobody logged in.
fn address(request: &Request) -> Option<Box<str>> {
    let anyone = request.principal.name.is_none();
    request.principal.address.filter(|_| anyone).map(|address| address.to_string().into())
}

/// RFC 4918 section 9.10.3.
fn depth(request: &Request) -> Result<Depth> {
    match request.depth()? {
        None | Some(Depth::Infinity) => Ok(Depth::Infinity),
        Some(Depth::Zero) => Ok(Depth::Zero),
        Some(Depth::One) => Err(Error::refused(
            Condition::BadField,
            "A folder is locked with Depth 0 (it alone) or infinity (with all that is in it).",
        )),
    }
}

/// Checks whether a lock may be granted beside those that are held (RFC 4918 sections 7.4 and
/// 9.10.5).
fn check(
    view: &View<'_>,
    path: &Path,
    (scope, depth): (Scope, Depth),
    covering: &[Arc<Lock>],
) -> Result<()> {
    if let Some(held) = covering.iter().find(|held| conflicts(scope, held.scope)) {
        return Err(conflicting(view, held)?.into());
    }
    if covering.len() >= LOCKS_A_RESOURCE_MAX {
        return Err(Error::refused(
            Condition::InsufficientStorage,
            "There are as many shared locks here as there may be; wait until one of them ends.",
        ));
    }
    if depth != Depth::Infinity {
        return Ok(());
    }
    let below = view.locked_below(path)?;
    let mut members: Vec<(Path, Refusal)> = below
        .iter()
        .filter(|held| conflicts(scope, held.scope))
        .take(CONFLICTS_TOLD_MAX)
        .map(|held| Ok((held.root.clone(), conflicting(view, held)?)))
        .collect::<Result<_>>()?;
    if members.is_empty() {
        return Ok(());
    }
    let whole = "Locks below stand in the way of this one.";
    let mut refusal = Refusal::new(Condition::FailedDependency, whole);
    refusal.resources.push(with_kind(view, path)?);
    members.push((path.clone(), refusal));
    Err(Error::Members(members))
}

fn conflicting(view: &View<'_>, held: &Lock) -> Result<Refusal> {
    let detail = "Somebody else holds a lock here: try again when it has ended.";
    let mut refusal = Refusal::new(Condition::ConflictingLock, detail);
    refusal.resources.push(with_kind(view, &held.root)?);
    Ok(refusal)
}

/// Locks in the way that an answer lists (RFC 4918 section 9.10.3 asks for one).
const CONFLICTS_TOLD_MAX: usize = 100;
