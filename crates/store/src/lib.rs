//! A folder as a store of resources whose every write is all or nothing.
//!
//! [`view::View`] and [`transaction::Transaction`] are the only doors: a `View` has nothing that
//! writes, and every write of a `Transaction` lies inside the footprint that was guarded for it.

pub mod content;
pub mod guard;
pub mod resource;
pub mod store;
pub mod transaction;
pub mod view;
