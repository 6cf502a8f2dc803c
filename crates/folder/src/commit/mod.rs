//! A transaction: what it changes so far, and how all of it comes to the disk at once.

pub(crate) mod apply;
pub(crate) mod changes;
pub(crate) mod deleting;
pub(crate) mod done;
pub(crate) mod fact_changes;
pub(crate) mod intent;
pub(crate) mod moving;
pub(crate) mod name_changes;
pub(crate) mod op;
mod step;
mod told_ids;
