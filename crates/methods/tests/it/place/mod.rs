//! Where a request writes.

mod forms;
