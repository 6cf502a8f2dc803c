//! Shares of what is scarce: no client takes all of it, and none waits for another's share.
//!
//! A client is a user; who did not log in is its address, of IPv6 the network of one site. Whoever
//! has its share under way waits for that; waiting holds no thread.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use methodical_methods::admission::principal::Principal;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
};
use methodical_store::guard::WAITING_MAX;
use methodical_wire::{addresses::Address, peer::Peer};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::request::staged::Disks;

/// The one that is counted: a user, or an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Client {
    /// Whoever logged in by this name.
    User(Box<str>),
    /// Whoever did not, at this address.
    At(Address),
    /// Whoever is on this machine, at a Unix socket.
    Here,
}

impl Client {
    /// Returns who makes a request.
    pub(crate) fn of(principal: Option<&Principal>, caller: &Peer) -> Self {
        match (principal.and_then(|principal| principal.name.as_deref()), caller.ip()) {
            (Some(name), _) => Self::User(name.into()),
            (None, Some(address)) => Self::At(Address::of(address)),
            (None, None) => Self::Here,
        }
    }
}

/// The parts of the pool, of the queue before it, and of disks, that clients share.
#[derive(Debug)]
pub(crate) struct PoolShares {
    /// Work that takes as long as a folder is large.
    pub(crate) long_work: Shares,
    /// Lists and documents that are computed to be read.
    pub(crate) reading: Shares,
    /// Documents that are held whole in memory while they are changed, each by one of the threads.
    pub(crate) documents: Shares,
    /// The threads that make documents, apart from all others.
    pub(crate) document_threads: DocumentThreads,
    /// Requests that wait behind those who write to the same places.
    pub(crate) waiting: Shares,
    /// Work on disks that are slow.
    pub(crate) slow_disks: Arc<Shares>,
    /// Room for content on its way in.
    pub(crate) disks: Arc<Disks>,
}

impl PoolShares {
    /// Those of so many threads that serve, each with a pool of its own.
    ///
    /// # Errors
    /// An error when the system does not let it be.
    pub(crate) fn of(threads: usize) -> io::Result<Self> {
        Ok(Self {
            long_work: Shares::halved(threads * LONG_WORK_A_THREAD, SHARE_WAIT),
            reading: Shares::halved(threads * READING_A_THREAD, SHARE_WAIT),
            documents: Shares::halved(DOCUMENT_THREADS, SHARE_WAIT),
            document_threads: DocumentThreads::new()?,
            waiting: Shares::halved(WAITING_MAX, SHARE_WAIT),
            slow_disks: Arc::new(Shares::halved(SLOW_DISKS_THREADS, SHARE_WAIT)),
            disks: Arc::default(),
        })
    }
}

/// The threads that change documents in memory. Each thread of a pool keeps for its next work what
/// the last one gave back, which may be as much as a document takes: so few do such work, and
/// always the same.
#[derive(Debug)]
pub(crate) struct DocumentThreads(Option<Runtime>);

impl DocumentThreads {
    fn new() -> io::Result<Self> {
        let mut builder = Builder::new_current_thread();
        builder.max_blocking_threads(DOCUMENT_THREADS).build().map(Some).map(Self)
    }

    /// Returns where such work is given to.
    pub(crate) fn handle(&self) -> Option<Handle> {
        self.0.as_ref().map(|runtime| runtime.handle().clone())
    }
}

impl Drop for DocumentThreads {
    fn drop(&mut self) {
        // Whatever thread has it last: none may wait for what still runs.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// So much may be under way at one time: in all, and of one client.
#[derive(Debug)]
pub(crate) struct Shares {
    /// The parts that there are.
    all: Arc<Semaphore>,
    /// The parts that each client may still have.
    clients: Arc<Mutex<Clients>>,
    /// Parts that one client may have.
    each: usize,
    /// The time for which one is waited for.
    wait: Duration,
}

/// A part of a share, given back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    /// The one that has it.
    client: Client,
    /// The account that it is given back to.
    clients: Arc<Mutex<Clients>>,
    /// Of what the client may have, and of all; nothing while they are waited for.
    held: Option<[OwnedSemaphorePermit; 2]>,
}

/// The shares of clients that have a part, or wait for one.
type Clients = HashMap<Client, Arc<Semaphore>>;

impl Shares {
    /// So many parts in all, of which a client has half.
    pub(crate) fn halved(all: usize, wait: Duration) -> Self {
        let each = all.div_ceil(2).max(1);
        Self { all: Arc::new(Semaphore::new(all)), clients: Arc::default(), each, wait }
    }

