//! How what is read for an answer comes to the pool of threads.

use std::io;

use bytes::Bytes;
use methodical_content::Pull;
use methodical_semantics::error::Result;

/// The way of what is read to the pool.
pub trait Lane {
    /// Reads on the pool.
    ///
    /// # Errors
    /// What reading fails for.
    fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> impl Future<Output = io::Result<T>>;

    /// Makes the next piece.
    ///
    /// # Errors
    /// When nobody makes it.
    fn pull(&self, pull: Box<dyn Pull>) -> impl Future<Output = io::Result<Pulled>>;
}

/// The next piece, and where those behind it come from.
pub type Pulled = (Result<Option<Bytes>>, Box<dyn Pull>);
