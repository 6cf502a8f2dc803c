//! Readings of connections, without a server.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what does not hold here is a test that fails"
)]

mod differential;
