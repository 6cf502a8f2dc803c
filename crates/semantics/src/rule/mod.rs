//! Decisions: values in, a verdict out.

pub mod conditional;
pub mod negotiating;
pub mod patching;
