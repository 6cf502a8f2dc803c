//! Where a request writes: its target, its `Destination`, and the names of new members.

pub mod destination;
pub mod member_names;
pub mod ordering;
pub mod target;
