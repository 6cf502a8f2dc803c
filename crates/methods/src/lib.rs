//! What each of the registered HTTP methods does: one file a method, one row a file.

pub mod admission;
pub mod content;
pub mod cost;
pub mod memory;
pub mod method;
pub mod methods;
pub mod place;
pub mod properties;
pub mod reply;
pub mod reports;
pub mod request;
pub mod table;

pub use table::METHODS;
