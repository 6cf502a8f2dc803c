//! Locks that are asked for: how one gets its name and its end, and how many there may be.

use std::{sync::Arc, time::Duration};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::{Footprint, Part, Touch},
    header::depth::Depth,
    lock::{Lock, Scope},
    path::Path,
    timestamp::Timestamp,
};
use uuid::Builder;

use crate::{store::Store, transaction::write, view::View};

/// A lock that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLock {
    /// The resource to lock.
    pub root: Path,
    /// Says whether others may hold a lock on the same resource.
    pub scope: Scope,
    /// [`Depth::Infinity`] or [`Depth::Zero`].
    pub depth: Depth,
    /// The element DAV:owner, able to stand alone.
    pub owner: Option<Box<str>>,
    /// For how long.
    pub timeout: Duration,
    /// The one who takes it out, where that is known.
    pub principal: Option<Box<str>>,
    /// The address that it is asked for from, where nobody is logged in.
    pub address: Option<Box<str>>,
}

impl NewLock {
    /// The lock, under a name that nobody can guess and that is never given again (RFC 4918
    /// sections 6.5 and 20.7; RFC 9562 section 5.4).
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn named(self, now: Timestamp) -> Result<Lock> {
        let Self { root, scope, depth, owner, timeout, principal, address } = self;
        let (token, expires) = (token()?, now.after(timeout));
        Ok(Lock { token, root, scope, depth, owner, timeout, expires, principal, address })
    }
}

/// Ends the lock of a token, whoever holds it: the operator's way, as UNLOCK is the client's. Gives
/// what it was.
///
/// # Errors
/// `LockTokenMatchesRequestUri` where there is no such lock, and as [`write()`].
pub fn break_lock(store: &dyn Store, now: Timestamp, token: &str) -> Result<Arc<Lock>> {
    let found = |view: &View<'_>| {
        view.locks().find(token).cloned().ok_or_else(|| {
            let detail = "There is no lock of this token.";
            Error::refused(Condition::LockTokenMatchesRequestUri, detail)
        })
    };
    let touches = |view: &View<'_>| {
        let path = found(view)?.root.clone();
        Ok(Footprint(vec![Touch { path, part: Part::Lock, depth: Depth::Zero }]))
    };
    let (lock, _) = write(store, now, touches, |transaction| {
        let lock = found(&transaction.view())?;
        transaction.unlock(&lock)?;
        Ok(lock)
    })?;
    Ok(lock)
}

/// Checks whether there may be one more lock beside those that are held.
///
/// # Errors
/// `InsufficientStorage` beyond [`LOCKS_MAX`], and beyond [`LOCKS_OF_ONE_MAX`] of who asks.
pub fn check_room<'l>(lock: &Lock, held: impl Iterator<Item = &'l Lock> + Clone) -> Result<()> {
    let detail = if held.clone().count() >= LOCKS_MAX {
        "There are as many locks as there may be; try again when some have ended."
    } else if lock.is_of_same(lock)
        && held.filter(|it| lock.is_of_same(it)).count() >= LOCKS_OF_ONE_MAX
    {
        "You hold as many locks as one user or address may; end some, or let them expire."
    } else {
        return Ok(());
    };
    Err(Error::refused(Condition::InsufficientStorage, detail))
}

/// Returns whether a lock has ended for so long that nobody can be about to refresh it any more.
pub fn is_over(lock: &Lock, now: Timestamp) -> bool {
    !Lock::is_live(lock, now) && now.since(lock.expires) > OVER_AFTER
}

fn token() -> Result<Box<str>> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(Error::failed)?;
    Ok(Builder::from_random_bytes(bytes).into_uuid().urn().to_string().into())
}

/// Locks in all, expired ones included until they are swept: with their owners, 60 MB at most.
pub const LOCKS_MAX: usize = 10_000;

/// Locks of one user or, where nobody is logged in, of one address: a tenth of all, so that nobody
/// takes them all, and more than an office's programs hold on open documents.
pub const LOCKS_OF_ONE_MAX: usize = LOCKS_MAX / 10;

/// The time that a lock is kept after its end: who wants to refresh it may have asked before that,
/// and wait for others now.
const OVER_AFTER: Duration = Duration::from_mins(1);
