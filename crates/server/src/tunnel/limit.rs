//! The number of tunnels that there may be, and of names that may be looked up at a time.
//!
//! A lookup by the system holds a thread for as long as a name server is silent, so few run at a
//! time; a tunnel holds descriptors, so there is a number in all and one for each holder.

use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
};
use tokio::sync::Semaphore;

use super::resolve::Resolver;
use crate::limits::TunnelLimits;
use methodical_wire::peer::Peer;

/// The things that all tunnels share.
#[derive(Debug, Clone)]
pub(crate) struct Tunnels {
    /// The one that knows addresses.
    resolver: Resolver,
    /// Turns to look a name up.
    lookups: Arc<Semaphore>,
    /// The tunnels that are open.
    open: Arc<Mutex<Open>>,
}

/// The tunnels that are open or being opened: in all, and of each user.
#[derive(Debug, Default)]
struct Open {
    /// All of them.
    total: usize,
    /// Those of each holder.
    of: HashMap<Holder, usize>,
}

/// The holder of tunnels: a user, or whoever comes from an address without a login.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Holder {
    /// A user, from wherever.
    User(String),
    /// An address without a login; none is a Unix socket.
    Address(Option<IpAddr>),
}

/// A place among the tunnels; given back when dropped.
#[derive(Debug)]
pub(crate) struct TunnelPermit {
    /// The account that it is given back to.
    open: Arc<Mutex<Open>>,
    /// The one that it counts for.
    holder: Holder,
}

impl Tunnels {
    /// None yet.
    pub(crate) fn new(resolver: Resolver) -> Self {
        let lookups = Arc::new(Semaphore::new(LOOKUPS_MAX));
        Self { resolver, lookups, open: Arc::default() }
    }

    /// Returns how many there are, those being opened too.
    pub(crate) fn open(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).total
    }

    /// A place for one more tunnel of this user, or of this caller if it is nobody's.
    ///
    /// # Errors
    /// `TooManyRequests`, `Overloaded`.
    pub(crate) fn place(
        &self,
        user: Option<&str>,
        caller: Peer,
        limits: &TunnelLimits,
    ) -> Result<TunnelPermit> {
        let holder = match user {
            Some(user) => Holder::User(user.to_owned()),
            None => Holder::Address(caller.ip()),
        };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let its = open.of.get(&holder).copied().unwrap_or(0);
        if its >= limits.per_user {
            return Err(Error::refused(
                Condition::TooManyRequests,
                "You have as many tunnels as you may have (--tunnels-per-user); close one first.",
            ));
        }
        if open.total >= limits.tunnels {
            return Err(Error::refused(
                Condition::Overloaded,
                "There are as many tunnels as there may be (--tunnels); try again later.",
            ));
        }
        open.total += 1;
        open.of.insert(holder.clone(), its + 1);
        Ok(TunnelPermit { open: Arc::clone(&self.open), holder })
    }

    /// The addresses of a name, found in the pool. Whoever gives up waiting does not make room for
    /// another lookup: the thread that looks is busy until it has an answer.
    pub(super) async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let lookups = Arc::clone(&self.lookups);
        let turn = lookups.acquire_owned().await.map_err(io::Error::other)?;
        let (resolver, name) = (self.resolver.clone(), name.to_owned());
        let looking = tokio::task::spawn_blocking(move || {
            let found = resolver.addresses(&name);
            drop(turn);
            found
        });
        looking.await.map_err(io::Error::other)?
    }
}

impl Drop for TunnelPermit {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.total = open.total.saturating_sub(1);
        match open.of.get_mut(&self.holder) {
            Some(its) if *its > 1 => *its -= 1,
            Some(_) | None => {
                open.of.remove(&self.holder);
            }
        }
    }
}

/// Names that are looked up at one time: each holds a thread of the pool, which is also where
/// writers wait for the disk.
const LOOKUPS_MAX: usize = 8;
