//! The bytes of files: taking them in, copying them, keeping them, and telling one state of them
//! from another.
//!
//! The rules of all of them: a file is never written in place; its new bytes are on the disk before
//! they bear a name, unless durability is relaxed; and a change that another program makes
//! meanwhile is seen by the file's identity, not by reading it.

pub(crate) mod carrying;
pub(crate) mod copying;
pub(crate) mod identity;
pub(crate) mod permissions;
pub(crate) mod stage;
pub(crate) mod syncing;
