//! One file a method.

pub mod get;
pub mod head;
pub mod options;
pub mod trace;
