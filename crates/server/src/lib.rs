//! The HTTP server around the table of methods: the only async crate.
//!
//! ```text
//! bytes -> parse -> target -> row -> who -> look -> body -> run -> answer -> send -> log
//! ```
//! [`serve()`] starts one single-threaded runtime per core; each deals with its connections
//! alone. What reads a file runs on it at once; what writes, or may take long, runs on a bounded
//! pool of threads.

#![expect(clippy::self_named_module_files, reason = "four folders are about to be ordered")]

pub mod authenticate;
pub mod config;
pub mod control;
pub mod limits;
mod serve;
mod shares;
mod staged;
pub mod tls;

mod access_log;
mod admin;
mod answer;
mod browsers;
mod clock;
mod descriptors;
mod desk;
mod folder;
mod form;
mod forwarded;
mod hot;
mod lane;
mod live;
mod metrics;
mod odd_names;
mod orders;
mod own;
mod pipeline;
mod pulling;
mod receive;
mod redirect;
mod rewrite;
mod say;
mod target;
mod ticket;
mod tunnel;

pub use serve::{serve, serve_until};
