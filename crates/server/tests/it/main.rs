//! A real server on a loopback port, and clients that send what they like.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what does not hold here is a test that fails"
)]

mod browsers;
mod caching;
mod dotted;
mod forms;
mod framing;
mod guarantees;
mod harness;
mod hidden;
mod http2;
mod limits;
mod login;
mod metrics;
mod mount;
mod named;
mod own;
mod principals;
mod sandboxed;
mod tls;
mod tunnel;
