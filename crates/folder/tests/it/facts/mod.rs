//! Facts, and what other programs do to what they are about.

mod ids;
mod inodes;
mod ledger;
mod mirror;
mod reconcile;
