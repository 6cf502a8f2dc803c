//! Open files: how many the process may have, and what they are for.
//!
//! A file, a connection and a pipe each take a descriptor, of which the system gives a process so
//! many and no more. They are shared out once, at the start, so that no use of them ends another:
//! connections, files that requests have open, files that are kept open for the next request,
//! tunnels, and a reserve, so that health, metrics and logins stay possible.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use methodical_methods::{
    method::{Method, Run},
    request::Request,
};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::{
    log::say,
    pool::shares::Client,
    request::form::boundary::{self, PARTS_MAX},
};

/// The shares of the process's descriptors.
#[derive(Debug)]
pub(crate) struct Descriptors {
    /// Connections.
    connections: usize,
    /// Files that each of the threads keeps open.
    pub(crate) kept: usize,
    /// Tunnels.
    pub(crate) tunnels: usize,
    /// The files that requests have open.
    pub(crate) files: Arc<Files>,
}

impl Descriptors {
    /// Those that the system gives this process, for so many threads; as many as it may have.
    pub(crate) fn of_process(threads: usize) -> Self {
        raise();
        let limit = getrlimit(Resource::Nofile).current;
        Self::of(
            limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(COUNTED_MAX),
            threads,
        )
    }

    /// Those of a limit.
    pub(crate) fn of(limit: usize, threads: usize) -> Self {
        let limit = limit.min(COUNTED_MAX);
        let part = |of_all: usize, most: usize| (limit / PARTS * of_all).clamp(1, most);
        let (files, kept) = (part(FILES_PARTS, FILES_MAX), part(KEPT_PARTS, KEPT_MAX));
        let (tunnels, reserve) =
            (part(TUNNELS_PARTS, TUNNELS_MAX), part(RESERVE_PARTS, RESERVE_MAX));
        Self {
            connections: limit.saturating_sub(files + kept + tunnels + reserve).max(1),
            kept: (kept / threads.max(1)).max(1),
            tunnels: tunnels / TUNNEL_COST,
            files: Arc::new(Files::of(files)),
        }
    }

    /// Returns what the admin listener may take of the reserve.
    pub(crate) fn to_administer(&self) -> Self {
        let files = Arc::clone(&self.files);
        Self { connections: ADMIN_CONNECTIONS, kept: 1, tunnels: 0, files }
    }

    /// Connections at one time, of which an operator wants so many; of one client, so many. Where
    /// there are fewer in all, a client has half of them, unless one may have all.
    pub(crate) fn connections(&self, (all, each): (usize, usize)) -> (usize, usize) {
        let total = all.min(self.connections);
        let most = if each >= all { total } else { total.div_ceil(2) };
        (total, each.min(most))
    }
}

/// The account of files that requests have open, in all and of each client.
///
/// As long as less than half of it is taken nobody is asked whose that is; of the rest nobody has
/// more than half.
#[derive(Debug)]
pub(crate) struct Files {
    /// Files that all may have open together.
    most: usize,
    /// Files that are open, or may be.
    taken: AtomicUsize,
    /// The same of each client, counted only while they are scarce.
    clients: Mutex<HashMap<Client, usize>>,
}

/// The files that one request may have open; given back when dropped.
#[derive(Debug)]
pub(crate) struct Open {
    /// The account that it is given back to.
    files: Arc<Files>,
    /// Files of this request.
    count: usize,
    /// Whose it is, where that was asked.
    client: Option<Client>,
}

impl Files {
    /// An account of so many files, of which none is open.
    fn of(most: usize) -> Self {
        Self { most, taken: AtomicUsize::new(0), clients: Mutex::default() }
    }

    /// Lets a request have what it takes open.
    ///
    /// # Errors
    /// `Overloaded` where there is none, or its client has its share.
    pub(crate) fn take(self: &Arc<Self>, request: &Request, client: &Client) -> Result<Open> {
        // No request takes more than its client may ever have.
        let count = cost(request).min((self.most / 4).max(1));
        self.open(count, client).ok_or_else(|| {
            let detail = "Too many files are open; try again in a moment.";
            Error::refused(Condition::Overloaded, detail)
        })
    }

    /// Takes files for a request. Up to half of all nobody is counted; beyond, a client may have a
    /// quarter, so that none keeps the rest from the others.
    fn open(self: &Arc<Self>, count: usize, client: &Client) -> Option<Open> {
        let before = self.taken.fetch_add(count, Ordering::Relaxed);
        let mut open = Open { files: Arc::clone(self), count, client: None };
        if before + count <= self.most / 2 {
            return Some(open);
        }
        if before + count > self.most {
            return None;
        }
        let mut clients = self.clients();
        let its = clients.entry(client.clone()).or_default();
        let fits = *its + count <= (self.most / 4).max(1);
        // Counted also where it does not fit, as it is given back in any case.
        *its += count;
        drop(clients);
        open.client = Some(client.clone());
        fits.then_some(open)
    }

