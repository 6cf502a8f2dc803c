//! Bytes of files: taken in, copied, and told from one another.

mod beginning;
mod copying;
mod identity;
mod stage;
