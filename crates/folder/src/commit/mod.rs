//! A transaction: what it changes so far, and how all of it comes to the disk at once.
//!
//! The methods of `changes` judge each change when it is asked for, by the disk and by what was
//! changed before (`name_changes`, `fact_changes`), and note it as one step (`op`). The commit
//! makes one step alone (`apply`), or several by a journal (`intent`), which a later start goes on
//! with. What is done then waits for the disk (`done`), after the guard has been released to the
//! next in turn.

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
