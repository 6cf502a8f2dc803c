//! The mirror of `src/`: one file of tests a module.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, in its helper functions too"
)]

mod authority;
mod document;
mod footprint;
mod header;
mod lock;
mod media;
mod name;
mod network;
mod path;
mod path_map;
mod range;
mod rule;
mod timestamp;
mod xml;
