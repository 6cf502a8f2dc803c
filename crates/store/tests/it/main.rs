//! Tests of the store.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected must stop")]

mod beginning;
mod contract_folder;
mod contract_memory;
mod faults;
mod folder;
mod guard;
mod memory;
mod model;
mod transaction;
mod walk;
mod work;
