//! The mirror: one file a method, then the laws that hold for all of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, in its helper functions too"
)]

mod admitted;
mod compile_fail;
mod conditional;
mod connect;
mod copy;
mod cost;
mod crowd;
mod delete;
mod dotted;
mod expand_property;
mod explained;
mod failing;
mod forms;
mod generated;
mod get;
mod head;
mod junk;
mod listing;
mod lock;
mod locking;
mod media_types;
mod memory;
mod mkcol;
mod model;
mod move_;
mod multistatus;
mod options;
mod pages;
mod patch;
mod patching;
mod post;
mod properties;
mod propfind;
mod proppatch;
mod put;
mod report;
mod rights;
mod sandboxed;
mod trace;
mod unlock;
mod world;
mod writing;
