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
pub mod tls;
#[doc(hidden)]
pub mod wire;

mod access_log;
mod addresses;
mod admin;
mod answer;
mod bad_head;
mod browsers;
mod busy;
mod caller;
mod clock;
mod connection;
mod descriptors;
mod desk;
mod folder;
mod form;
mod forwarded;
mod gathered;
mod hot;
mod http1;
mod http2;
mod incoming;
mod lane;
mod lingering;
mod listening;
mod live;
mod message;
mod metrics;
mod odd_names;
mod orders;
mod own;
mod pace;
mod pipeline;
mod pool;
mod prepared;
mod proxy_protocol;
mod pulling;
mod receive;
mod redirect;
mod rewrite;
mod room;
mod say;
mod service;
mod socket;
mod target;
mod ticket;
mod tunnel;
mod turned_away;
mod upgrade;
mod worker;

pub use serve::{serve, serve_until};
