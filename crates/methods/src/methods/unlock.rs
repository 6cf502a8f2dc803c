//! UNLOCK gives a lock back (RFC 4918 section 9.11).
//!
//! The lock is the one that `Lock-Token` names, and the resource any in its scope: the whole lock
//! ends, not only on that resource.
//!
//! ```http
//! > UNLOCK /photos/sea.txt HTTP/1.1
//! > Host: example.com
//! > Lock-Token: <urn:uuid:00000000-0000-4000-8000-000000000001>
//! >
//! < HTTP/1.1 204 No Content
//! ```
//!
//! * The lock of somebody else: 403, but for administrators (section 6.4).
//! * Without `Lock-Token`: 400. With content: 415, since none has a meaning (section 8.4).
//! * No such lock, or one that does not cover this resource: 409 with
//!   `lock-token-matches-request-uri`.

use std::sync::Arc;

use http::StatusCode;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::{Footprint, Part, Touch},
    header::depth::Depth,
    header::lock_token,
    lock::Lock,
    rule::privilege::Right,
};
use methodical_store::{transaction::Transaction, view::View};

use crate::{
    method::{Accepts, Applies, Class, Locks, Method, Preconditions, Run, Unasked},
    reply::Reply,
    request::{Input, Request},
};

/// The row of UNLOCK.
pub const UNLOCK: Method = Method {
    summary: "Gives a lock back.",
    accepts: Accepts::None(Unasked::Unsupported),
    applies: Applies::EXISTING,
    // It selects no representation (RFC 9110 section 13.2.1); If counts for every method.
    conditions: Preconditions::Ignored,
    locks: Locks::Gives,
    classes: &[Class::Two],
    spec: &["RFC 4918 section 9.11"],
    page: include_str!("unlock.rs"),
    ..Method::writing("UNLOCK", Run::Write { touches, run: unlock })
};

fn touches(view: &View<'_>, request: &Request, _: &Input) -> Result<Footprint> {
    let lock = named(view, request)?;
    let is_mine = lock.is_for(request.principal.name.as_deref());
    if !is_mine && !request.access().allows(Right::Admin, &lock.root) {
        return Err(Error::refused(
            Condition::Forbidden,
            "Somebody else took this lock out; wait until it ends, or ask an administrator.",
        ));
    }
    let path = lock.root.clone();
    Ok(Footprint(vec![Touch { path, part: Part::Lock, depth: Depth::Zero }]))
}

fn unlock(transaction: &mut Transaction<'_>, request: &Request, _: Input) -> Result<Reply> {
    let lock = named(&transaction.view(), request)?;
    transaction.unlock(&lock)?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// The lock that the request is about.
fn named(view: &View<'_>, request: &Request) -> Result<Arc<Lock>> {
    let Some(token) = lock_token::from_headers(&request.fields)? else {
        return Err(Error::refused(
            Condition::BadField,
            "Name the lock in the Lock-Token field, by the token that LOCK gave.",
        ));
    };
    let mut covering = view.covering(request.path())?.into_iter();
    covering.find(|lock| lock.token == token).ok_or_else(|| {
        Error::refused(
            Condition::LockTokenMatchesRequestUri,
            "No such lock covers this resource: it has ended, or is one on something else.",
        )
    })
}
