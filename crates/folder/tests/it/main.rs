//! Tests of the store on a folder.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected must stop")]

mod bytes;
mod commit;
mod contract;
mod facts;
mod faults;
mod folder;
mod model;
mod names;
mod open;
mod state;
mod work;
