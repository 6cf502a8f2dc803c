//! What is judged before a method runs.

mod admit;
mod conditional;
mod dotted;
mod explained;
mod locking;
mod mac_files;
pub(crate) mod rights;
