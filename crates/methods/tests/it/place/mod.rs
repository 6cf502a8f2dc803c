//! Where a request writes.

mod forms;
mod ordering;
