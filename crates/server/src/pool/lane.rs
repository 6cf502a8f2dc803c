//! The way of a request's work to the pool: at once, or where a disk is slow, by a queue.
//!
//! A disk that does not answer holds whatever thread asks it. All such disks together have a few
//! threads of the pool, so that work elsewhere finds others, and of these a client has half. Who
//! waits for one holds none.

use std::{io, sync::Arc};

use methodical_content::{Pull, waiting::is_behind};
use methodical_methods::request::Request;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    header::{destination, if_},
    path::Path,
};
use methodical_store::{store::Store, work::Wanted};
use methodical_wire::pool::{self, Pulled};
use tokio::runtime::Handle;

use crate::{
    pool::shares::{Client, Share, Shares},
    pool::turns::turn,
};

/// The way of one request to the pool. By default that for disks that read fast.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lane(Option<Queue>);

/// The queue before slow disks.
#[derive(Debug, Clone)]
struct Queue {
    /// Places on slow disks.
    shares: Arc<Shares>,
    /// The one whose places are counted.
    client: Client,
}

impl Lane {
    /// That of a client's request, which may have to do with any of the shared disks that are slow.
    pub(crate) fn of(
        store: &dyn Store,
        (request, client): (&Request, &Client),
        shares: &Arc<Shares>,
    ) -> Self {
        let queue = || Queue { shares: Arc::clone(shares), client: client.clone() };
        Self(meets_slow_disks(store, request).then(queue))
    }

    /// Returns whether the request may have to do with a disk that is slow: nothing of it is done
    /// by an event loop then.
    pub(crate) fn is_slow(&self) -> bool {
        self.0.is_some()
    }

    /// Runs on the thread's bounded pool, once it is its turn. Dropped, the work ends as soon as
    /// that can be.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        run: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run_on(None, run).await
    }

    /// As [`Self::run`], on the pool of another runtime if one is given.
    pub(crate) async fn run_on<T: Send + 'static>(
        &self,
        other: Option<Handle>,
        run: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let share = self.share().await?;
        let wanted = Wanted::default();
        let work = wanted.work();
        let run = move || {
            // It is given back by the thread that had it, whoever still waits.
            let _until_done = share;
            work.done_by(run)
        };
        let done = other.unwrap_or_else(Handle::current).spawn_blocking(run).await;
        drop(wanted);
        done.map_err(Error::failed)?
    }

    /// Takes a place, where one is needed. A disk that is known not to answer is not waited for.
    async fn share(&self) -> Result<Option<Share>> {
        let Some(Queue { shares, client }) = &self.0 else { return Ok(None) };
        if is_behind() {
            let detail = "A disk does not answer; try again when it does.";
            return Err(Error::refused(Condition::Overloaded, detail));
        }
        shares.take(client.clone()).await.map(Some)
    }
}

impl pool::Lane for Lane {
    /// Reads what is no work that can be given up.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let share = self.share().await.map_err(io::Error::other)?;
        let reading = move || {
            let _until_done = share;
            read()
        };
        tokio::task::spawn_blocking(reading).await.map_err(io::Error::other)?
    }

    /// Makes the next piece, as soon as few others of this thread are made.
    async fn pull(&self, mut pull: Box<dyn Pull>) -> io::Result<Pulled> {
        // What may hang on a slow disk takes no turn from others; it waits for its share.
        let turn = if self.is_slow() { None } else { Some(turn().await?) };
        let pulling = move || {
            let _until_done = turn;
            Ok((pull.pull(), pull))
        };
        self.read(pulling).await
    }
}

/// Returns whether a request may have to do with a disk that is slow: at its target, or wherever it
/// leads.
fn meets_slow_disks(store: &dyn Store, request: &Request) -> bool {
    if store.reads_fast(&Path::root()) {
        return false;
    }
    let names = |name: &str| request.fields.contains_key(name);
    names(destination::NAME) || names(if_::NAME) || !store.reads_fast(request.path())
}
