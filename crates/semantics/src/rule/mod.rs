//! Decisions: values in, a verdict out.

pub mod address;
pub mod caching;
pub mod conditional;
pub mod locking;
pub mod negotiating;
pub mod ordering;
pub mod patching;
pub mod privilege;
pub mod reference;
pub mod tunnelling;
