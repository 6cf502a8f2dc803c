//! Tests of the store on a folder.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected must stop")]

mod beginning;
mod contract;
mod faults;
mod folder;
mod model;
mod work;
