//! One file a method.

pub mod connect;
pub mod copy;
pub mod delete;
pub mod get;
pub mod head;
pub mod lock;
pub mod mkcol;
pub mod move_;
pub mod options;
pub mod patch;
pub mod post;
pub mod propfind;
pub mod proppatch;
pub mod put;
pub mod report;
pub mod trace;
pub mod unlock;