    /// The counts of clients, also behind a panic.
    fn clients(&self) -> MutexGuard<'_, HashMap<Client, usize>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Open {
    /// A client's own count is lowered only where it was counted.
    fn drop(&mut self) {
        self.files.taken.fetch_sub(self.count, Ordering::Relaxed);
        let Some(client) = &self.client else { return };
        let mut clients = self.files.clients();
        if let Some(its) = clients.get_mut(client) {
            *its -= self.count;
            if *its == 0 {
                clients.remove(client);
            }
        }
    }
}

/// Returns what a request has open at one time, as long as it is answered.
fn cost(request: &Request) -> usize {
    let Method { run, .. } = request.method;
    match (run, boundary::of(request)) {
        (_, Ok(Some(_))) => FORM_COST,
        (Run::Read(_), _) if !request.target.slash => FILE_COST,
        _ => WORK_COST,
    }
}

/// Raises the limit as far as the system lets it be raised.
fn raise() {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            say(format_args!("the number of open files stays limited: {error}"));
        }
    }
}

/// Descriptors are shared out in sixteenths; what is beyond the most that a use needs is for
/// connections, which have the six that remain of few.
const PARTS: usize = 16;
/// The number of files that requests have open.
const FILES_PARTS: usize = 6;
/// A thousand requests at one time that write or list.
const FILES_MAX: usize = 4096;
/// Files that are kept open for the next request.
const KEPT_PARTS: usize = 1;
/// As many as answers are kept by a thread.
const KEPT_MAX: usize = 1024;
/// Tunnels.
const TUNNELS_PARTS: usize = 1;
/// A thousand tunnels.
const TUNNELS_MAX: usize = 1024 * TUNNEL_COST;
/// The reserve: listeners, the ledger, the log, the admin listener, what is open for a moment only.
const RESERVE_PARTS: usize = 2;
/// Many times what these take.
const RESERVE_MAX: usize = 1024;

/// Descriptors of a tunnel beside its client's: the connection to its host, and a pipe's two ends.
const TUNNEL_COST: usize = 3;
/// Of a request that reads a file: it, and its folder for a moment.
const FILE_COST: usize = 2;
/// Of a request that writes or lists: what is staged, what it takes the place of, their folders; or
/// the folders that a walk has open, however deep it goes.
const WORK_COST: usize = methodical_store::walk::LEVELS_OPEN_MAX;
/// Of a form: each of its files is staged before any is placed.
const FORM_COST: usize = PARTS_MAX;
/// Connections to the admin listener, out of the reserve.
const ADMIN_CONNECTIONS: usize = 16;
/// Descriptors beyond which nobody counts: more than the kernel gives by default.
const COUNTED_MAX: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> Client {
        Client::User(name.into())
    }

    fn take(files: &Arc<Files>, name: &str) -> Vec<Open> {
        std::iter::from_fn(|| files.open(1, &user(name))).collect()
    }

    #[test]
    fn nobody_has_all_open_files() {
        let files = Arc::new(Files::of(16));
        let anns = take(&files, "ann");
        assert_eq!(anns.len(), 12, "half, and half of the rest");
        let bobs = take(&files, "bob");
        assert_eq!(bobs.len(), 4);
        assert!(take(&files, "cid").is_empty());
        drop(bobs);
        assert_eq!(take(&files, "cid").len(), 4);
        drop(anns);
        assert_eq!(files.taken.load(Ordering::Relaxed), 0);
        assert!(files.clients().is_empty(), "who has nothing is forgotten");
    }

    #[test]
    fn all_shares_together_are_less_than_the_limit() {
        for limit in [64, 256, 1024, 20_000, 1 << 20] {
            let shares = Descriptors::of(limit, 2);
            let tunnels = shares.tunnels * TUNNEL_COST;
            let taken = shares.connections + shares.files.most + shares.kept * 2 + tunnels;
            assert!(taken <= limit - (limit / 8).min(RESERVE_MAX), "{taken} of {limit}");
        }
    }

    #[test]
    fn ten_thousand_idle_clients_have_room_beside_what_works() {
        assert!(Descriptors::of(20_000, 2).connections > 12_000);
    }

    #[test]
    fn an_operators_smaller_limits_count() {
        let shares = Descriptors::of(1024, 2);
        assert_eq!(shares.connections((20_000, 10_000)), (384, 192));
        assert_eq!(shares.connections((5, 1)), (5, 1));
        assert_eq!(shares.connections((20_000, 2)), (384, 2));
        // Who lets one client have all lets it have all that there is.
        assert_eq!(shares.connections((20_000, 20_000)), (384, 384));
    }
}