    /// Waits for a part of a client's share.
    ///
    /// # Errors
    /// `Overloaded` where none came free in time.
    pub(crate) async fn take(&self, client: Client) -> Result<Share> {
        let of_client = {
            let mut clients = lock(&self.clients);
            let entry = clients.entry(client.clone());
            Arc::clone(entry.or_insert_with(|| Arc::new(Semaphore::new(self.each))))
        };
        // From here on the client is forgotten with the last of its parts, also one never had.
        let mut share = Share { client, clients: Arc::clone(&self.clients), held: None };
        let waited = timeout(self.wait, async {
            let of_client = of_client.acquire_owned().await;
            (of_client, Arc::clone(&self.all).acquire_owned().await)
        });
        // The semaphores are never closed.
        if let Ok((Ok(of_client), Ok(of_all))) = waited.await {
            share.held = Some([of_client, of_all]);
            return Ok(share);
        }
        Err(Error::refused(
            Condition::Overloaded,
            "Too much that takes long is under way already; try again when it is done.",
        ))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut clients = lock(&self.clients);
        drop(self.held.take());
        // The map's own alone: nobody has a part, and nobody waits for one.
        if clients.get(&self.client).is_some_and(|its| Arc::strong_count(its) == 1) {
            clients.remove(&self.client);
        }
    }
}

/// The shares, also behind a panic.
fn lock(clients: &Mutex<Clients>) -> MutexGuard<'_, Clients> {
    clients.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Threads of each pool that may do work at one time that takes as long as a folder is large: so
/// few that those who ask for little always find another.
const LONG_WORK_A_THREAD: usize = 4;

/// Threads of all pools together that disks may hold that are slow: so few that the pool of one
/// thread has as many left, were all of them in that one.
const SLOW_DISKS_THREADS: usize = 16;

/// Threads of each pool that may compute at one time what is only read: not so many that the thread
/// that serves waits for its turn behind them, or for a lock that one of them holds (also of the
/// allocator) while it waits for its own.
const READING_A_THREAD: usize = 4;

/// Documents that are changed in memory at one time: one of a client's, and one of others.
const DOCUMENT_THREADS: usize = 2;

/// The time for which a part of a share is waited for.
const SHARE_WAIT: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> Client {
        Client::User(name.into())
    }

    #[tokio::test]
    async fn a_client_has_half_and_no_more() {
        let shares = Shares::halved(4, Duration::from_millis(20));
        let held = [shares.take(user("ann")).await, shares.take(user("ann")).await];
        assert!(held.iter().all(Result::is_ok));
        assert!(shares.take(user("ann")).await.is_err());
        assert!(shares.take(user("bob")).await.is_ok(), "nobody waits for another's share");
        drop(held);
        assert!(shares.take(user("ann")).await.is_ok());
        assert!(lock(&shares.clients).is_empty(), "who has nothing is forgotten");
    }

    #[tokio::test]
    async fn there_is_so_much_and_no_more() {
        let shares = Shares::halved(2, Duration::from_millis(20));
        let held = [shares.take(user("ann")).await, shares.take(user("bob")).await];
        assert!(shares.take(user("cid")).await.is_err());
        drop(held);
        assert!(shares.take(user("cid")).await.is_ok());
    }

    #[tokio::test]
    async fn who_waits_gets_what_comes_free() {
        let shares = Arc::new(Shares::halved(2, Duration::from_secs(30)));
        let held = shares.take(user("ann")).await.unwrap();
        let next = {
            let shares = Arc::clone(&shares);
            tokio::spawn(async move { shares.take(user("ann")).await.is_ok() })
        };
        tokio::task::yield_now().await;
        drop(held);
        assert!(next.await.unwrap());
    }
}
