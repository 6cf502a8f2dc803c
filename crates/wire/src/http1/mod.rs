//! HTTP/1.1 and HTTP/1.0 (RFC 9112): heads, framing, answers.
//!
//! Our own, on `httparse`, since what it decides is what this server is about: heads that could be
//! read in two ways are refused with an answer that says why, TRACE sees the head as it came, and
//! `Expect` is answered after the request was judged.

pub(crate) mod body;
pub(crate) mod exchange;
pub(crate) mod head;
mod idle;
mod kept;
mod lingering_close;
mod manner;
pub(crate) mod reader;
#[doc(hidden)]
pub mod reading;
mod upgrade;
pub(crate) mod write;
