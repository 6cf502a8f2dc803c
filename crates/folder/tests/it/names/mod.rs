//! Names: links, secrets, listings and disks that are mounted inside.

mod arranged;
mod links;
mod listing;
pub(crate) mod mounts;
mod secrets;
