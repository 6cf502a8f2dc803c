//! What is guaranteed, shown on a real server: a process of its own, on a folder of its own.

mod abort;
pub(crate) mod client;
mod counter;
mod crash;
mod crash_tree;
mod idle;
mod outside;
pub(crate) mod process;
mod race;
