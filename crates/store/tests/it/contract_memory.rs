//! The contract, on the store in memory.

use methodical_store::{
    contract::{Fixture, Setup},
    memory::{MemoryOptions, MemoryStore},
    testing::{EPOCH, ticking},
};

fn open(setup: &Setup) -> Fixture {
    let Setup { hidden, mac_junk, tombstones_max } = *setup;
    let options = MemoryOptions { hidden, mac_junk, tombstones_max, ..MemoryOptions::default() };
    Fixture::new(MemoryStore::new(options, ticking(EPOCH)))
}

methodical_store::store_contract!(open);
