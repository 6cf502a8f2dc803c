//! One file a method.

pub mod delete;
pub mod get;
pub mod head;
pub mod mkcol;
pub mod options;
pub mod put;
pub mod trace;
