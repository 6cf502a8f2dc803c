//! The moving of a tunnel's octets, over either protocol (RFC 9110 section 9.3.6).
//!
//! The rules for tunnels were asked before; what comes here is a connected socket with bounds. From
//! TCP to TCP the kernel moves the octets (`splice`); where TLS or a Unix socket is on one side
//! they are copied (`copy`); over HTTP/2 they are DATA frames (`over_http2`). `meter` counts and
//! ends all three alike.

mod copy;
pub mod meter;
pub(crate) mod over_http1;
pub(crate) mod over_http2;
mod splice;
