//! Answers that are made piece by piece, on the pool.
//!
//! An answer that is made on the way out (an archive, a list) takes a thread of the pool for each
//! piece and gives it back while the piece is sent: a client that reads slowly holds none.

use std::{io, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Waits for a turn to make a piece on the pool of this thread.
///
/// # Errors
/// Never, while the thread runs.
pub(crate) async fn turn() -> io::Result<OwnedSemaphorePermit> {
    TURNS.with(Arc::clone).acquire_owned().await.map_err(io::Error::other)
}

thread_local! {
    /// The turns of this thread's answers.
    static TURNS: Arc<Semaphore> = Arc::new(Semaphore::new(PULLING_MAX));
}

/// Threads of the pool of each thread that make pieces at one time. More of them make nothing
/// sooner, and the thread that serves would wait for its turn behind them, or for a lock that one
/// of them holds (also of the allocator) while it waits for its own.
const PULLING_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use bytes::Bytes;
    use methodical_content::Pull;
    use methodical_semantics::error::Result;

    use super::*;
    use crate::pool::lane::Lane;
    use methodical_wire::pool::Lane as _;

    /// Says how many of its kind are asked at one time, at the most.
    #[derive(Debug)]
    struct Counted(Arc<[AtomicUsize; 2]>);

    impl Pull for Counted {
        fn pull(&mut self) -> Result<Option<Bytes>> {
            let [now, most] = &*self.0;
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            for _ in 0..100 {
                std::thread::yield_now();
            }
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(None)
        }
    }

    #[tokio::test]
    async fn few_pieces_are_made_at_one_time_and_all_in_the_end() {
        let counts = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let lane = Lane::default();
        let many = (0..200).map(|_| lane.pull(Box::new(Counted(Arc::clone(&counts)))));
        for made in futures_util::future::join_all(many).await {
            assert!(matches!(made.unwrap().0, Ok(None)));
        }
        assert!((1..=PULLING_MAX).contains(&counts[1].load(Ordering::SeqCst)), "{counts:?}");
    }
}
