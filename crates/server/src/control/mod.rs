//! The operator's own way to a server that runs: a Unix socket in the folder's `.methodical`, on
//! which one line asks and one line answers.
//!
//! ```text
//! > break-lock urn:uuid:00000000-0000-4000-8000-000000000001
//! < broken /photos/sea.txt
//! ```
//! A server that may write listens there as soon as there is such a folder, which the first lock
//! makes. Nobody is heard but root and the user that the server runs as: the file is the owner's
//! alone, and the kernel tells who is at the other end. It is in no part of what HTTP can name.

mod client;
mod server;
mod socket;
mod words;

pub use client::{Unanswered, break_lock};
pub(crate) use server::serve;
