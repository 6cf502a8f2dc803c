//! Tests of the store.

mod contract_memory;
