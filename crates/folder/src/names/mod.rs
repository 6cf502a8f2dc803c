//! The names in the folder: finding what stands at one, and listing what stands below it.

pub(crate) mod arranged;
pub(crate) mod disks;
pub(crate) mod entries;
pub(crate) mod links;
pub(crate) mod listing;
pub(crate) mod look;
pub(crate) mod lookup_cache;
pub(crate) mod mounts;
pub(crate) mod outline;
pub(crate) mod secrets;
pub(crate) mod slow;
pub(crate) mod spelled;
pub(crate) mod stat;
pub(crate) mod survey;
pub(crate) mod tree;
