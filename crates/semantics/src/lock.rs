//! Write locks (RFC 4918 sections 6 and 7), and the set of all that are held.

use std::{collections::HashMap, sync::Arc, time::Duration};

use crate::{header::depth::Depth, path::Path, path_map::PathMap, timestamp::Timestamp};

/// A write lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The name of it, for all time: a URI (section 6.5).
    pub token: Box<str>,
    /// The resource that was locked.
    pub root: Path,
    /// Says whether others may hold a lock on the same resource.
    pub scope: Scope,
    /// [`Depth::Infinity`] if it covers everything below the root, too; else [`Depth::Zero`].
    pub depth: Depth,
    /// The element DAV:owner as the client wrote it, able to stand alone.
    pub owner: Option<Box<str>>,
    /// For how long it was granted.
    pub timeout: Duration,
    /// The moment at which it ends, unless it is refreshed before.
    pub expires: Timestamp,
    /// The one who took it out, where that is known.
    pub principal: Option<Box<str>>,
    /// The address that it was asked for from, where nobody was logged in: who is counted as having
    /// it.
    pub address: Option<Box<str>>,
}

/// Says whether others may hold a lock on the same resource (section 6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Nobody else.
    Exclusive,
    /// Others with shared locks.
    Shared,
}

/// All locks that are held, expired ones included: whoever asks says when.
///
/// ```
/// use std::time::Duration;
/// use methodical_semantics::{header::depth::Depth, lock::{Lock, Locks, Scope}};
/// use methodical_semantics::{path::Path, path_map::PathMap, timestamp::Timestamp};
/// let of = |text| Path::decode(text).unwrap().0;
/// let mut locks = Locks::default();
/// locks.set(Lock {
///     token: "urn:uuid:1".into(),
///     root: of("/d"),
///     scope: Scope::Exclusive,
///     depth: Depth::Infinity,
///     owner: None,
///     timeout: Duration::from_secs(60),
///     expires: Timestamp::new(60, 0),
///     principal: None,
///     address: None,
/// });
/// let covering = |path, second| locks.covering(&of(path), Timestamp::new(second, 0)).len();
/// assert_eq!((covering("/d/a", 0), covering("/e", 0), covering("/d/a", 60)), (1, 0, 0));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locks {
    by_root: PathMap<Vec<Arc<Lock>>>,
    roots: HashMap<Box<str>, Path>,
}

impl Lock {
    /// Returns whether the path is in the lock's scope.
    pub fn covers(&self, path: &Path) -> bool {
        match self.depth {
            Depth::Infinity => path.is_within(&self.root),
            Depth::Zero | Depth::One => *path == self.root,
        }
    }

    /// Returns whether somebody may use it to change what it protects: who took it out, if that is
    /// known (section 6.4).
    pub fn is_for(&self, principal: Option<&str>) -> bool {
        self.principal.as_deref().is_none_or(|creator| Some(creator) == principal)
    }

    /// Returns whether another is of the same user or, where nobody logged in, of the same address;
    /// no two are of whom nobody knows.
    pub fn is_of_same(&self, other: &Self) -> bool {
        match (&self.principal, &other.principal) {
            (Some(one), Some(other)) => one == other,
            (None, None) => self.address.is_some() && self.address == other.address,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// Returns whether it has not expired.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires > now
    }

    /// Returns how long it lasts, unless it is refreshed.
    pub fn left(&self, now: Timestamp) -> Duration {
        self.expires.since(now)
    }
}

impl Locks {
    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.roots.len()
    }

    /// All, in the order of their roots.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Lock>> + Clone {
        self.by_root.values().flatten()
    }

    /// The lock that a token names.
    pub fn find(&self, token: &str) -> Option<&Arc<Lock>> {
        let root = self.roots.get(token)?;
        self.by_root.get(root)?.iter().find(|lock| *lock.token == *token)
    }

    /// The locks in whose scope a path is at a moment, the nearest to the root first.
    pub fn covering(&self, path: &Path, now: Timestamp) -> Vec<&Arc<Lock>> {
        if self.is_empty() {
            return Vec::new();
        }
        let above = path.ancestors();
        let rooted = above.iter().chain([path]).filter_map(|at| self.by_root.get(at)).flatten();
        rooted.filter(|lock| lock.covers(path) && lock.is_live(now)).collect()
    }

    /// The locks on what lies below a path at a moment, in the order of their roots.
    pub fn below<'l>(
        &'l self,
        path: &Path,
        now: Timestamp,
    ) -> impl Iterator<Item = &'l Arc<Lock>> + use<'l> {
        let of = path.clone();
        self.within(path).filter(move |lock| lock.root != of && lock.is_live(now))
    }

    /// The locks on a path and on what lies below it, expired ones included.
    pub fn within<'l>(&'l self, path: &Path) -> impl Iterator<Item = &'l Arc<Lock>> + use<'l> {
        self.by_root.tree(path).flat_map(|(_, locks)| locks)
    }

    /// Adds a lock, or replaces the one with the same token.
    pub fn set(&mut self, lock: Lock) {
        self.remove(&lock.token);
        self.roots.insert(lock.token.clone(), lock.root.clone());
        self.by_root.entry(lock.root.clone()).or_default().push(Arc::new(lock));
    }

    /// Removes the lock that a token names, if there is one.
    pub fn remove(&mut self, token: &str) {
        let Some(root) = self.roots.remove(token) else { return };
        let Some(locks) = self.by_root.get_mut(&root) else { return };
        locks.retain(|lock| *lock.token != *token);
        if locks.is_empty() {
            self.by_root.remove(&root);
        }
    }
}
