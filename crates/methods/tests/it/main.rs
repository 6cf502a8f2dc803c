//! The mirror: one file a method, then the laws that hold for all of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, in its helper functions too"
)]

mod admission;
mod compile_fail;
mod content;
mod cost;
mod crowd;
mod failing;
mod generated;
mod laws;
mod memory;
mod methods;
mod model;
mod multistatus;
mod pages;
mod place;
mod reports;
mod world;
mod writing;
