//! The pool of threads: who has how much of it, and how work comes there.

pub(crate) mod lane;
pub(crate) mod shares;
pub(crate) mod turns;
