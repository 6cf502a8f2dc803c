//! The probes, a file a group, named after the groups of the requirements.

pub(crate) mod conditional;
pub(crate) mod connect;
pub(crate) mod cors;
pub(crate) mod danger;
pub(crate) mod delete;
pub(crate) mod framing;
pub(crate) mod general;
pub(crate) mod get_head;
pub(crate) mod http2;
pub(crate) mod locking;
pub(crate) mod measured;
mod multistatus;
pub(crate) mod negotiation;
pub(crate) mod options;
pub(crate) mod passive;
pub(crate) mod patch;
pub(crate) mod post;
pub(crate) mod put;
pub(crate) mod query;
pub(crate) mod range;
pub(crate) mod trace;
pub(crate) mod webdav;
