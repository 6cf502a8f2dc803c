//! The HTTP server around the table of methods: the only async crate.

pub mod config;
pub mod limits;
mod serve;

pub use serve::serve;
