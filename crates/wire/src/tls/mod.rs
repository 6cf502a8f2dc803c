//! TLS as a kind of socket: the handshake, and what is sealed behind it.
//!
//! The certificates are the server's (`certificates`); here is one session on one socket, and the
//! names of protocols that a handshake may agree on (ALPN).

pub(crate) mod accept;
pub(crate) mod stream;

/// The name of HTTP/2 (RFC 7301 section 6, RFC 9113 section 3.2).
pub const HTTP2: &[u8] = b"h2";

/// The name of HTTP/1.1 (RFC 7301 section 6).
pub const HTTP1: &[u8] = b"http/1.1";

/// The name of what an authority asks with whether a name is ours (RFC 8737 section 6.2): nothing
/// is said behind the handshake.
pub const ACME: &[u8] = b"acme-tls/1";
