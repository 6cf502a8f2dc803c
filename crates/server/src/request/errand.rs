//! A known request on its way to a store.
//!
//! It is made behind step 4, so holding one means that the client is known and counted.

use std::sync::Arc;

use methodical_methods::request::Request;
use methodical_store::store::Store;

use crate::pool::lane::Lane;

/// A request of which it is known who makes it, the store that it is about, and the way to that.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Errand<'r> {
    /// The request, which work on other threads shares.
    pub(crate) request: &'r Arc<Request>,
    /// The folder, or what lies over it.
    pub(crate) store: &'r Arc<dyn Store>,
    /// The way of its work to threads that may wait for the store.
    pub(crate) lane: &'r Lane,
}
