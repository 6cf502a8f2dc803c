//! What a Mac leaves everywhere, accepted and dropped (`--mac-junk drop`).
//!
//! Finder writes `.DS_Store` into each folder that it shows and `._x` beside each file `x`, and
//! reports a failed copy where that is refused. So whatever would make something under such a name
//! is answered as if it had; nothing is stored, and nothing is found there afterwards. The store
//! hides these names, so that to all other methods they are names of nothing.

use http::{StatusCode, header};
use methodical_semantics::{
    document::lockdiscovery::document,
    error::Result,
    header::{depth::Depth, lock_token::coded},
    lock::Scope,
    path::Path,
    timestamp::Timestamp,
};
use methodical_store::{locking::NewLock, view::View};

use super::locking::{LOCK_TIMEOUT_DEFAULT, LOCK_TOKEN};
use crate::{
    method::Locks, place::target::holder, properties::multistatus::XML, reply::Reply,
    request::Request,
};

/// Refuses what would be refused under any other name, too.
///
/// # Errors
/// `ParentMissing`.
pub(crate) fn check(view: &View<'_>, path: &Path) -> Result<()> {
    holder(view, path).map(drop)
}

/// Returns whether the request gives back a lock that was dropped as well.
pub(crate) fn ends_nothing(request: &Request) -> bool {
    request.method.locks == Locks::Gives && request.drops_content()
}

/// The answer of a method that has done what it does; a lock is one that keeps nobody out.
///
/// # Errors
/// When the system has no random numbers for the token.
pub(crate) fn answer(now: Timestamp, request: &Request) -> Result<Reply> {
    let made = Reply::empty(StatusCode::CREATED).with(header::LOCATION, request.path().encoded());
    match request.method.locks {
        Locks::Gives => Ok(Reply::empty(StatusCode::NO_CONTENT)),
        Locks::Takes => locked(now, request),
        Locks::Nothing => Ok(made),
    }
}

fn locked(now: Timestamp, request: &Request) -> Result<Reply> {
    let path = request.path();
    let lock = NewLock {
        root: path.clone(),
        scope: Scope::Exclusive,
        depth: Depth::Zero,
        owner: None,
        timeout: LOCK_TIMEOUT_DEFAULT,
        principal: None,
        address: None,
    };
    let lock = lock.named(now)?;
    let told = document([&lock], (path, false), now, &request.policy.mount);
    Ok(Reply::bytes(StatusCode::OK, XML, told).with(LOCK_TOKEN, coded(&lock.token)))
}
