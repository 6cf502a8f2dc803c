//! The probes, a file a group, named after the groups of the requirements.

pub(crate) mod conditional;
pub(crate) mod framing;
pub(crate) mod general;
pub(crate) mod get_head;
pub(crate) mod passive;
pub(crate) mod put;
pub(crate) mod range;
