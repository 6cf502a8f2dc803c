//! The server's own parsers of HTTP/1.1, taken from its sources: they need neither its runtime nor
//! its store, and so neither does the fuzzer.
#![allow(dead_code, reason = "the server uses more of its parsers than a target does")]

#[path = "../../../crates/wire/src/http1/body.rs"]
pub(crate) mod body;
#[path = "../../../crates/wire/src/http1/head.rs"]
pub(crate) mod head;
