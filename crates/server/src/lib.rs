//! The HTTP server around the table of methods: the only async crate.
//!
//! ```text
//! bytes -> parse -> target -> row -> who -> look -> body -> run -> answer -> send -> log
//! ```
//! [`serve()`] starts one single-threaded runtime per core; each deals with its connections
//! alone. What reads a file runs on it at once; what writes, or may take long, runs on a bounded
//! pool of threads.

pub mod certificates;
pub mod control;
pub mod limits;
pub mod login;
mod serve;
pub mod settings;

mod browsers;
mod clock;
mod descriptors;
mod log;
mod observe;
mod pool;
mod reloadable;
mod request;
mod reserved;
mod rewrite;
mod services;
mod signals;
mod tunnel;

pub use serve::{serve, serve_until};
