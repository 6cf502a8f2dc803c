//! The mirror: one file a method.

mod connect;
mod copy;
mod delete;
mod get;
mod head;
pub(crate) mod link;
pub(crate) mod lock;
mod mkcol;
mod move_;
mod options;
pub(crate) mod orderpatch;
mod patch;
mod post;
mod propfind;
mod proppatch;
mod put;
mod report;
mod trace;
mod unlink;
mod unlock;
