//! The pool of threads: who has how much of it, and how work comes there.
//!
//! The runtime's pool is bounded; so whatever may wait there (for a disk, for another writer) first
//! takes a share here, on the event loop, where waiting costs no thread.

pub(crate) mod lane;
pub(crate) mod shares;
pub(crate) mod turns;
