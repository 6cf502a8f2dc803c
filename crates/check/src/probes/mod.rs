//! The probes, a file a group, named after the groups of the requirements.
//!
//! A file has a table `PROBES` of rows and, below it, what its rows share. A row is read from the
//! top: what the server has to have (else the row does not apply), what is sent, what must hold.
//! `multistatus` has no rows: it reads what the rows of WebDAV get. The page of each file gives the
//! requirement of every row; the reason why people should care is in the row itself, since reports
//! show it.

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
