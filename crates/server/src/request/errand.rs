//! A known request on its way to a store.

use std::sync::Arc;

use methodical_methods::request::Request;
use methodical_store::store::Store;

use crate::pool::lane::Lane;

/// A request of which it is known who makes it, the store that it is about, and the way to that.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Errand<'r> {
    pub(crate) request: &'r Arc<Request>,
    /// The folder, or what lies over it.
    pub(crate) store: &'r Arc<dyn Store>,
    /// How work comes to threads that may wait for the store.
    pub(crate) lane: &'r Lane,
}
