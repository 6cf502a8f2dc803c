//! The way of what is read for an answer to the pool of threads.
//!
//! The threads are the runtime's, the rules of their use the server's: it decides for each answer
//! whether it waits in a queue (a disk that is slow) or goes at once, and gives a [`Lane`] with its
//! ticket.

use std::io;

use bytes::Bytes;
use methodical_content::Pull;
use methodical_semantics::error::Result;

/// The way of what is read to the pool.
pub trait Lane {
    /// Reads on the pool.
    ///
    /// # Errors
    /// The error of reading.
    fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> impl Future<Output = io::Result<T>>;

    /// Makes the next piece.
    ///
    /// # Errors
    /// An error when nobody makes it.
    fn pull(&self, pull: Box<dyn Pull>) -> impl Future<Output = io::Result<Pulled>>;
}

/// The next piece, and where those behind it come from.
pub type Pulled = (Result<Option<Bytes>>, Box<dyn Pull>);
