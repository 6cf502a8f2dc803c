//! What moves the octets of a tunnel, over either protocol.

mod copy;
pub mod meter;
pub(crate) mod over_http1;
pub(crate) mod over_http2;
mod splice;
