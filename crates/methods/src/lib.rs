//! What each of the registered HTTP methods does: one file a method, one row a file.

pub mod admit;
pub mod compliance;
pub mod cost;
pub mod creation;
pub mod destination;
mod junk;
pub mod listing;
pub mod locking;
pub mod memory;
pub mod method;
pub mod methods;
pub mod naming;
pub mod patching;
pub mod policy;
pub mod principal;
pub mod privilege;
pub mod properties;
pub mod receive;
pub mod reply;
pub mod reports;
pub mod representation;
pub mod request;
pub mod table;

pub use table::METHODS;
