//! The commands, a file each.
//!
//! Each reads its own arguments. Most return their output as text, which `main` writes; what cannot
//! be done is returned as a [`crate::failure::Failure`], which `main` says and turns into the exit
//! code.

pub(crate) mod check;
pub(crate) mod examine;
pub(crate) mod explain;
pub(crate) mod health;
pub(crate) mod locks;
pub(crate) mod manual;
pub(crate) mod methods;
pub(crate) mod print;
pub(crate) mod serve;
pub(crate) mod token;
