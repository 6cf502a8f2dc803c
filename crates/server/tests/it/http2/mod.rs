//! HTTP/2 (RFC 9113): with a client that keeps its rules, and with frames made by hand.

pub(crate) mod client;
mod content;
mod early;
mod endings;
mod floods;
pub(crate) mod frames;
mod kept;
mod malformed;
mod methods;
mod names;
mod stopping;
mod upgrade;
