//! The contract, on a folder.

use methodical_store::{
    contract::{Fixture, Setup},
    folder::FolderOptions,
};

use crate::folder::{self, options};

fn open(setup: &Setup) -> Fixture {
    let (hidden, tombstones_max) = (setup.hidden, setup.tombstones_max);
    folder::open(FolderOptions { hidden, tombstones_max, ..options() })
}

methodical_store::store_contract!(open);
