//! The contract, on folders of all kinds.

use methodical_folder::{Durability, FolderOptions};
use methodical_store::contract::{Fixture, Setup};

use crate::folder::{Disk, options};

mod usual {
    fn open(setup: &super::Setup) -> super::Fixture {
        super::open(super::Disk::Usual, setup, &super::options())
    }

    methodical_store::store_contract!(open);
}

mod synced {
    fn open(setup: &super::Setup) -> super::Fixture {
        let durability = super::Durability::Full;
        let options = super::FolderOptions { durability, ..super::options() };
        super::open(super::Disk::Usual, setup, &options)
    }

    methodical_store::store_contract!(open);
}

mod without_links {
    fn open(setup: &super::Setup) -> super::Fixture {
        let options = super::FolderOptions { follow_symlinks: false, ..super::options() };
        super::open(super::Disk::Usual, setup, &options)
    }

    methodical_store::store_contract!(open);
}

mod with_named_files_only {
    fn open(setup: &super::Setup) -> super::Fixture {
        super::open(super::Disk::NamedFilesOnly, setup, &super::options())
    }

    methodical_store::store_contract!(open);
}

mod on_disks_apart {
    fn open(setup: &super::Setup) -> super::Fixture {
        super::open(super::Disk::Apart, setup, &super::options())
    }

    methodical_store::store_contract!(open);
}

fn open(disk: Disk, setup: &Setup, options: &FolderOptions) -> Fixture {
    let Setup { hidden, mac_junk, tombstones_max } = *setup;
    disk.open(FolderOptions { hidden, mac_junk, tombstones_max, ..options.clone() })
}
