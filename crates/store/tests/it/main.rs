//! Tests of the doors and of the store in memory.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected must stop")]

mod contract_memory;
mod guard;
mod memory;
mod transaction;
mod walk;
