//! The bytes of files: taking them in, copying them, keeping them, and telling one state of them
//! from another.

pub(crate) mod carrying;
pub(crate) mod copying;
pub(crate) mod identity;
pub(crate) mod permissions;
pub(crate) mod stage;
pub(crate) mod syncing;
