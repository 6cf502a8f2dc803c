//! Resources beneath a root, whose every write is all or nothing.
//!
//! [`view::View`] and [`transaction::Transaction`] are the only doors: a `View` has nothing that
//! writes, and every write of a `Transaction` lies inside the footprint that was guarded for it.

pub mod beginning;
#[cfg(feature = "testing")]
pub mod contract;
pub mod facts;
#[cfg(feature = "testing")]
pub mod faulty;
pub mod guard;
pub mod locking;
pub mod memory;
pub mod names;
pub mod properties;
pub mod resource;
pub mod store;
#[cfg(feature = "testing")]
pub mod stuck;
pub mod sync;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transaction;
pub mod view;
pub mod walk;
pub mod work;
